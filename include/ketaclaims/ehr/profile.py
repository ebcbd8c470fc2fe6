"""Export profiles: which reports a product writes, how its headers, dates and numbers look.

A profile is data (``profiles/<name>.yml``). The canonical profile has one report per canonical table.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ketaclaims.ehr.schema import CanonicalTable, canonical_tables

# a header sharing less than this with every report is not a known report at all
NEAREST_SHARE = 0.5
MAX_NAMED_COLUMNS = 20


@dataclass(frozen=True, slots=True)
class Forms:
    """How a profile writes values: ``patterns`` by column kind, ``forms`` the same in words."""

    patterns: Mapping[str, str]
    forms: Mapping[str, str]
    true_values: tuple[str, ...]
    false_values: tuple[str, ...]
    sentinel_dates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One kind of export file: header names (lower case) to canonical columns of one table."""

    table: CanonicalTable
    columns: Mapping[str, str]
    needed: frozenset[str]
    upper_case: frozenset[str] = frozenset()
    control_total: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A product's way of writing exports."""

    name: str
    version: str
    delimiters: tuple[str, ...]
    forms: Forms
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The report a header belongs to; ``positions`` maps canonical columns to header positions (from 0)."""

    profile: Profile
    report: Report
    positions: Mapping[str, int]
    extra_positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a header fits no report. Names our columns only: a file without a header has data there."""

    code: str
    message: str
    nearest: Report
    profile: Profile


def fold(header: Sequence[str]) -> list[str]:
    """Header cells as they are compared: trimmed, lower case."""
    return [cell.strip().lower() for cell in header]


def match_header(header: Sequence[str], profiles: Sequence[Profile]) -> Match | Refusal:
    """Find the one report whose needed columns a header holds, each once; order does not matter."""
    names = fold(header)
    held = frozenset(names)
    reports = [(profile, report) for profile in profiles for report in profile.reports]
    fits = [(p, r) for p, r in reports if r.needed <= held]
    if not fits:
        return _nearest(names, reports)
    fits.sort(key=lambda pair: len(held - pair[1].columns.keys()))
    profile, report = fits[0]
    rivals = [r for _, r in fits[1:] if len(held - r.columns.keys()) == len(held - report.columns.keys())]
    if rivals:
        tables = ", ".join(sorted({report.table.name, *(r.table.name for r in rivals)}))
        return Refusal(
            "AMBIGUOUS_REPORT", f"The header fits several tables equally: {tables}.", report, profile
        )
    counts = Counter(names)
    doubled = sorted(name for name in report.columns if counts[name] > 1)
    if doubled:
        where = f"Table {report.table.name}, profile {profile.name}"
        text = f"{where}: column given more than once: {', '.join(doubled)}."
        return Refusal("DUPLICATE_COLUMN", text, report, profile)
    positions = {report.columns[name]: at for at, name in enumerate(names) if name in report.columns}
    extra = tuple(at for at, name in enumerate(names) if name not in report.columns)
    return Match(profile, report, positions, extra)


def _nearest(names: Sequence[str], reports: Sequence[tuple[Profile, Report]]) -> Refusal:
    """Refuse a header, naming the report it shares most with and how they differ."""
    held = frozenset(names)

    def share(pair: tuple[Profile, Report]) -> float:
        needed = pair[1].needed
        return len(needed & held) / len(needed | (held - pair[1].columns.keys()))

    profile, report = max(reports, key=share)
    missing = sorted(report.needed - held)
    where = f"table {report.table.name}, profile {profile.name}"
    if share((profile, report)) >= NEAREST_SHARE:
        extra = [str(at) for at, name in enumerate(names, start=1) if name not in report.columns]
        text = f"Nearest: {where}. Missing: {', '.join(missing)}."
        if extra:
            text += f" Not of it: column {', '.join(extra[:MAX_NAMED_COLUMNS])}."
        return Refusal("MISSING_COLUMN", text, report, profile)
    text = f"No known report. Nearest: {where}, but these columns are missing: {', '.join(missing)}."
    return Refusal("UNKNOWN_REPORT", text, report, profile)


def _canonical_reports(spec: Mapping[str, Any]) -> tuple[Report, ...]:
    return tuple(
        Report(
            table=table,
            columns={column.name: column.name for column in table.columns},
            needed=table.needed,
            upper_case=frozenset(spec["upper_case"].get(name, ())),
            control_total=spec["control_totals"].get(name),
        )
        for name, table in canonical_tables().items()
    )


def parse_profile(spec: Mapping[str, Any]) -> Profile:
    """Build a profile from its YAML. ValueError names what is wrong with it."""
    if spec["reports"] != "canonical_tables":
        raise ValueError(f"profile {spec['name']}: reports must be canonical_tables")
    reports = _canonical_reports(spec)
    for key in ("upper_case", "control_totals"):
        unknown = set(spec[key]) - canonical_tables().keys()
        if unknown:
            raise ValueError(
                f"profile {spec['name']}: {key} names unknown tables: {', '.join(sorted(unknown))}"
            )
    for report in reports:
        named = report.upper_case | ({report.control_total} if report.control_total else set())
        if not named <= set(report.columns.values()):
            raise ValueError(f"profile {spec['name']}: unknown column set for table {report.table.name}")
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


@cache
def profiles() -> tuple[Profile, ...]:
    """All profiles shipped with the package, by file name."""
    folder = resources.files("ketaclaims.ehr").joinpath("profiles")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yml")), key=lambda f: f.name)
    return tuple(parse_profile(yaml.safe_load(f.read_text(encoding="utf-8"))) for f in files)
