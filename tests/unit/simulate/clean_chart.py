"""One clinic's exports read back and indexed, without any code of the simulator."""

from collections import defaultdict
from datetime import date, datetime
from functools import cached_property

from simulate_support import Simulation

Rows = list[dict[str, str]]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class Chart:
    """One clinic's exports, indexed."""

    def __init__(self, practice: Simulation, clinic: str) -> None:
        self.practice, self.clinic = practice, clinic

    def rows(self, table: str, *key: str) -> Rows:
        return (
            self.practice.newest(self.clinic, table, *key)
            if key
            else self.practice.exports(self.clinic, table)
        )

    @cached_property
    def encounters(self) -> dict[str, dict[str, str]]:
        return {row["encounter_id"]: row for row in self.rows("encounter")}

    @cached_property
    def claims(self) -> dict[str, dict[str, str]]:
        return self.practice.judged_claims(self.clinic)

    @cached_property
    def lines(self) -> Rows:
        judged = {(c["claim_id"], c["version"]) for c in self.claims.values()}
        return [r for r in self.rows("claim_line") if (r["claim_id"], r["version"]) in judged]

    @cached_property
    def doses(self) -> Rows:
        return [r for r in self.rows("administration") if r["status"] == "completed"]

    @cached_property
    def payer_of(self) -> dict[str, dict[str, str]]:
        return {r["patient_id"]: r for r in self.rows("coverage", "coverage_id") if r["priority"] == "1"}

    def patient_of(self, encounter_id: str) -> str:
        return self.encounters[encounter_id]["patient_id"]

    def by(self, rows: Rows, *columns: str) -> dict[tuple[str, ...], Rows]:
        grouped: defaultdict[tuple[str, ...], Rows] = defaultdict(list)
        for row in rows:
            grouped[tuple(row[column] for column in columns)].append(row)
        return dict(grouped)

    @cached_property
    def courses(self) -> dict[str, Rows]:
        """Patient -> Spravato doses in order."""
        grouped: defaultdict[str, Rows] = defaultdict(list)
        for row in sorted(self.doses, key=lambda r: r["start_at"]):
            if row["drug"] == "esketamine":
                grouped[self.patient_of(row["encounter_id"])].append(row)
        return dict(grouped)

    @cached_property
    def seen(self) -> dict[str, list[date]]:
        """Patient -> days seen in person by psychiatry."""
        days: defaultdict[str, list[date]] = defaultdict(list)
        for row in self.encounters.values():
            if row["specialty"] == "psychiatry" and row["mode"] == "in_person":
                days[row["patient_id"]].append(moment(row["start_at"]).date())
        return days
