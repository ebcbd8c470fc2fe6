"""Plant faults and near misses in prior authorisations: they belong to a patient, not to one visit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from ketaclaims.simulate.auths import add_authorisation, authorisations_of, session_use
from ketaclaims.simulate.defects import new_defect_id
from ketaclaims.simulate.faults import Defect
from ketaclaims.simulate.model import Clinic, Patient, PriorAuth, Session

Plan = Callable[[Clinic, list[Session], int], "list[Session] | None"]


@dataclass(frozen=True)
class PaKind:
    """One kind: ``plan`` edits the patient's PAs and returns the visits hit, None where it does not fit."""

    name: str
    rule_id: str
    plan: Plan
    expected: str = "fail"


def _missing(clinic: Clinic, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """No PA at all, or one that was asked for and denied, or is still pended."""
    if not 1 <= len(sessions) <= 12:
        return None
    auths = authorisations_of(clinic, sessions[0].patient)
    for later in auths[1:] if ordinal % 3 else auths:
        clinic.prior_auths.remove(later)
    if ordinal % 3:
        auths[0].status = "denied" if ordinal % 3 == 1 else "pended"
    return sessions


def _expired(clinic: Clinic, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """The PA ends the day before one of the last visits and is never renewed."""
    if len(sessions) < 3:
        return None
    hit = sessions[-1 - ordinal % 2 :]
    for authorisation in authorisations_of(clinic, sessions[0].patient):
        if authorisation.valid_from >= hit[0].dos:
            clinic.prior_auths.remove(authorisation)
        elif authorisation.valid_to >= hit[0].dos:
            authorisation.valid_to = hit[0].dos - timedelta(days=1)
    return hit


def _held(authorisation: PriorAuth, sessions: list[Session]) -> list[Session]:
    return [s for s in sessions if authorisation.covers(s.dos)]


def _total(sessions: list[Session], basis: str) -> Decimal:
    return sum((session_use(s, basis) for s in sessions), Decimal(0))


def _exhausted(clinic: Clinic, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """The first PA with enough visits approves less than they take, by one visit or two."""
    for authorisation in authorisations_of(clinic, sessions[0].patient):
        held = _held(authorisation, sessions)
        if len(held) >= 3:
            hit = held[-1 - ordinal % 2 :]
            authorisation.units_approved = _total(held[: -len(hit)], authorisation.unit_basis)
            if ordinal % 2:  # a part of a visit may be left over, which is not enough for the next one
                authorisation.units_approved += session_use(hit[0], authorisation.unit_basis) // 2
            return hit
    return None


def _exact(clinic: Clinic, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """Near miss: every PA is used up to the last unit, and not beyond."""
    if len(sessions) < 3:
        return None
    for authorisation in authorisations_of(clinic, sessions[0].patient):
        held = _held(authorisation, sessions)
        if held:
            authorisation.units_approved = _total(held, authorisation.unit_basis)
    return sessions


def _overlapping(clinic: Clinic, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """Near miss: the old PA is used up, but from then on a second one covers the visits as well."""
    first = authorisations_of(clinic, sessions[0].patient)[0]
    held = _held(first, sessions)
    if len(held) < 4:
        return None
    first.units_approved = _total(held[:2], first.unit_basis)
    ample = _total(sessions, first.unit_basis) * 2
    add_authorisation(clinic, held[0].patient, held[2].dos, first.valid_to + timedelta(days=1), ample)
    for authorisation in authorisations_of(clinic, held[0].patient):
        if authorisation is not first and authorisation.units_approved is not None:
            authorisation.units_approved = ample
    return held[2:]


PA_KINDS = (
    PaKind("pa_exhausted", "pa-units-left", _exhausted),
    PaKind("pa_missing", "pa-present", _missing),
    PaKind("pa_expired", "pa-date-covered", _expired),
)
PA_NEAR_MISSES = (
    PaKind("pa_exact", "pa-units-left", _exact, ""),
    PaKind("pa_overlap", "pa-units-left", _overlapping, ""),
)


def plant_on_auths(clinic: Clinic, kinds: tuple[PaKind, ...], per_kind: int) -> list[Defect]:
    """Plant up to ``per_kind`` instances of each kind; a patient so marked gets no other fault or denial."""
    return [
        defect
        for kind in kinds
        for ordinal in range(per_kind)
        for defect in _plant_once(clinic, kind, ordinal)
    ]


def _candidates(clinic: Clinic) -> Iterator[tuple[Patient, list[Session]]]:
    """Patients with PAs and nothing planted yet, those with the rarer unit bases first."""
    free = [p for p in clinic.patients if p.pa_basis and p.payer.pa_required and not p.reserved]
    clinic.rng.shuffle(free)
    used = [p.pa_basis for p in clinic.patients if p.reserved]
    for patient in sorted(free, key=lambda p: (used.count(p.pa_basis), p.pa_basis == "visit")):
        sessions = [s for s in clinic.sessions if s.patient is patient and s.kind == "esketamine"]
        yield patient, sorted(sessions, key=lambda s: s.dos)


def _plant_once(clinic: Clinic, kind: PaKind, ordinal: int) -> Iterator[Defect]:
    for patient, sessions in _candidates(clinic):
        hit = kind.plan(clinic, sessions, ordinal)
        if hit is None:
            continue
        patient.reserved = kind.name
        for session in hit:
            if session.claim is not None:
                clinic.causes[session.claim.claim_id, 1] = kind.name
        first = hit[0]
        assert first.claim is not None
        yield Defect(
            defect_id=new_defect_id(clinic),
            kind=kind.name,
            clinic_id=clinic.clinic_id,
            rule_id=kind.rule_id,
            subject="claim_line",
            subject_key=f"{first.claim.claim_id}/1",
            dos=first.dos,
            expected=kind.expected,
            patient_id=patient.patient_id,
            claim_ids=tuple(s.claim.claim_id for s in hit if s.claim is not None),
        )
        return
