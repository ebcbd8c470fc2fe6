"""What was planted: a fault or a near miss, with every finding it must give."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """One finding a planted fault must give."""

    rule_id: str
    subject: str
    subject_key: str
    status: str = "fail"


@dataclass(frozen=True)
class Defect:
    """One planted fault, or one near miss (``expected`` empty), with the finding it is named after.

    ``findings``: every finding it must give, that one and all that follow from it.
    """

    defect_id: str
    kind: str
    clinic_id: str
    rule_id: str
    subject: str
    subject_key: str
    dos: date
    expected: str  # fail, not_evaluable, or empty for a near miss
    patient_id: str
    claim_ids: tuple[str, ...] = ()
    encounter_ids: tuple[str, ...] = ()
    findings: tuple[Expected, ...] = ()
