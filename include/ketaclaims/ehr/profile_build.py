"""Profiles from YAML to what the readers use: the canonical one, the vendors', and a user's own folder."""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from ketaclaims.ehr.conversions import Splits, conversion
from ketaclaims.ehr.date_forms import Clock
from ketaclaims.ehr.profile import Forms, Output, Profile, Report, RowRules, Value, fold
from ketaclaims.ehr.profile_spec import ProfileSpec, ReportSpec, TableSpec, ValueSpec, bad_profile, check_spec
from ketaclaims.ehr.schema import canonical_tables
from ketaclaims.errors import KetaclaimsError

CANONICAL = "canonical"
# conversions that may change more than the spelling of a value: its original text is kept beside
_REPAIRS = frozenset(
    {"id", "code", "procedure", "procedures", "modifier", "dx", "dx_any", "ndc", "dose_mg", "weight_kg"}
)


def parse_profile(spec: Mapping[str, Any]) -> Profile:
    """Build the canonical profile from its YAML. ValueError names what is wrong with it."""
    if spec["reports"] != "canonical_tables":
        raise ValueError(f"profile {spec['name']}: reports must be canonical_tables")
    for key in ("upper_case", "control_totals"):
        unknown = set(spec[key]) - canonical_tables().keys()
        if unknown:
            raise ValueError(
                f"profile {spec['name']}: {key} names unknown tables: {', '.join(sorted(unknown))}"
            )
    reports = _canonical_reports(spec)
    for report in reports:
        (output,) = report.outputs
        named = output.upper_case | ({output.control_total} if output.control_total else set())
        if not named <= set(report.columns.values()):
            raise ValueError(f"profile {spec['name']}: unknown column set for {report.label}")
    return Profile(
        name=spec["name"],
        version=str(spec["version"]),
        delimiters=tuple(spec["delimiters"]),
        forms=Forms(
            patterns=dict(spec["patterns"]),
            forms=dict(spec["forms"]),
            true_values=tuple(spec["true_values"]),
            false_values=tuple(spec["false_values"]),
            sentinel_dates=tuple(str(day) for day in spec["sentinel_dates"]),
        ),
        reports=reports,
    )


def _canonical_reports(spec: Mapping[str, Any]) -> tuple[Report, ...]:
    return tuple(
        Report(
            label=f"table {name}",
            columns={column.name: column.name for column in table.columns},
            needed=table.needed,
            outputs=(
                Output(
                    table=table,
                    values={column.name: Value((column.name,)) for column in table.columns},
                    upper_case=frozenset(spec["upper_case"].get(name, ())),
                    control_total=spec["control_totals"].get(name),
                ),
            ),
        )
        for name, table in canonical_tables().items()
    )


def build_profile(spec: ProfileSpec, canonical: Profile) -> Profile:
    """A vendor profile. Its version carries a hash of its content, so no edit goes without a new version."""
    base = canonical.forms
    content = json.dumps(spec.model_dump(mode="json"), sort_keys=True).encode()
    words = {
        "date": " or ".join(spec.dates or ("CCYY-MM-DD",)),
        "timestamp": " or ".join(spec.times or ("CCYY-MM-DDTHH:MM",)),
    }
    forms = Forms(
        patterns=base.patterns,
        forms={**base.forms, **words},
        true_values=(*base.true_values, *(value.lower() for value in spec.true_values)),
        false_values=(*base.false_values, *(value.lower() for value in spec.false_values)),
        sentinel_dates=(*base.sentinel_dates, *spec.sentinel_dates),
    )
    return Profile(
        name=spec.name,
        version=f"{spec.version}+{hashlib.sha256(content).hexdigest()[:8]}",
        delimiters=spec.delimiters,
        forms=forms,
        reports=tuple(_report(spec, report, canonical) for report in spec.reports),
        fallback_encoding=spec.encodings[0] if spec.encodings else "",
    )


def _report(spec: ProfileSpec, report: ReportSpec, canonical: Profile) -> Report:
    names = {name: fold([name])[0] for name in report.headers}
    columns = {
        spelled: names[name]
        for name, header in report.headers.items()
        for spelled in fold([name, *header.also])
    }
    outputs = tuple(_output(spec, report, table, names, canonical) for table in report.tables)
    return Report(
        label=f"report {report.name}",
        columns=columns,
        needed=frozenset(names[name] for name, header in report.headers.items() if not header.optional),
        outputs=outputs,
        known=re.compile("|".join(report.known), re.IGNORECASE) if report.known else None,
        sheet=re.compile(report.sheet, re.IGNORECASE) if report.sheet else None,
        has_group_row=report.header_rows == 2,
        rules=_rules(spec, report, names, outputs),
    )


def _rules(
    spec: ProfileSpec, report: ReportSpec, names: Mapping[str, str], outputs: tuple[Output, ...]
) -> RowRules:
    first = outputs[0]
    required = [column.name for column in first.table.columns if column.is_required]
    identity = {column for name in required for column in first.values[name].columns}
    test, no_show = report.test_patients, report.no_show
    return RowRules(
        left_out=re.compile("|".join(report.left_out), re.IGNORECASE) if report.left_out else None,
        identity=tuple(sorted(identity)),
        test_columns=tuple(names[name] for name in test.headers) if test else (),
        test_pattern=test.pattern if test else "",
        no_show_column=names[no_show.header] if no_show else "",
        no_show_values=tuple(value.lower() for value in no_show.values) if no_show else (),
        no_show_charge=names[no_show.charge] if no_show else "",
        empty_values=tuple(value.lower() for value in spec.empty_values),
        flags=frozenset(report.flags),
    )


def _output(
    spec: ProfileSpec, report: ReportSpec, table: TableSpec, names: Mapping[str, str], canonical: Profile
) -> Output:
    known = next(r.outputs[0] for r in canonical.reports if r.outputs[0].table.name == table.table)
    kinds = {column.name: column.kind for column in known.table.columns}
    splits = _splits(report)
    values = {name: _value(spec, value, kinds[name], names, splits) for name, value in table.values().items()}
    values.setdefault("source_system", Value(constant=spec.source_system))
    return Output(
        table=known.table,
        values=values,
        upper_case=known.upper_case,
        control_total=known.control_total if known.control_total in values else None,
        only_if=table.only_if,
        is_distinct=table.distinct,
    )


def _splits(report: ReportSpec) -> Splits:
    """How many parts of a cell the report maps, by column: a cell with more would lose some."""
    most: dict[str, int] = {}
    for table in report.tables:
        for value in table.values().values():
            if value.from_ and value.part:
                most[value.from_] = max(most.get(value.from_, 1), value.part)
    return most


def _value(spec: ProfileSpec, value: ValueSpec, kind: str, names: Mapping[str, str], splits: Splits) -> Value:
    clock = Clock(
        dates=value.dates or spec.dates,
        times=spec.times,
        first_year=spec.first_year,
        zone=None if spec.time_zone == "site" else ZoneInfo(spec.time_zone),
    )
    has_source = bool(value.from_ or value.join)
    return Value(
        columns=tuple(names[name] for name in ((value.from_,) if value.from_ else value.join)),
        between=value.with_,
        fallback=names[value.or_] if value.or_ else None,
        weight=names[value.weight] if value.weight else None,
        constant=value.constant,
        is_clinic=value.setting == "clinic_id",
        convert=conversion(value, kind, clock, spec.numbers.form(), splits) if has_source else None,
        is_repair=value.as_ in _REPAIRS,
        suffix=value.suffix,
        default=value.default,
    )


def read_profile(text: str, where: str) -> Profile:
    """A vendor profile from the text of its file. KetaclaimsError BAD_PROFILE."""
    return build_profile(read_spec(text, where), canonical_profile())


def read_spec(text: str, where: str) -> ProfileSpec:
    """The checked content of a vendor profile's file. KetaclaimsError BAD_PROFILE."""
    try:
        raw = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        raise bad_profile(where, [f"{place}not YAML"]) from None
    return check_spec(raw, where)


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def canonical_profile() -> Profile:
    """The profile of the canonical CSV."""
    file = resources.files("ketaclaims.ehr").joinpath("profiles", f"{CANONICAL}.yml")
    return parse_profile(yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader))


@cache
def profiles() -> tuple[Profile, ...]:
    """All profiles shipped with the package: the canonical one, then the others by file name."""
    return (canonical_profile(), *(build_profile(spec, canonical_profile()) for spec in shipped_specs()))


@cache
def shipped_specs() -> tuple[ProfileSpec, ...]:
    """What the shipped vendor profiles say, by file name."""
    folder = resources.files("ketaclaims.ehr").joinpath("profiles")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yml")), key=lambda f: f.name)
    others = [f for f in files if f.name != f"{CANONICAL}.yml"]
    return tuple(read_spec(f.read_text(encoding="utf-8"), f.name) for f in others)


def all_profiles(own: Path | None = None) -> tuple[Profile, ...]:
    """The shipped profiles and those of a user's folder. KetaclaimsError BAD_PROFILE, PROFILES_MISSING."""
    if own is None:
        return profiles()
    try:
        files = sorted(path for path in own.iterdir() if path.suffix in (".yml", ".yaml"))
        stamps = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    except OSError:
        raise KetaclaimsError(
            "PROFILES_MISSING",
            "The folder of your own profiles cannot be read.",
            where=str(own),
            next_step="Correct KETACLAIMS_PROFILES_DIR, or unset it.",
        ) from None
    return _with_own(stamps)


@cache
def _with_own(stamps: tuple[tuple[Path, int, int], ...]) -> tuple[Profile, ...]:
    own = [read_profile(path.read_text(encoding="utf-8"), path.name) for path, _, _ in stamps]
    names = [profile.name for profile in (*profiles(), *own)]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise bad_profile(", ".join(doubled), ["name: another profile has this name"])
    return (*profiles(), *own)
