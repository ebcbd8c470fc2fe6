"""Export profiles as the readers use them: which reports a product writes and which tables they become.

A profile is data (``profiles/<name>.yml``). The canonical profile has one report per canonical table; the
others are vendor reports, see ``profile_spec`` for what they may say and ``profile_build`` for the way here.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ketaclaims.ehr.bad_text import Convert
from ketaclaims.ehr.schema import CanonicalTable

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
class Value:
    """How one canonical column is made: the text of ``columns``, joined by ``between`` where several.

    Without columns it is ``constant``, or the input's clinic where ``is_clinic``. ``fallback`` is the column
    read where the first is empty. ``convert`` makes canonical text of distinct texts; ``is_repair``: what it
    changes is kept beside, in ``repaired_value``.
    """

    columns: tuple[str, ...] = ()
    between: str = " "
    fallback: str | None = None
    weight: str | None = None
    constant: str | None = None
    is_clinic: bool = False
    convert: Convert | None = None
    is_repair: bool = False
    suffix: str = ""
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """Rows of one canonical table, at most one per row of the report.

    ``only_if``: a canonical column without which no row is made; ``is_distinct``: a row equal to the one
    before it is made once (a claim's data repeated on each of its lines).
    """

    table: CanonicalTable
    values: Mapping[str, Value]
    upper_case: frozenset[str] = frozenset()
    control_total: str | None = None
    only_if: str | None = None
    is_distinct: bool = False


@dataclass(frozen=True, slots=True)
class RowRules:
    """What is done with whole rows of a report; empty for canonical tables.

    ``left_out`` is tried on the first filled cell of rows that lack a value of ``identity``.
    """

    left_out: re.Pattern[str] | None = None
    identity: tuple[str, ...] = ()
    test_columns: tuple[str, ...] = ()
    test_pattern: str = ""
    no_show_column: str = ""
    no_show_values: tuple[str, ...] = ()
    no_show_charge: str = ""
    empty_values: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Report:
    """One kind of export file. ``columns``: every known header spelling (folded) to the report's column."""

    label: str  # "table claim", "report charges": as messages name it
    columns: Mapping[str, str]
    needed: frozenset[str]
    outputs: tuple[Output, ...]
    known: re.Pattern[str] | None = None  # further headers that are the report's own, but not loaded
    sheet: re.Pattern[str] | None = None
    has_group_row: bool = False
    rules: RowRules = RowRules()

    def is_own(self, name: str) -> bool:
        """Whether a folded header is one of this report's."""
        return name in self.columns or bool(self.known and self.known.fullmatch(name))


@dataclass(frozen=True, slots=True)
class Profile:
    """A product's way of writing exports. ``fallback_encoding``: of bytes that are not UTF-8."""

    name: str
    version: str
    delimiters: tuple[str, ...]
    forms: Forms
    reports: tuple[Report, ...]
    fallback_encoding: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """The report a header belongs to; ``positions`` maps its columns to header positions (from 0)."""

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
    """Header cells as they are compared: white space made one blank, lower case."""
    return [" ".join(cell.split()).lower() for cell in header]


def match_header(header: Sequence[str], profiles: Sequence[Profile]) -> Match | Refusal:
    """Find the one report whose needed columns a header holds, each once; order does not matter."""
    names = fold(header)
    reports = [(profile, report) for profile in profiles for report in profile.reports]
    fits = [(p, r) for p, r in reports if r.needed <= held_columns(names, r)]
    if not fits:
        return _nearest(names, reports)
    fits.sort(key=lambda pair: len(_strange(names, pair[1])))
    profile, report = fits[0]
    rivals = [r for _, r in fits[1:] if len(_strange(names, r)) == len(_strange(names, report))]
    if rivals:
        labels = sorted({report.label, *(r.label for r in rivals)})
        tables = "tables" if all(label.startswith("table ") for label in labels) else "reports"
        named = ", ".join(label.split(" ", 1)[1] for label in labels)
        return Refusal(
            "AMBIGUOUS_REPORT", f"The header fits several {tables} equally: {named}.", report, profile
        )
    return _match(names, profile, report)


def _match(names: Sequence[str], profile: Profile, report: Report) -> Match | Refusal:
    columns = report.columns
    counts = Counter(columns[name] for name in names if name in columns)
    doubled = sorted(name for name, count in counts.items() if count > 1)
    if doubled:
        where = f"{report.label[0].upper()}{report.label[1:]}, profile {profile.name}"
        text = f"{where}: column given more than once: {', '.join(doubled)}."
        return Refusal("DUPLICATE_COLUMN", text, report, profile)
    positions = {columns[name]: at for at, name in enumerate(names) if name in columns}
    extra = tuple(at for at, name in enumerate(names) if not report.is_own(name))
    return Match(profile, report, positions, extra)


def held_columns(names: Sequence[str], report: Report) -> frozenset[str]:
    """The report's columns that a folded header holds."""
    return frozenset(report.columns[name] for name in names if name in report.columns)


def _strange(names: Sequence[str], report: Report) -> frozenset[str]:
    return frozenset(name for name in names if not report.is_own(name))


def share(names: Sequence[str], report: Report) -> float:
    """How much of a folded header and of a report's needed columns is common to both: 0 to 1."""
    common = report.needed & held_columns(names, report)
    return len(common) / max(1, len(report.needed) + len(_strange(names, report)))


def _nearest(names: Sequence[str], reports: Sequence[tuple[Profile, Report]]) -> Refusal:
    """Refuse a header, naming the report it shares most with and how they differ."""
    profile, report = max(reports, key=lambda pair: share(names, pair[1]))
    missing = sorted(report.needed - held_columns(names, report))
    where = f"{report.label}, profile {profile.name}"
    if share(names, report) >= NEAREST_SHARE:
        extra = [str(at) for at, name in enumerate(names, start=1) if not report.is_own(name)]
        text = f"Nearest: {where}. Missing: {', '.join(missing)}."
        if extra:
            text += f" Not of it: column {', '.join(extra[:MAX_NAMED_COLUMNS])}."
        return Refusal("MISSING_COLUMN", text, report, profile)
    text = f"No known report. Nearest: {where}, but these columns are missing: {', '.join(missing)}."
    return Refusal("UNKNOWN_REPORT", text, report, profile)
