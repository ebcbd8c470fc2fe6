"""Rules measured on a simulation's known answers: what they found beside what was planted."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality.findings import Filter, read_findings
from ketaclaims.quality.rules import load_catalogue
from ketaclaims.settings import Settings

Verdict = tuple[str, str, str, str, str]  # rule_id, clinic_id, subject, subject_key, status
NearMiss = tuple[str, str, str, str]
_KEYS = ("rule_id", "clinic_id", "subject", "subject_key")


class Answers(NamedTuple):
    """Known answers: the findings a practice must give, and the records that must give none."""

    findings: frozenset[Verdict]
    near_misses: frozenset[NearMiss]


class Measure(NamedTuple):
    """One rule on the truth. Findings of both kinds: fail, and not evaluable where an input was left out."""

    rule_id: str
    applied: int  # rows under the rule's condition
    evaluable: int  # of these, with every input known
    expected: int
    hits: int
    false_alarms: int
    near_misses: int
    silent_near_misses: int

    @property
    def precision(self) -> Decimal | None:
        """Share of its findings that are true; None when it found nothing."""
        return _share(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> Decimal | None:
        """Share of the true findings it found; None when the truth holds none."""
        return _share(self.hits, self.expected)

    @property
    def is_perfect(self) -> bool:
        """Everything that was planted, nothing else, no near miss named."""
        found_all = self.hits == self.expected and self.false_alarms == 0
        return found_all and self.silent_near_misses == self.near_misses


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("0.001")) if whole else None


def read_truth(folder: Path) -> Answers:
    """Findings and near misses of a simulation's ``truth/`` folder, its extra days included.

    Raises NO_TRUTH when the files or their columns are missing, or when what its planted defects declare
    (expected_findings.csv) and what its records show (findings.csv) differ.
    """
    days = [folder, *sorted(folder.glob("extra_*"))]
    found = frozenset(row for day in days for row in _rows(day / "findings.csv", (*_KEYS, "status")))
    declared = frozenset(
        row for day in days for row in _rows(day / "expected_findings.csv", (*_KEYS, "status"))
    )
    near = frozenset(row for day in days for row in _rows(day / "near_misses.csv", _KEYS))
    if found != declared:
        raise KetaclaimsError(
            "NO_TRUTH",
            f"{len(found ^ declared)} findings stand in only one of findings.csv and expected_findings.csv",
            where=str(folder),
            next_step="The simulation contradicts itself; make it anew.",
        )
    return Answers(found, near)  # type: ignore[arg-type]  # as many columns as asked for


def _rows(file: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            return [tuple(row[name] for name in columns) for row in csv.DictReader(opened)]
    except (OSError, KeyError) as error:
        raise KetaclaimsError(
            "NO_TRUTH",
            f"{type(error).__name__}: not a file of known answers",
            where=str(file),
            next_step="Give the truth/ folder of `ketaclaims simulate`.",
        ) from None


def measure(
    rule_ids: Iterable[str], applied: Mapping[str, int], found: Iterable[Verdict], truth: Answers
) -> list[Measure]:
    """One row per rule, also of rules the truth says nothing about; in the order given, unknown ones last."""
    told = frozenset(found)
    named = {verdict[:4] for verdict in told}
    known = list(rule_ids)
    others = {row[0] for row in (*told, *truth.findings, *truth.near_misses)} - set(known)
    unknown = Counter(verdict[0] for verdict in told if verdict[4] == "not_evaluable")

    def of(rule_id: str) -> Measure:
        mine = {verdict for verdict in told if verdict[0] == rule_id}
        expected = {verdict for verdict in truth.findings if verdict[0] == rule_id}
        near = {row for row in truth.near_misses if row[0] == rule_id}
        rows = applied.get(rule_id, 0)
        return Measure(
            rule_id,
            rows,
            rows - unknown[rule_id],
            len(expected),
            len(mine & expected),
            len(mine - expected),
            len(near),
            len(near - named),
        )

    return [of(rule_id) for rule_id in (*known, *sorted(others))]


def measure_practice(settings: Settings, truth: Path) -> list[Measure]:
    """The committed findings of a data root beside the truth of the practice it was built from.

    Judges every row anew to count what each rule applied to; commits nothing. Raises NO_WAREHOUSE, NO_TRUTH,
    LOCKED.
    """
    import duckdb

    from ketaclaims import locks
    from ketaclaims.quality import judge

    answers = read_truth(truth)
    if not settings.warehouse_file.exists():
        raise KetaclaimsError(
            "NO_WAREHOUSE",
            "there is no warehouse yet",
            where=str(settings.warehouse_file),
            next_step="Run the pipeline on the simulated practice first.",
        )
    open_findings = [
        (row["rule_id"], row["clinic_id"], row["subject"], row["subject_key"], row["status"])
        for row in read_findings(settings, Filter("all"), date.max)
        if row["resolved_at"] is None
    ]
    lock = settings.warehouse_file.with_suffix(".lock")
    with locks.held(lock, "The warehouse"), duckdb.connect(str(settings.warehouse_file)) as connection:
        row = connection.execute("select max(judged_as_of) from quality.judged_row").fetchone()
        applied = judge.replay(connection, row[0] if row and row[0] else date.min)
    return measure([rule.rule_id for rule in load_catalogue()], applied, open_findings, answers)


def as_markdown(measures: Sequence[Measure]) -> str:
    """The table of rules and what was planted and found; rules without truth say so."""
    lines = [
        "| rule | applied | evaluable | planted | hits | false alarms | silent near misses "
        "| precision | recall |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in measures:
        near = f"{one.silent_near_misses} of {one.near_misses}" if one.near_misses else "none planted"
        shares = [
            "no finding" if one.precision is None else str(one.precision),
            "none planted" if one.recall is None else str(one.recall),
        ]
        counts = (one.applied, one.evaluable, one.expected, one.hits, one.false_alarms)
        cells = [f"`{one.rule_id}`", *(f"{count:,}" for count in counts), near, *shares]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def added(runs: Sequence[Sequence[Measure]]) -> list[Measure]:
    """Counts of several practices by rule, in the order of the first run."""
    totals: dict[str, Measure] = {}
    for one in (one for run in runs for one in run):
        before = totals.get(one.rule_id, Measure(one.rule_id, 0, 0, 0, 0, 0, 0, 0))
        totals[one.rule_id] = Measure(one.rule_id, *(a + b for a, b in zip(before[1:], one[1:], strict=True)))
    return list(totals.values())
