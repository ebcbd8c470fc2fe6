"""What became of the resources of one file, and how its report says so."""

from collections import Counter
from dataclasses import dataclass, field

from ketaclaims.ehr.chunk import BadRow
from ketaclaims.ehr.fhir.scope import Notes
from ketaclaims.raw.contract import Issue, ReadContext

MAX_LINE_ISSUES = 50
_INFO = ("ROUNDED", "SENTINEL_DATE", "DATE_WITHOUT_TIME")
_NOTES = {
    "ROUNDED": "rounded to what the column holds",
    "SENTINEL_DATE": "stand for no date; emptied",
    "DATE_WITHOUT_TIME": "are dates without a time; taken as midnight of that day, without offset",
    "PARTIAL_DATE": "lack month or day; left empty",
    "BAD_DATE": "are no date; left empty",
    "BAD_TIMESTAMP": "are no time; left empty",
    "BAD_NUMBER": "are no number the column can hold; left empty",
    "UNIT_NOT_CONVERTED": "have a unit that cannot be converted; left empty",
    "UNMAPPED_VALUE": "have no canonical value (fhir_map.yml); left empty",
    "NDC_AMBIGUOUS": "are NDCs without hyphens or digits enough to be read as 11 digits; left empty",
    "FIELD_TOO_LONG": "are longer than a field may be; left empty",
}


@dataclass(slots=True)
class Tally:
    """Resources of one file by outcome. A Bundle counts as its entries."""

    mapped: int = 0
    kept: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (resource type, reason, column)
    quarantined: int = 0
    lines: int = 0
    notes: Notes = field(default_factory=Notes)
    issues: list[Issue] = field(default_factory=list)

    @property
    def good(self) -> int:
        """Resources that were taken, one way or the other."""
        return self.mapped + self.kept.total()

    def is_too_bad(self, resources: int, context: ReadContext) -> bool:
        """Whether more are bad than the settings tolerate among so many."""
        return self.quarantined > max(context.max_bad_rows_tolerated, context.max_bad_row_share * resources)

    def quarantine(self, bad: BadRow) -> None:
        """Count a line that could not be read; the first ones are told one by one."""
        self.quarantined += 1
        if self.quarantined <= MAX_LINE_ISSUES:
            message = f"Line {bad.line_number}: {bad.message}"
            self.issues.append(Issue(bad.reason, "warning", message, row_number=bad.row_number))

    def report(self) -> tuple[Issue, ...]:
        """All issues: lines not read, the account of resources, what was kept and why, values not taken."""
        account = Issue(
            "FHIR_RESOURCES",
            "info",
            f"{self.good + self.quarantined} resources on {self.lines} lines: {self.mapped} mapped, "
            f"{self.kept.total()} kept in fhir_resource_other, {self.quarantined} quarantined.",
        )
        return (*self.issues, account, *self._kept(), *self._values())

    def _kept(self) -> list[Issue]:
        return [
            Issue(
                "RESOURCE_KEPT",
                "warning" if reason == "missing_value" else "info",
                f"{count} {kind} resources are kept as they are: {reason}{f' {where}' if where else ''}.",
                element=where or None,
            )
            for (kind, reason, where), count in sorted(self.kept.items())
        ]

    def _values(self) -> list[Issue]:
        return [
            Issue(
                code,
                "info" if code in _INFO else "warning",
                f"{count} values of {where} {_NOTES[code]}. "
                f"First on line {self.notes.first_lines[code, where]}.",
                element=where,
            )
            for (code, where), count in sorted(self.notes.counts.items())
        ]
