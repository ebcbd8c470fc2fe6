"""What a vendor profile may say (``profiles/*.yml``), checked key by key; see docs/ehr_profiles.md.

Errors name the profile's file and the key, as in ``reports.0.tables.1.columns.mod9``.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketaclaims.ehr.date_forms import compile_form
from ketaclaims.ehr.number_forms import NumberForm
from ketaclaims.ehr.schema import CanonicalTable, canonical_tables
from ketaclaims.errors import KetaclaimsError

Conversion = Literal[
    "id", "code", "procedure", "procedures", "modifier", "dx", "dx_any", "dx_system", "pointer", "ndc",
    "dose_mg", "weight_kg", "bp_systolic", "bp_diastolic", "day",
]  # fmt: skip
SPLITTING = frozenset({"modifier", "dx", "dx_any", "dx_system", "pointer"})
Flag = Literal["clock_order", "future_service"]


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


def _form(text: str) -> str:
    compile_form(text)
    return text


def _zone(text: str) -> str:
    if text != "site":
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("neither `site` nor an IANA time zone") from None
    return text


Regex = Annotated[str, AfterValidator(_regex)]
DateForm = Annotated[str, AfterValidator(_form)]


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class HeaderSpec(_Spec):
    """One column of the report. ``mark``: is its name and meaning confirmed by ``source``, or assumed."""

    mark: Literal["confirmed", "assumed"]
    source: str | None = None
    also: tuple[str, ...] = ()
    optional: bool = False
    unused: str | None = None  # why it is not loaded


class ValueSpec(_Spec):
    """Where a canonical column's value comes from, and what is done with it, in order: map, as, suffix."""

    from_: str | None = Field(None, alias="from")
    or_: str | None = Field(None, alias="or")
    join: tuple[str, ...] = ()
    with_: str = Field(" ", alias="with")
    constant: str | None = None
    setting: Literal["clinic_id"] | None = None
    map: dict[str, str] = Field(default_factory=dict)
    as_: Conversion | None = Field(None, alias="as")
    part: int | None = Field(None, ge=1, le=12)
    width: int | None = Field(None, ge=1, le=12)
    weight: str | None = None
    unit: Literal["mg", "mcg", "g"] | None = None
    dates: tuple[DateForm, ...] = ()
    suffix: str = ""
    default: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "ValueSpec":
        given = [bool(self.from_), bool(self.join), self.constant is not None, self.setting is not None]
        if sum(given) != 1:
            raise ValueError("exactly one of from, join, constant and setting")
        if self.part and self.as_ not in SPLITTING:
            raise ValueError(f"part goes with as: {', '.join(sorted(SPLITTING))}")
        if (self.width is not None) != (self.as_ == "code"):
            raise ValueError("as: code and width belong together")
        if (self.weight or self.unit) and self.as_ != "dose_mg":
            raise ValueError("weight and unit go with as: dose_mg")
        if (self.or_ or self.weight) and not self.from_:
            raise ValueError("or and weight go with from")
        return self

    def headers(self) -> tuple[str, ...]:
        """The report columns it reads."""
        return tuple(name for name in (self.from_, self.or_, self.weight, *self.join) if name)


class TableSpec(_Spec):
    """Rows of one canonical table made from each row of the report; ``only_if`` its column has a value."""

    table: str
    distinct: bool = False
    only_if: str | None = None
    columns: dict[str, str | ValueSpec]

    def values(self) -> dict[str, ValueSpec]:
        """The column map, the short form ``column: Header`` written out."""
        return {
            name: ValueSpec.model_validate({"from": each}) if isinstance(each, str) else each
            for name, each in self.columns.items()
        }


class TestPatientSpec(_Spec):
    """Rows of test patients: ``pattern`` is found in one of ``headers``, in any letter case."""

    __test__ = False  # not a test case
    headers: tuple[str, ...]
    pattern: Regex


class NoShowSpec(_Spec):
    """A row with one of these values and an amount in ``charge`` is flagged."""

    header: str
    values: tuple[str, ...]
    charge: str


class ReportSpec(_Spec):
    """One report: how to know it, and the tables its rows become."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    source: str | None = None
    sheet: Regex | None = None
    header_rows: Literal[1, 2] = 1
    left_out: tuple[Regex, ...] = ()
    known: tuple[Regex, ...] = ()
    test_patients: TestPatientSpec | None = None
    flags: tuple[Flag, ...] = ()
    no_show: NoShowSpec | None = None
    headers: dict[str, HeaderSpec]
    tables: tuple[TableSpec, ...] = Field(min_length=1)


class NumberSpec(_Spec):
    """How numbers are written; ``dash``: what a lone dash stands for."""

    decimal: Literal[".", ","] = "."
    thousands: Literal[",", ".", " ", "'", ""] = ","
    currency: tuple[str, ...] = ("$", "USD")
    dash: Literal["bad", "zero", "empty"] = "bad"

    def form(self) -> NumberForm:
        """The same for the conversions."""
        return NumberForm(self.decimal, self.thousands, self.currency, self.dash)


class ProfileSpec(_Spec):
    """A product's way of writing reports."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str
    title: str
    source_system: str
    sources: dict[str, str]
    delimiters: tuple[str, ...] = (",", ";", "\t", "|")
    encodings: tuple[Literal["cp1252"], ...] = ()
    dates: tuple[DateForm, ...] = ()
    times: tuple[DateForm, ...] = ()
    first_year: int | None = Field(None, ge=1900, le=2050)
    time_zone: Annotated[str, AfterValidator(_zone)] = "site"
    numbers: NumberSpec = NumberSpec()
    empty_values: tuple[str, ...] = ()
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()
    sentinel_dates: tuple[str, ...] = ()
    reports: tuple[ReportSpec, ...] = Field(min_length=1)


def check_spec(raw: Any, where: str) -> ProfileSpec:
    """The spec of one profile. KetaclaimsError BAD_PROFILE names the file, the keys and the causes."""
    try:
        spec = ProfileSpec.model_validate(raw)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc'])) or 'profile'}: {e['msg']}" for e in error.errors()]
        raise bad_profile(where, faults) from None
    faults = list(_faults(spec))
    if faults:
        raise bad_profile(where, faults)
    return spec


def bad_profile(where: str, faults: list[str]) -> KetaclaimsError:
    """The error for a profile that cannot be used."""
    return KetaclaimsError(
        "BAD_PROFILE",
        "; ".join(faults[:10]),
        where=f"profile {where}",
        next_step="Correct the profile; docs/ehr_profiles.md explains every key.",
    )


def _faults(spec: ProfileSpec) -> Iterator[str]:
    forms = [*spec.dates, *spec.times]
    if spec.first_year is None and any("YY" in form.replace("YYYY", "") for form in forms):
        yield "dates: a form with YY needs first_year"
    if spec.numbers.decimal == spec.numbers.thousands:
        yield "numbers: decimal and thousands are the same"
    names = [report.name for report in spec.reports]
    if len(set(names)) < len(names):
        yield "reports: two reports have one name"
    for report in spec.reports:
        yield from (f"reports.{report.name}.{fault}" for fault in _report_faults(spec, report))


def _report_faults(spec: ProfileSpec, report: ReportSpec) -> Iterator[str]:
    spelled = [
        " ".join(n.split()).lower() for name, header in report.headers.items() for n in (name, *header.also)
    ]
    doubled = sorted({name for name in spelled if spelled.count(name) > 1})
    if doubled:
        yield f"headers: named twice: {', '.join(doubled)}"
    read = {name for table in report.tables for value in table.values().values() for name in value.headers()}
    special = {*(report.test_patients.headers if report.test_patients else ())}
    if report.no_show:
        special |= {report.no_show.header, report.no_show.charge}
    for name in sorted((read | special) - set(report.headers)):
        yield f"headers: {name!r} is used but not listed"
    for name, header in report.headers.items():
        source = header.source or report.source
        if source not in spec.sources:
            yield f"headers.{name}.source: no such key of sources"
        if (name in read) == (header.unused is not None):
            yield f"headers.{name}.unused: a column no table reads says why, one that is read does not"
    for table in report.tables:
        yield from (f"tables.{table.table}.{fault}" for fault in _table_faults(report, table))


def _table_faults(report: ReportSpec, spec: TableSpec) -> Iterator[str]:
    table = canonical_tables().get(spec.table)
    if table is None:
        yield "table: no such canonical table"
        return
    for name in sorted(set(spec.columns) - {column.name for column in table.columns}):
        yield f"columns.{name}: no such column of table {spec.table}"
    if spec.only_if and spec.only_if not in spec.columns:
        yield f"only_if: column {spec.only_if} is not mapped"
    yield from _required_faults(report, spec, table)


def _required_faults(report: ReportSpec, spec: TableSpec, table: CanonicalTable) -> Iterator[str]:
    """A column that may not be empty must come from somewhere that is always there."""
    values = spec.values()
    for column in table.columns:
        value = values.get(column.name)
        if not column.is_required:
            continue
        if value is None:
            yield f"columns.{column.name}: required by table {spec.table}, but not mapped"
        elif value.default is None and column.name != spec.only_if and not spec.only_if:
            optional = [n for n in value.headers() if n in report.headers and report.headers[n].optional]
            if optional and not value.or_:
                yield f"columns.{column.name}: required, but its column {optional[0]!r} is optional"
