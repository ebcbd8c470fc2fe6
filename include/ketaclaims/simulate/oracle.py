"""What the twelve rules must find in the simulated world: written from their definition, on its own.

It looks at the records themselves, not at what was planted, so follow-on findings are found too and a
planted fault that is none would be missed. Judged are the newest version of every claim that is not replaced.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from ketaclaims.simulate.model import Administration, Claim, Clinic, Line, PriorAuth
from ketaclaims.simulate.reference import (
    BUNDLE_LIMIT_MG,
    DEVICE_MG,
    ESKETAMINE_BUNDLES,
    ESKETAMINE_PER_MG,
    Reference,
)
from ketaclaims.simulate.remits import RemitClaim

AUTHORISED_DRUG = (*ESKETAMINE_PER_MG, *ESKETAMINE_BUNDLES)
TRAP_CODE = "J0222"
INJECTIONS = ("96360", "96365", "96372", "96374")
EM_BESIDE_INJECTION = {str(code) for code in range(99202, 99216)} - {"99211"}
EM_BESIDE_BUNDLE = {
    *(str(code) for code in range(99202, 99216)), "99415", "99416", "99417", "G2212", "G2211",
    "90833", "90836", "90838", "90792",
}  # fmt: skip
BUNDLE_LOBS = ("medicare_b", "ma", "tricare")
MONITORING_MINUTES = 120
FAIL, NOT_EVALUABLE = "fail", "not_evaluable"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding a rule must give."""

    rule_id: str
    clinic_id: str
    subject: str
    subject_key: str
    status: str


@dataclass(frozen=True, slots=True)
class PaUse:
    """What one line takes from an authorisation; ``left_out``: denied or reversed, so it takes nothing."""

    dos: date
    claim_id: str
    line_no: int
    units: Decimal
    left_out: bool


def units_left(approved: Decimal, uses: Iterable[PaUse]) -> dict[tuple[str, int], Decimal]:
    """Units left after each line in order of service; a left-out line counts for itself alone."""
    left, result = approved, {}
    for use in sorted(uses, key=lambda u: (u.dos, u.claim_id, u.line_no)):
        result[use.claim_id, use.line_no] = left - use.units
        if not use.left_out:
            left -= use.units
    return result


class Oracle:
    """The judged records of one clinic, and one method per rule giving (subject, key, status)."""

    def __init__(
        self,
        clinic: Clinic,
        remits: Mapping[str, Sequence[RemitClaim]],
        moment: datetime,
        reference: Reference,
    ) -> None:
        """``remits``: the answers known at ``moment``, by claim id, in time order."""
        self.clinic, self.remits, self.reference = clinic, remits, reference
        self.claims = [c for c in clinic.claims if not c.superseded and not c.is_replaced(moment)]
        self.given: defaultdict[str, list[Administration]] = defaultdict(list)
        self.given_on: defaultdict[tuple[str, date], list[Administration]] = defaultdict(list)
        for session in clinic.sessions:
            for entry in session.administrations:
                if entry.drug == "esketamine" and entry.status != "entered_in_error":
                    self.given[entry.encounter_id].append(entry)
                    self.given_on[session.patient.patient_id, session.dos].append(entry)
        self.codes_on: defaultdict[tuple[str, date, str], list[str]] = defaultdict(list)
        for claim, line in self.lines():
            self.codes_on[claim.patient.patient_id, line.dos, line.rendering_npi].append(line.code)

    def lines(self) -> Iterator[tuple[Claim, Line]]:
        """Every judged line with its claim."""
        for claim in self.claims:
            for line in claim.lines:
                yield claim, line

    def dose(self, claim: Claim, line: Line) -> Decimal | None:
        """Esketamine mg of the visit, else of patient and day; None when unknown."""
        entries = self.given[line.encounter_id] or self.given_on[claim.patient.patient_id, line.dos]
        doses = [entry.dose_mg for entry in entries]
        known = [dose for dose in doses if dose is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(doses) else None

    def drug_units(self) -> Iterator[tuple[str, str]]:
        """Rule drug-units-match-dose."""
        for claim, line in self.lines():
            charted = self.given[line.encounter_id] or self.given_on[claim.patient.patient_id, line.dos]
            if line.code in ESKETAMINE_PER_MG or (line.code == TRAP_CODE and charted):
                dose = self.dose(claim, line)
                if dose is None:
                    yield key(claim, line), NOT_EVALUABLE
                elif dose != line.units:
                    yield key(claim, line), FAIL

    def dose_band(self) -> Iterator[tuple[str, str]]:
        """Rule gcode-dose-band."""
        for claim, line in self.lines():
            if line.code in ESKETAMINE_BUNDLES:
                dose = self.dose(claim, line)
                if dose is None:
                    yield key(claim, line), NOT_EVALUABLE
                elif line.code != ("G2082" if dose <= BUNDLE_LIMIT_MG else "G2083"):
                    yield key(claim, line), FAIL

    def one_unit(self) -> Iterator[tuple[str, str]]:
        """Rule gcode-one-unit."""
        bundles = [(c, line) for c, line in self.lines() if line.code in ESKETAMINE_BUNDLES]
        per_day = Counter((c.patient.patient_id, line.dos) for c, line in bundles)
        for claim, line in bundles:
            if line.units != 1 or per_day[claim.patient.patient_id, line.dos] > 1:
                yield key(claim, line), FAIL

    def _same_clinician(self, claim: Claim, line: Line, codes: Iterable[str]) -> bool:
        return bool(set(codes) & set(self.codes_on[claim.patient.patient_id, line.dos, line.rendering_npi]))

    def em_with_bundle(self) -> Iterator[tuple[str, str]]:
        """Rule gcode-no-em-same-day; no simulated payer lets modifier 25 exempt the E/M."""
        for claim, line in self.lines():
            applies = line.code in EM_BESIDE_BUNDLE and claim.patient.payer.lob in BUNDLE_LOBS
            if applies and self._same_clinician(claim, line, ESKETAMINE_BUNDLES):
                yield key(claim, line), FAIL

    def em_without_25(self) -> Iterator[tuple[str, str]]:
        """Rule em-same-day-needs-25."""
        for claim, line in self.lines():
            applies = line.code in EM_BESIDE_INJECTION and "25" not in line.mods
            if applies and self._same_clinician(claim, line, INJECTIONS):
                yield key(claim, line), FAIL

    def _pa_lines(self) -> Iterator[tuple[Claim, Line, list[PriorAuth]]]:
        """Lines of the authorised drug where the payer wants a PA, with the patient's decided PAs."""
        for claim, line in self.lines():
            if line.code in AUTHORISED_DRUG and claim.patient.payer.pa_required:
                yield (
                    claim,
                    line,
                    [
                        pa
                        for pa in self.clinic.auths_of[claim.patient.patient_id]
                        if pa.payer_id == claim.patient.payer.payer_id
                        and pa.drug == "esketamine"
                        and pa.is_decided
                    ],
                )

    def pa_present(self) -> Iterator[tuple[str, str]]:
        """Rule pa-present."""
        for claim, line, decided in self._pa_lines():
            if not decided:
                yield key(claim, line), FAIL

    def pa_covers(self) -> Iterator[tuple[str, str]]:
        """Rule pa-date-covered."""
        for claim, line, decided in self._pa_lines():
            if decided and not any(pa.covers(line.dos) for pa in decided):
                yield key(claim, line), FAIL

    def pa_units(self) -> Iterator[tuple[str, str]]:
        """Rule pa-units-left: only where exactly one covering PA states units."""
        uses: defaultdict[str, list[PaUse]] = defaultdict(list)
        auths: dict[str, PriorAuth] = {}
        for claim, line, decided in self._pa_lines():
            covering = [pa for pa in decided if pa.covers(line.dos)]
            if len(covering) == 1 and covering[0].units_approved is not None:
                auths[covering[0].pa_id] = covering[0]
                units = self._pa_use(claim, line, covering[0].unit_basis)
                left_out = self._left_out(claim, line)
                uses[covering[0].pa_id].append(PaUse(line.dos, claim.claim_id, line.line_no, units, left_out))
        for pa_id, taken in uses.items():
            approved = auths[pa_id].units_approved
            for (claim_id, line_no), left in units_left(approved or Decimal(0), taken).items():
                if left < 0:
                    yield f"{claim_id}/{line_no}", FAIL

    def _pa_use(self, claim: Claim, line: Line, basis: str) -> Decimal:
        if basis == "visit":
            return Decimal(1)
        if basis == "unit":
            return line.units
        dose = self.dose(claim, line)
        if dose is None:
            raise ValueError(
                f"a dose is missing under a PA counted in {basis}: the simulator may not plant that"
            )
        return dose / DEVICE_MG if basis == "device" else dose

    def _left_out(self, claim: Claim, line: Line) -> bool:
        """Denied by the last answer, or taken back without a new one."""
        known = self.remits.get(claim.claim_id, ())
        if not known:
            return False
        last = known[-1]
        return last.status == "22" or any(
            answer.is_denied for answer in last.lines if answer.line.line_no == line.line_no
        )

    def diagnoses(self) -> Iterator[tuple[str, str]]:
        """Rule dx-valid-on-dos."""
        invalid = set(self.reference.raw["diagnoses"]["invalid"])
        for claim in self.claims:
            if invalid & set(claim.dx):
                yield claim.claim_id, FAIL

    def code_dates(self) -> Iterator[tuple[str, str]]:
        """Rule code-valid-on-dos."""
        for claim, line in self.lines():
            if not self.reference.codes[line.code].valid_on(line.dos):
                yield key(claim, line), FAIL

    def monitoring(self) -> Iterator[tuple[str, str]]:
        """Rule monitoring-two-hours, in real minutes."""
        for encounter_id, entries in self.given.items():
            minutes = [_minutes(entry.last_device_at, entry.discharged_at) for entry in entries]
            if entries and any(value is None for value in minutes):
                yield encounter_id, NOT_EVALUABLE
            elif any(value is not None and value < MONITORING_MINUTES for value in minutes):
                yield encounter_id, FAIL

    def patisiran(self) -> Iterator[tuple[str, str]]:
        """Rule patisiran-trap: psychiatric diagnoses the line points at."""
        for claim, line in self.lines():
            pointed = [claim.dx[pointer - 1] for pointer in line.dx_ptrs]
            if line.code == TRAP_CODE and any(code.startswith("F") for code in pointed):
                yield key(claim, line), FAIL


def key(claim: Claim, line: Line) -> str:
    """Subject key of a claim line."""
    return f"{claim.claim_id}/{line.line_no}"


def _minutes(begin: datetime | None, end: datetime | None) -> int | None:
    if begin is None or end is None:
        return None
    return int((end.astimezone(UTC) - begin.astimezone(UTC)).total_seconds() // 60)


RULES: dict[str, tuple[str, Callable[[Oracle], Iterator[tuple[str, str]]]]] = {
    "drug-units-match-dose": ("claim_line", Oracle.drug_units),
    "gcode-dose-band": ("claim_line", Oracle.dose_band),
    "gcode-one-unit": ("claim_line", Oracle.one_unit),
    "gcode-no-em-same-day": ("claim_line", Oracle.em_with_bundle),
    "em-same-day-needs-25": ("claim_line", Oracle.em_without_25),
    "pa-present": ("claim_line", Oracle.pa_present),
    "pa-date-covered": ("claim_line", Oracle.pa_covers),
    "pa-units-left": ("claim_line", Oracle.pa_units),
    "dx-valid-on-dos": ("claim", Oracle.diagnoses),
    "code-valid-on-dos": ("claim_line", Oracle.code_dates),
    "monitoring-two-hours": ("encounter", Oracle.monitoring),
    "patisiran-trap": ("claim_line", Oracle.patisiran),
}


def find_all(
    clinic: Clinic, remits: Mapping[str, Sequence[RemitClaim]], moment: datetime, reference: Reference
) -> list[Finding]:
    """Every finding the twelve rules must give for the clinic as known at ``moment``, sorted."""
    oracle = Oracle(clinic, remits, moment, reference)
    return sorted(
        Finding(rule_id, clinic.clinic_id, subject, subject_key, status)
        for rule_id, (subject, rule) in RULES.items()
        for subject_key, status in rule(oracle)
    )
