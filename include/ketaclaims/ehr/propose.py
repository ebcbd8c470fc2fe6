"""Proposes a profile for a report nobody described yet: the nearest one, how it differs, and a draft.

Only the header row is looked at. A first row that does not read as column names is not shown: it may be data.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from ketaclaims.ehr.header import LOOKED_AT_ROWS, top_records
from ketaclaims.ehr.profile import Match, Profile, Report, fold, held_columns, match_header, share
from ketaclaims.ehr.profile_build import all_profiles, shipped_specs
from ketaclaims.ehr.profile_spec import HeaderSpec, ProfileSpec, ReportSpec, TableSpec, ValueSpec
from ketaclaims.ehr.records import Row
from ketaclaims.ehr.workbook import cell_text, open_workbook, sheet_rows
from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.classify import classify
from ketaclaims.landing.zip_guard import ArchiveRefusedError
from ketaclaims.raw.contract import Issue

LIKENESS = 0.62  # of names, below which no column is suggested
LEAST_UNKNOWN_NAMES = 5  # a row of fewer names, none of them known, may as well be data
# how headers shorten words; only a likeness hangs on it
_SHORT = {
    "#": "number", "no": "number", "num": "number", "dx": "diagnosis", "mod": "modifier", "proc": "procedure",
    "cpt": "procedure code", "hcpcs": "procedure code", "dos": "service date", "pos": "place of service",
    "auth": "authorization", "dob": "birth date", "qty": "units", "charges": "charge", "amt": "amount",
    "pt": "patient", "prov": "provider", "visit": "encounter", "ins": "insurance",
}  # fmt: skip
_NAME = re.compile(r"""[^\W\d][\w .#/()%&:?$*'-]{0,127}""")


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a header compares with the nearest report.

    ``matched``: file column -> report column; ``suggested``: unknown file column -> missing report column its
    name resembles; ``unmapped``: file columns of no use yet; ``missing``: needed columns nothing resembles.
    """

    names: tuple[str, ...]
    row_number: int
    profile: Profile
    report: Report
    is_known: bool
    matched: Mapping[str, str]
    suggested: Mapping[str, str]
    unmapped: tuple[str, ...]
    missing: tuple[str, ...]


def propose(source: Path, own: Path | None = None) -> Proposal:
    """Compare a file's header with all profiles. KetaclaimsError NO_HEADER where it has no readable one."""
    known = all_profiles(own)
    reports = [(profile, report) for profile in known for report in profile.reports]
    rows = [row for row in _rows(source, known) if _reads_as_names(row.fields, reports)]
    if not rows:
        raise KetaclaimsError(
            "NO_HEADER",
            "No row at the top of the file reads as column names.",
            next_step="Export the report with its header row.",
        )
    row = max(rows, key=lambda row: max(share(fold(row.fields), report) for _, report in reports))
    found = match_header(row.fields, known)
    if isinstance(found, Match):
        return _compared(row, found.profile, found.report, is_known=True)
    profile, report = max(reports, key=lambda pair: _likeness(row.fields, pair[1]))
    return _compared(row, profile, report, is_known=False)


def _rows(source: Path, known: Sequence[Profile]) -> Iterator[Row]:
    if classify(source) == "xlsx":
        yield from _sheet_rows(source)
        return
    try:
        top = top_records(source, known)
    except UnicodeError:
        top = Issue("BAD_ENCODING", "error", "The byte order mark says UTF-16, but the file is not.")
    if isinstance(top, Issue):
        raise KetaclaimsError(top.code, top.message)
    yield from (record for record in top[1] if isinstance(record, Row))


def _sheet_rows(source: Path) -> Iterator[Row]:
    try:
        with open_workbook(source) as (values, _):
            for sheet in values.worksheets:
                for at, cells in enumerate(islice(sheet_rows(sheet), LOOKED_AT_ROWS), start=1):
                    fields = [cell_text(cell) for cell in cells]
                    yield Row(at, at, sum(map(len, fields)), [each for each in fields if each])
    except ArchiveRefusedError as refused:
        raise KetaclaimsError(refused.issue.code, refused.issue.message) from None


def _reads_as_names(cells: Sequence[str], reports: Sequence[tuple[Profile, Report]]) -> bool:
    named = sum(bool(_NAME.fullmatch(" ".join(cell.split()))) for cell in cells)
    if len(cells) < 2 or named < 0.9 * len(cells):
        return False
    is_known = any(held_columns(fold(cells), report) for _, report in reports)
    return is_known or len(cells) >= LEAST_UNKNOWN_NAMES


def _likeness(cells: Sequence[str], report: Report) -> float:
    """How much of header and needed columns is common or alike, of both together: 0 to 1."""
    names = fold(cells)
    strange = [name for name in names if not report.is_own(name)]
    missing = sorted(report.needed - held_columns(names, report))
    pairs = _suggested(strange, missing, report)
    similar = sum(_alike_column(name, wanted, report) for name, wanted in pairs.items())
    own = sum(report.is_own(name) for name in names)
    return (2 * own + 2 * similar) / (len(report.needed | held_columns(names, report)) + len(names))


def _compared(row: Row, profile: Profile, report: Report, *, is_known: bool) -> Proposal:
    names = fold(row.fields)
    strange = [name for name in names if not report.is_own(name)]
    missing = sorted(report.needed - held_columns(names, report))
    suggested = {} if is_known else _suggested(strange, missing, report)
    return Proposal(
        names=tuple(" ".join(cell.split()) for cell in row.fields),
        row_number=row.row_number,
        profile=profile,
        report=report,
        is_known=is_known,
        matched={name: report.columns[name] for name in names if name in report.columns},
        suggested=suggested,
        unmapped=tuple(name for name in strange if name not in suggested),
        missing=tuple(name for name in missing if name not in suggested.values()),
    )


def _suggested(strange: Sequence[str], missing: Sequence[str], report: Report) -> dict[str, str]:
    """The likeliest pairs of unknown and missing columns, each used once."""
    pairs = [(_alike_column(name, wanted, report), name, wanted) for name in strange for wanted in missing]
    found: dict[str, str] = {}
    for likeness, name, wanted in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if likeness >= LIKENESS and name not in found and wanted not in found.values():
            found[name] = wanted
    return found


def _alike_column(name: str, wanted: str, report: Report) -> float:
    """Likeness to the nearest of the names a report's column goes by."""
    return max(alike(name, spelled) for spelled, column in report.columns.items() if column == wanted)


def alike(first: str, second: str) -> float:
    """Likeness of two column names: of their letters, or of their words in any order; 0 to 1."""
    one, two = (_words(name) for name in (first, second))
    numbers = [{word for word in words if word.isdigit()} for words in (one, two)]
    if not one or not two or (all(numbers) and numbers[0] != numbers[1]):
        return 0.0  # Dx 1 is not Dx 2
    letters = SequenceMatcher(None, "".join(one), "".join(two)).ratio()
    words = 2 * len(set(one) & set(two)) / (len(set(one)) + len(set(two)))
    return max(letters, words)


@cache
def _words(name: str) -> list[str]:
    words = re.findall(r"[a-z]+|\d+|#", name.lower())
    return [word for each in words for word in _SHORT.get(each, each).split()]


def targets(report: Report, column: str) -> list[str]:
    """``table.column`` of everything a report's column goes to."""
    return [
        f"{output.table.name}.{name}"
        for output in report.outputs
        for name, value in output.values.items()
        if column in (*value.columns, value.fallback, value.weight)
    ]


def draft(proposal: Proposal, name: str) -> str:
    """A profile for the report as YAML, from the nearest one: to be read, corrected and kept by a person."""
    vendor = next((spec for spec in shipped_specs() if spec.name == proposal.profile.name), None)
    if vendor is None:
        spec = _from_canonical(proposal, name)
    else:
        label = proposal.report.label.removeprefix("report ")
        report = next(each for each in vendor.reports if each.name == label)
        spec = vendor.model_copy(
            update={
                "name": name,
                "version": "1",
                "title": f"Draft from {vendor.name}",
                "sources": {**vendor.sources, "draft": "proposed from the header alone"},
                "reports": (_adapted(report, proposal),),
            }
        )
    content = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for each in content["reports"]:
        for table in each["tables"]:
            table["columns"] = {key: _short(value) for key, value in table["columns"].items()}
    head = f"# Draft: check every line; docs/ehr_profiles.md explains the keys.\n{_open_points(proposal)}"
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def _short(value: Any) -> Any:
    return value["from"] if isinstance(value, dict) and set(value) == {"from"} else value


def _open_points(proposal: Proposal) -> str:
    return "".join(
        f"# No column found for: {name}. Add the report's name for it under `also`.\n"
        for name in proposal.missing
    )


def _adapted(report: ReportSpec, proposal: Proposal) -> ReportSpec:
    """The nearest report under the names of this file; columns that feed nothing required become optional."""
    by_fold = {fold([name])[0]: name for name in report.headers}
    also: dict[str, list[str]] = {}
    for strange, wanted in proposal.suggested.items():
        also.setdefault(by_fold[wanted], []).append(_spelled(proposal, strange))
    headers = {}
    for name, header in report.headers.items():
        is_absent = fold([name])[0] in proposal.missing and not _is_required(proposal.report, fold([name])[0])
        update = {"also": (*header.also, *also.get(name, ())), "optional": header.optional or is_absent}
        headers[name] = header.model_copy(update=update)
    for strange in proposal.unmapped:
        headers[_spelled(proposal, strange)] = HeaderSpec(
            mark="assumed", source="draft", optional=True, unused="not mapped yet"
        )
    return report.model_copy(update={"headers": headers})


def _is_required(report: Report, column: str) -> bool:
    return any(
        column in value.columns and canonical.is_required
        for output in report.outputs
        for canonical in output.table.columns
        if (value := output.values.get(canonical.name)) is not None
    )


def _spelled(proposal: Proposal, name: str) -> str:
    return next(each for each in proposal.names if fold([each])[0] == name)


def _from_canonical(proposal: Proposal, name: str) -> ProfileSpec:
    """A profile that maps the file's names to one canonical table."""
    table = proposal.report.outputs[0].table
    columns = {**proposal.matched, **proposal.suggested}
    headers = {
        _spelled(proposal, each): HeaderSpec(mark="assumed", source="draft")
        if each in columns
        else HeaderSpec(mark="assumed", source="draft", optional=True, unused="not mapped yet")
        for each in fold(proposal.names)
    }
    values: dict[str, str | ValueSpec] = {
        column: _spelled(proposal, each) for each, column in columns.items()
    }
    for column in table.columns:
        if column.is_required and column.name not in values:
            if column.name == "clinic_id":
                values["clinic_id"] = ValueSpec(setting="clinic_id")
            else:
                headers[column.name] = HeaderSpec(mark="assumed", source="draft")
                values[column.name] = column.name
    return ProfileSpec(
        name=name,
        version="1",
        title=f"Draft of {table.name}",
        source_system=name,
        sources={"draft": "proposed from the header alone"},
        reports=(
            ReportSpec(
                name=table.name,
                title=table.name,
                source="draft",
                headers=headers,
                tables=(TableSpec(table=table.name, columns=values),),
            ),
        ),
    )
