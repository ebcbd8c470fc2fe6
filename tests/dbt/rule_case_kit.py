"""Cases of coding rules: a hit, a near miss and an unknown, written as a few rows of one patient's chart.

All cases of all topics share one warehouse and one judging run; each has its own patient, and its own clinic
or payer where it asks for one. See docs/writing_a_rule.md.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import rule_cases
from chart_rows import DAY, Row, administration, claim, coverage, encounter, line, prior_auth, site
from money_rows import Payment, remit_rows

HIT, NEAR, UNKNOWN = "fail", "no finding", "not_evaluable"
Rows = dict[str, list[Row]]


class Chart:
    """The rows of one case. Every id begins with the case's, so a finding tells its case."""

    def __init__(self, case_id: str, rows: Rows) -> None:
        self.case_id = case_id
        self.clinic_id = "c1"
        self._rows = rows
        self._counts: dict[str, int] = {}
        self._has_coverage = False

    def add(self, table: str, row: Row) -> Row:
        """Any row of a canonical table; clinic and patient are filled in where the row leaves them out."""
        known = {"clinic_id": self.clinic_id}
        if table in {"patient", "observation", "medication_trial", "notice", "rems_form", "prior_auth"}:
            known |= {} if table == "rems_form" else {"patient_id": self.case_id}
        self._rows.setdefault(table, []).append({**known, **row})
        return self._rows[table][-1]

    def own_clinic(self) -> None:
        """A clinic of its own, which delivers nothing but this case: say so first."""
        self.clinic_id = self.case_id
        self.add("site", site(clinic_id=self.clinic_id))

    def coverage(self, payer: str = "aetna", lob: str | None = "commercial", **given: Any) -> None:
        """The patient's coverage; without it a case is covered by aetna, commercial."""
        self._has_coverage = True
        self.add("coverage", coverage(self.case_id, payer, lob, clinic_id=self.clinic_id, **given))  # type: ignore[arg-type]

    def policies(self, lob: str = "commercial", **parameters: str) -> None:
        """Coverage by a payer of its own with these policies, in force since 2020."""
        self.coverage(self.case_id, lob)
        for parameter, value in parameters.items():
            policy = {"payer_id": self.case_id, "line_of_business": lob, "parameter": parameter}
            self.add("payer_policy", {**policy, "value": value, "valid_from": date(2020, 1, 1)})

    def send(self, tables: Rows) -> None:
        """The rows of one 837P claim; all cases share a file, so transactions are numbered on."""
        number = len(self._rows.get("billed_transaction", [])) + 1
        for table, rows in tables.items():
            self._rows.setdefault(table, []).extend({**row, "st_index": number} for row in rows)

    def answer(self, *payments: Payment) -> None:
        """Payments of one 835 each; all cases share a file, so transactions are numbered on."""
        for payment in payments:
            number = len(self._rows.get("remittance", [])) + 1
            for table, rows in remit_rows(payment).items():
                self._rows.setdefault(table, []).extend({**row, "st_index": number} for row in rows)

    def visit(self, on: date = DAY, **given: Any) -> str:
        """An encounter at nine; returns its id."""
        number = self._next("e")
        row = encounter(number, self.case_id, on, clinic_id=self.clinic_id, **given)
        self.add("encounter", row)
        return number

    def session(
        self, dose: str | None = "56", on: date = DAY, *, visit: Row | None = None, **given: Any
    ) -> str:
        """An encounter in which esketamine was given (``given``: its administration); returns its id."""
        number = self.visit(on, **(visit or {}))
        self.give(number, dose, on, **given)
        return number

    def give(self, encounter_id: str, dose: str | None = "56", on: date = DAY, **given: Any) -> None:
        """One more administration of an encounter."""
        own = {"administration_id": self._next("a"), "clinic_id": self.clinic_id}
        self.add("administration", administration(encounter_id, dose, on, **{**own, **given}))

    def bill(self, *lines: Row, **given: Any) -> str:
        """A claim with these lines, which name the newest encounter unless they name one; returns its id."""
        if not self._has_coverage:
            self.coverage()
        number = self.case_id if "k" not in self._counts else self._next("k")
        self._counts.setdefault("k", 1)
        self.add("claim", claim(number, self.case_id, clinic_id=self.clinic_id, **given))
        newest = f"{self.case_id}.e{self._counts['e']}" if "e" in self._counts else None
        for position, row in enumerate(lines, start=1):
            own = {"clinic_id": self.clinic_id, "claim_id": number, "line_no": position}
            self.add("claim_line", {"encounter_id": newest, **row, **own})
        return number

    def prior_auth(self, payer: str = "aetna", **given: Any) -> str:
        """An approved authorization of the first half of 2026, ten visits; returns its id."""
        number = self._next("pa")
        self.add("prior_auth", prior_auth(number, self.case_id, payer, clinic_id=self.clinic_id, **given))
        return number

    def _next(self, kind: str) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{self.case_id}.{kind}{self._counts[kind]}"


def billed(code: str | None, units: str | None = "1", **given: Any) -> Row:
    """A line for ``Chart.bill``."""
    row = line(code=code or "", units=units or "0", **given)  # both replaced below
    row |= {"code": code, "units": None if units is None else Decimal(units), **given}
    return row if "encounter_id" in given else {key: row[key] for key in row if key != "encounter_id"}


def at(hour: int, minute: int = 0, on: date = DAY) -> datetime:
    """A wall-clock time of the day."""
    return datetime(on.year, on.month, on.day, hour, minute)


@dataclass(frozen=True)
class Case:
    """What one rule says of one chart."""

    rule_id: str
    verdict: str
    words: str
    chart: Callable[[Chart], object]
    at_stake: Decimal | None = None  # USD of the case's findings of this rule, where the case is about money
    case_id: str = ""


def hit(rule_id: str, words: str, chart: Callable[[Chart], object], at_stake: str | None = None) -> Case:
    """The rule fails."""
    return Case(rule_id, HIT, words, chart, None if at_stake is None else Decimal(at_stake))


def near(rule_id: str, words: str, chart: Callable[[Chart], object]) -> Case:
    """A hair's breadth from a hit, and clean."""
    return Case(rule_id, NEAR, words, chart)


def unknown(rule_id: str, words: str, chart: Callable[[Chart], object]) -> Case:
    """An input is missing: not evaluable, never a pass."""
    return Case(rule_id, UNKNOWN, words, chart)


def topics() -> Iterator[Any]:
    """The case modules: ``CASES``, and ``NEVER_UNKNOWN`` (rule → why it has no unknown) where needed."""
    for module in sorted(pkgutil.iter_modules(rule_cases.__path__), key=lambda found: found.name):
        yield importlib.import_module(f"rule_cases.{module.name}")


def all_cases() -> list[Case]:
    """Every case of every topic, with its id."""
    return [
        Case(
            c.rule_id, c.verdict, c.words, c.chart, c.at_stake, f"{topic.__name__.split('.')[-1]}-{number:03}"
        )
        for topic in topics()
        for number, c in enumerate(topic.CASES, start=1)
    ]


def rows_of(cases: list[Case]) -> Rows:
    """All their rows by table, beside one clinic ``c1`` with one site."""
    rows: Rows = {"site": [site()]}
    for case in cases:
        case.chart(Chart(case.case_id, rows))
    return rows
