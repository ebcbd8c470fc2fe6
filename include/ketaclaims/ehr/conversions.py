"""The conversion of one canonical column of a vendor report, put together from its value spec."""

from collections.abc import Callable, Mapping

from ketaclaims.ehr import code_repairs as codes
from ketaclaims.ehr import dose_text
from ketaclaims.ehr.bad_text import BadTextError, Convert
from ketaclaims.ehr.date_forms import Clock, date_reader, time_reader
from ketaclaims.ehr.number_forms import NumberForm, decimal_reader, integer_reader, money_reader
from ketaclaims.ehr.profile_spec import ValueSpec

Splits = Mapping[str, int]  # report column -> how many parts of its cells are mapped


def conversion(
    spec: ValueSpec, kind: str, clock: Clock, numbers: NumberForm, splits: Splits
) -> Convert | None:
    """Cell text to canonical text: by the map; what it does not hold by ``as``, or by the column's kind."""
    inner = _by_as(spec, clock, splits) if spec.as_ else _by_kind(kind, clock, numbers)
    if not spec.map:
        return inner
    table = {" ".join(key.split()).lower(): value for key, value in spec.map.items()}

    def convert(text: str) -> str | None:
        known = table.get(" ".join(text.split()).lower())
        if known is not None:
            return known
        return inner(text) if inner else text

    return convert


def _by_kind(kind: str, clock: Clock, numbers: NumberForm) -> Convert | None:
    """Text, lists and booleans are taken as they are; the cast checks them."""
    match kind:
        case "date":
            return date_reader(clock)
        case "timestamp":
            return time_reader(clock)
        case "money":
            return money_reader(numbers)
        case "decimal":
            return decimal_reader(numbers)
        case "int":
            return integer_reader(numbers)
        case _:
            return None


def _by_as(spec: ValueSpec, clock: Clock, splits: Splits) -> Convert:
    most = splits.get(spec.from_ or "", 1)
    split = _SPLIT.get(spec.as_ or "")
    if split:
        return _part(split, (spec.part or 1) - 1, most)
    match spec.as_:
        case "code":
            width = spec.width or 0
            return lambda text: codes.padded(text, width)
        case "dose_mg":
            return lambda text: dose_text.dose_mg(text, spec.unit)
        case "day":
            return time_reader(clock, takes_dates=True)
        case _:
            return _WHOLE[spec.as_ or ""]


def _part(split: Callable[[str], list[str]], at: int, most: int) -> Convert:
    def convert(text: str) -> str | None:
        parts = split(text)
        if len(parts) > most:
            raise BadTextError("TOO_MANY_VALUES")
        return parts[at] if at < len(parts) else None

    return convert


_SPLIT: Mapping[str, Callable[[str], list[str]]] = {
    "modifier": codes.modifiers,
    "pointer": codes.pointers,
    "dx": codes.icd_diagnoses,
    "dx_any": lambda text: [code for _, code in codes.diagnoses(text)],
    "dx_system": lambda text: [system for system, _ in codes.diagnoses(text)],
}
_WHOLE: Mapping[str, Convert] = {
    "id": codes.plain_id,
    "procedure": codes.procedure,
    "procedures": codes.procedures,
    "ndc": codes.ndc,
    "weight_kg": dose_text.weight_kg,
    "bp_systolic": lambda text: codes.blood_pressure(text)[0],
    "bp_diastolic": lambda text: codes.blood_pressure(text)[1],
}
