"""A history of findings and answers made by hand: each claim one case of measuring a rule."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from money_practice import claim_rows, one_line_claim
from money_rows import Claim, Payment, remit_rows
from tiny_raw import File

CLINIC, NPI = "CLINIC-A", "1000000001"
FIRST, SECOND = "pa-present", "em-same-day-needs-25"  # predict CARC 197 and 302; 4, 97 and 236
SEEN, ANSWERED, MENDED, ANSWERED_AGAIN = (
    date(2026, 3, 15),
    date(2026, 4, 1),
    date(2026, 4, 10),
    date(2026, 4, 20),
)
CASES = (
    "PREDICTED", "OTHERWISE", "PAID", "SILENT", "OTHER-RULE", "LATE", "TAKEN-BACK", "MENDED-AFTER", "WAIVED",
    "WAIVER-OVER", "MENDED-BEFORE", "UNKNOWN", "SILENT-TAKEN-BACK", "BACK-DATED",
)  # fmt: skip
DENIED = ("CO", "197", "100")
CHART = File(
    "ehr",
    claim_rows(
        CLINIC,
        NPI,
        *((case, case, ["100"]) for case in (*CASES, "DRAFT", "SENT")),
        ("WHOLE", "WHOLE", ["150", "50"]),
        DRAFT={"status": "draft"},
        SENT={"status": "draft", "submitted_at": datetime(2026, 3, 3)},
    ),
)


class Judgements:
    """Finding events in the order they were judged."""

    def __init__(self) -> None:
        self.sequence = 0

    def run(self, name: str, as_of: date, *told: tuple[str, str, str]) -> File:
        """One judging run: (rule, claim, status)."""
        return File(name, {"finding_event": [self._event(as_of, *one) for one in told]})

    def _event(self, as_of: date, rule_id: str, claim_id: str, status: str) -> dict[str, Any]:
        self.sequence += 1
        return {
            "finding_id": f"{rule_id}|{claim_id}",
            "rule_id": rule_id,
            "clinic_id": CLINIC,
            "subject": "claim_line",
            "subject_key": f"{claim_id}/1",
            "status": status,
            "dollars_at_stake": Decimal(100 if rule_id == FIRST and status == "fail" else 0),
            "sequence": self.sequence,
            "judged_at": datetime(2026, 12, 1),  # the clock of the machine says nothing
            "judged_as_of": as_of,
        }


def _waiver(claim_id: str, expires_on: date) -> dict[str, Any]:
    waived = {"finding_id": f"{FIRST}|{claim_id}", "reason": "x", "waived_by": "x"}
    return {**waived, "waived_at": datetime(2026, 3, 16), "expires_on": expires_on}


def _answers(day: date) -> File:
    refused = [case for case in CASES if case not in ("OTHERWISE", "PAID", "MENDED-BEFORE")]
    claims = [one_line_claim(case, "100", "0", DENIED, payer_number=f"I-{case}") for case in refused]
    claims += [one_line_claim(case, "100", "100") for case in ("PAID", "MENDED-BEFORE")]
    claims.append(one_line_claim("OTHERWISE", "100", "0", ("CO", "16", "100")))
    claims.append(Claim("WHOLE", "200", "0", adjustments=[("CO", "197", "200")]))
    return File("era-1", remit_rows(Payment("FIRST", day, claims)))


def _taken_back(day: date) -> File:
    claims: list[Claim] = []
    for case in ("TAKEN-BACK", "MENDED-AFTER", "SILENT-TAKEN-BACK"):
        claims.append(
            one_line_claim(case, "-100", "0", ("CO", "197", "-100"), status="22", payer_number=f"I-{case}")
        )
        claims.append(one_line_claim(case, "100", "100", payer_number=f"J-{case}"))
    return File("era-2", remit_rows(Payment("SECOND", day, claims)))


def commits() -> list[File]:
    """The history, one commit each."""
    judgements = Judgements()
    told = ("PREDICTED", "OTHERWISE", "PAID", "TAKEN-BACK", "MENDED-AFTER", "WAIVED", "WAIVER-OVER", "WHOLE")
    return [
        CHART,
        judgements.run(
            "judged-1",
            SEEN,
            *((FIRST, case, "fail") for case in (*told, "MENDED-BEFORE")),
            *((SECOND, case, "fail") for case in ("PREDICTED", "OTHER-RULE", "DRAFT", "SENT")),
            (FIRST, "UNKNOWN", "not_evaluable"),
        ),
        File(
            "waived",
            {"waiver": [_waiver("WAIVED", date(2026, 4, 30)), _waiver("WAIVER-OVER", date(2026, 3, 20))]},
        ),
        judgements.run("judged-2", date(2026, 3, 20), (FIRST, "MENDED-BEFORE", "resolved")),
        _answers(ANSWERED),
        # said for a day before the answer, but only when the answer was here
        judgements.run("judged-3", date(2026, 3, 31), (FIRST, "BACK-DATED", "fail")),
        judgements.run("judged-4", MENDED, (FIRST, "LATE", "fail"), (FIRST, "MENDED-AFTER", "resolved")),
        _taken_back(ANSWERED_AGAIN),
    ]
