"""Faults and near misses in prior authorisations: they belong to a patient, not to one visit."""

from datetime import timedelta
from decimal import Decimal

from ketaclaims.simulate.auths import (
    add_authorisation,
    authorisations_of,
    drop_authorisation,
    session_use,
)
from ketaclaims.simulate.care import FULL_EFFECT_DAYS, RESPONSE_TARGET
from ketaclaims.simulate.kinds.registry import PatientKind, Plot
from ketaclaims.simulate.model import PriorAuth, Session


def _missing(plot: Plot, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """No PA at all, or one that was asked for and denied, or is still pended."""
    if not 1 <= len(sessions) <= 12:
        return None
    auths = authorisations_of(plot.clinic, sessions[0].patient)
    for later in auths[1:] if ordinal % 3 else auths:
        drop_authorisation(plot.clinic, later)
    if ordinal % 3:
        auths[0].status = "denied" if ordinal % 3 == 1 else "pended"
    return sessions


def _expired(plot: Plot, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """The PA ends the day before one of the last visits and is never renewed."""
    if len(sessions) < 3:
        return None
    hit = sessions[-1 - ordinal % 2 :]
    for authorisation in authorisations_of(plot.clinic, sessions[0].patient):
        if authorisation.valid_from >= hit[0].dos:
            drop_authorisation(plot.clinic, authorisation)
        elif authorisation.valid_to >= hit[0].dos:
            authorisation.valid_to = hit[0].dos - timedelta(days=1)
    return hit


def _held(authorisation: PriorAuth, sessions: list[Session]) -> list[Session]:
    return [s for s in sessions if authorisation.covers(s.dos)]


def _total(sessions: list[Session], basis: str) -> Decimal:
    return sum((session_use(s, basis) for s in sessions), Decimal(0))


def _exhausted(plot: Plot, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """The first PA with enough visits approves less than they take, by one visit or two."""
    for authorisation in authorisations_of(plot.clinic, sessions[0].patient):
        held = _held(authorisation, sessions)
        if len(held) >= 3:
            hit = held[-1 - ordinal % 2 :]
            authorisation.units_approved = _total(held[: -len(hit)], authorisation.unit_basis)
            if ordinal % 2:  # a part of a visit may be left over, which is not enough for the next one
                authorisation.units_approved += session_use(hit[0], authorisation.unit_basis) // 2
            return hit
    return None


def _exact(plot: Plot, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """Near miss: every PA is used up to the last unit, and not beyond."""
    if len(sessions) < 3:
        return None
    for authorisation in authorisations_of(plot.clinic, sessions[0].patient):
        held = _held(authorisation, sessions)
        if held:
            authorisation.units_approved = _total(held, authorisation.unit_basis)
    return sessions


def _overlapping(plot: Plot, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """Near miss: the old PA is used up, but from then on a second one covers the visits as well.

    The second one begins when the patient has responded, as a renewal asks for.
    """
    first = authorisations_of(plot.clinic, sessions[0].patient)[0]
    held = _held(first, sessions)
    before = [s for s in held if (s.dos - sessions[0].dos).days < FULL_EFFECT_DAYS]
    after = held[len(before) :]
    if len(after) < 2 or sessions[0].patient.response < RESPONSE_TARGET:
        return None
    first.units_approved = _total(before, first.unit_basis)
    ample = _total(sessions, first.unit_basis) * 2
    closes = first.valid_to + timedelta(days=1)
    add_authorisation(plot.clinic, held[0].patient, after[0].dos, closes, ample)
    for authorisation in authorisations_of(plot.clinic, held[0].patient):
        if authorisation is not first and authorisation.units_approved is not None:
            authorisation.units_approved = ample
    return after


def _to_the_day(plot: Plot, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """Near miss: the PA ends on the very day of the last visit and is never renewed."""
    if not sessions:
        return None
    last = sessions[-1].dos
    for authorisation in authorisations_of(plot.clinic, sessions[0].patient):
        if authorisation.valid_from > last:
            drop_authorisation(plot.clinic, authorisation)
        elif authorisation.covers(last):
            authorisation.valid_to = last
    return sessions[-1:]


def _partial(plot: Plot, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """Near miss: approved in part is approved."""
    for authorisation in authorisations_of(plot.clinic, sessions[0].patient) if sessions else ():
        authorisation.status = "partial"
    return sessions or None


def _on_old_code(authorisation: PriorAuth) -> None:
    authorisation.codes, authorisation.first_codes, authorisation.amended_at = ["S0013"], [], None


def _of_new_code(sessions: list[Session]) -> list[Session]:
    return [s for s in sessions if s.drug_line.code == "J0013"]


def _never_amended(plot: Plot, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """Every PA lists the code that ended with 2025 alone."""
    hit = _of_new_code(sessions)
    for authorisation in authorisations_of(plot.clinic, sessions[0].patient) if hit else ():
        _on_old_code(authorisation)
    return hit or None


def _amended_in_time(plot: Plot, sessions: list[Session], ordinal: int) -> list[Session] | None:
    """Near miss: the PAs of 2025 listed the old code alone, the one in force from then on lists both."""
    hit = _of_new_code(sessions)
    auths = authorisations_of(plot.clinic, sessions[0].patient) if hit else []
    early = [authorisation for authorisation in auths if authorisation.valid_to < hit[0].dos]
    for authorisation in early:
        _on_old_code(authorisation)
    return hit if early else None


KINDS = (
    PatientKind(
        "pa_old_code", "esketamine-pa-code-crosswalk", _never_amended, follow_rules=("pa-code-covered",)
    ),
    PatientKind("pa_exhausted", "pa-units-left", _exhausted),
    PatientKind("pa_missing", "pa-present", _missing),
    PatientKind("pa_expired", "pa-date-covered", _expired),
)
NEAR_MISSES = (
    PatientKind("pa_exact", "pa-units-left", _exact, ""),
    PatientKind("pa_overlap", "pa-units-left", _overlapping, ""),
    PatientKind("pa_amended", "esketamine-pa-code-crosswalk", _amended_in_time, ""),
    PatientKind("pa_last_day", "pa-date-covered", _to_the_day, ""),
    PatientKind("pa_partial", "pa-present", _partial, ""),
)
