"""Faults in psychotherapy: its minutes, the visit beside it, observation, two places at once."""

from datetime import datetime, timedelta

from ketaclaims.simulate.billing import (
    ONE,
    THERAPY_FLOOR,
    add_line,
    by_minutes,
    reprice,
)
from ketaclaims.simulate.care import log_time, moment
from ketaclaims.simulate.diary import book, first_free
from ketaclaims.simulate.faults import Expected
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.modifiers import PAIR_RULES, pair_rule
from ketaclaims.simulate.kinds.registry import Apply, Fits, Plot, VisitKind, line_key, unchanged
from ketaclaims.simulate.model import Line, Row, Session

BAND, PAIRING, TWICE = "psychotherapy-time-band", "psychotherapy-addon-pairing", "em-time-excludes-therapy"
WATCHED, OTHERS = "psychotherapy-not-monitoring", "psychotherapy-in-others-monitoring"
OVERLAP = "same-clinician-time-overlap"
ALONE, ADD_ON = ("90832", "90834", "90837"), ("90833", "90836")
SHORT_THERAPY, OBSERVED, AFTER_THERAPY = 20, 120, 5


def _log(plot: Plot, session: Session, activity: str) -> Row:
    """The time log of that activity; every session that fits has one."""
    return next(row for row in plot.rows_of("time_log", session) if row["activity"] == activity)


def _logged(row: Row) -> int:
    assert isinstance(row["minutes"], int)
    return row["minutes"]


def _set_minutes(plot: Plot, session: Session, minutes: int) -> None:
    row = _log(plot, session, "psychotherapy")
    assert isinstance(row["start_at"], datetime)
    row["minutes"], row["end_at"] = minutes, plot.clinic.later(row["start_at"], minutes)


def _length(session: Session) -> int:
    """Minutes of a therapist's session; the note takes the rest of the visit."""
    seen = session.encounter
    return int((seen.end_at - seen.start_at).total_seconds() // 60) - AFTER_THERAPY


def _move(plot: Plot, session: Session, start: datetime, minutes: int) -> None:
    """The therapy took place at another time of the day."""
    seen, row = session.encounter, _log(plot, session, "psychotherapy")
    seen.start_at, seen.end_at = start, plot.clinic.later(start, minutes + AFTER_THERAPY)
    row["start_at"], row["end_at"] = start, plot.clinic.later(start, minutes)


def _therapy(minutes: int, code: str) -> Apply:
    """So many minutes on the clock, billed as that code."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        _set_minutes(plot, session, minutes)
        line = places.line_of(session, *ALONE)
        reprice(line, plot.reference, code, ONE)
        return line

    return apply


def _unlogged(plot: Plot, session: Session, ordinal: int) -> Line:
    plot.drop_rows("time_log", plot.rows_of("time_log", session))
    return places.line_of(session, *ALONE)


def _instead_of_add_on(plot: Plot, session: Session, ordinal: int) -> Line:
    """The code of therapy alone, beside the visit."""
    line = places.line_of(session, *ADD_ON)
    code = by_minutes(THERAPY_FLOOR, _logged(_log(plot, session, "psychotherapy")))
    reprice(line, plot.reference, code, ONE)
    return line


def _visit_is_second(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    assert session.claim is not None
    return [Expected(pair_rule(session), "claim_line", line_key(session, session.claim.lines[0]))]


def _without_visit(plot: Plot, session: Session, ordinal: int) -> Line:
    line = places.line_of(session, *ADD_ON)
    assert session.claim is not None
    session.claim.lines = [line]
    return line


def _visit_ends(minutes_short: int) -> Apply:
    """The visit was so much shorter than visit and therapy together are logged."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        seen = session.encounter
        assert seen.em_minutes is not None and session.claim is not None
        total = seen.em_minutes + _logged(_log(plot, session, "psychotherapy"))
        seen.end_at = plot.clinic.later(seen.start_at, total - minutes_short)
        return session.claim.lines[0]

    return apply


def _minute(at: datetime) -> int:
    return at.hour * 60 + at.minute


def _free_start(plot: Plot, session: Session, npi: str, dosed: Session, minutes: int) -> int | None:
    """When somebody is free for so long while the dose is watched, as a minute of the day."""
    last = dosed.administrations[0].last_device_at
    assert last is not None
    begin = _minute(last)
    start = first_free(plot.clinic.diary[npi, session.dos], begin, minutes)
    return start if start + minutes <= begin + OBSERVED else None


def _can_be_watched(plot: Plot, session: Session) -> bool:
    """A bundle during whose observation the prescriber is free for a while."""
    if not places.bundle(plot, session) or session.encounter.start_at.hour < 8:
        return False
    return _free_start(plot, session, session.encounter.rendering_npi, session, SHORT_THERAPY) is not None


def _therapy_while_watched(plot: Plot, session: Session, ordinal: int) -> Line:
    npi = session.encounter.rendering_npi
    start = _free_start(plot, session, npi, session, SHORT_THERAPY)
    assert start is not None and session.claim is not None
    book(plot.clinic, npi, session.dos, start, SHORT_THERAPY)
    begin = moment(plot.clinic, session.dos, start)
    log_time(plot.clinic, session, "psychotherapy", npi, SHORT_THERAPY, start=begin)
    return add_line(session.claim, session, plot.reference, "90832")


def _bundle_of_day(plot: Plot, session: Session) -> Session | None:
    """The bundle of the patient's day, billed by somebody else."""
    own = plot.by_patient[session.patient.patient_id]
    beside = [s for s in own if s.dos == session.dos and places.bundle(plot, s) and not s.touched]
    return beside[0] if beside else None


def _beside_bundle(plot: Plot, session: Session) -> bool:
    is_therapy = session.kind == "therapy" and session.claim is not None
    return is_therapy and _bundle_of_day(plot, session) is not None


def _may_move(plot: Plot, session: Session) -> bool:
    """Therapy on the day of a bundle whose therapist is free while the dose is watched."""
    if not _beside_bundle(plot, session):
        return False
    dosed = _bundle_of_day(plot, session)
    assert dosed is not None
    npi = session.patient.therapist_npi
    return _free_start(plot, session, npi, dosed, _length(session)) is not None


def _move_into_observation(plot: Plot, session: Session, ordinal: int) -> Line:
    dosed, npi, minutes = _bundle_of_day(plot, session), session.patient.therapist_npi, _length(session)
    assert dosed is not None
    start = _free_start(plot, session, npi, dosed, minutes)
    assert start is not None
    book(plot.clinic, npi, session.dos, start, minutes)
    _move(plot, session, moment(plot.clinic, session.dos, start), minutes)
    return places.line_of(session, *ALONE)


def _others_of(plot: Plot, session: Session) -> list[Session]:
    """What else the clinician of the visit did that day."""
    seen_by = session.encounter.rendering_npi, session.dos
    return [other for other in plot.by_clinician[seen_by] if other is not session]


def _begins(at_end_of: Session, gap: int) -> datetime:
    """So many minutes before the therapy of that visit ends."""
    return at_end_of.encounter.end_at - timedelta(minutes=AFTER_THERAPY + gap)


def _is_taken(sessions: list[Session], start: datetime, minutes: int) -> bool:
    end = start + timedelta(minutes=minutes)
    return any(s.encounter.start_at < end and start < s.encounter.end_at for s in sessions)


def _partner(plot: Plot, session: Session) -> Session | None:
    """Another patient's therapy, after which the clinician would be free for this one."""
    others = _others_of(plot, session)
    for other in others:
        is_therapy = other.kind == "therapy" and other.claim is not None and not other.touched
        if is_therapy and other.patient is not session.patient:
            rest = [s for s in others if s is not other]
            if not _is_taken(rest, _begins(other, 1), _length(session) + AFTER_THERAPY):
                return other
    return None


def _two_therapies(plot: Plot, session: Session) -> bool:
    is_therapy = places.alone_that_day(places.of_kind("therapy"))(plot, session)
    return is_therapy and _partner(plot, session) is not None


def _at_once(gap: int) -> Apply:
    """One patient's therapy begins so many minutes before the other's ends, or as it ends."""

    def apply(plot: Plot, session: Session, ordinal: int) -> None:
        other, minutes = _partner(plot, session), _length(session)
        assert other is not None
        other.touched = True
        _move(plot, session, _begins(other, gap), minutes)

    return apply


def _other_too(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    """The other patient's visit is in two places as well."""
    start, minutes = session.encounter.start_at, _length(session)
    both = [s for s in _others_of(plot, session) if _is_taken([s], start, minutes) and s.kind == "therapy"]
    return [Expected(OVERLAP, "encounter", other.encounter.encounter_id) for other in both]


therapy_alone = places.alone_that_day(places.of_kind("therapy"))


def _of_length(minutes: int) -> Fits:
    """Therapy of so many minutes or more, so that less time is free."""
    return lambda plot, session: therapy_alone(plot, session) and _length(session) >= minutes


with_add_on = places.with_line(places.of_kind("visit"), *ADD_ON)

KINDS = (
    VisitKind("therapy_band", BAND, "claim_line", _of_length(53), _therapy(52, "90837")),
    VisitKind("therapy_unlogged", BAND, "claim_line", therapy_alone, _unlogged, "not_evaluable"),
    VisitKind(
        "therapy_alone_with_visit", PAIRING, "claim_line", with_add_on, _instead_of_add_on,
        follows=_visit_is_second, follow_rules=PAIR_RULES,
    ),
    VisitKind("addon_without_visit", PAIRING, "claim_line", with_add_on, _without_visit),
    VisitKind("minutes_twice", TWICE, "claim_line", with_add_on, _visit_ends(1)),
    VisitKind("therapy_watched", WATCHED, "claim_line", _can_be_watched, _therapy_while_watched),
    VisitKind("therapy_in_others_watch", OTHERS, "claim_line", _may_move, _move_into_observation),
    VisitKind(
        "two_at_once", OVERLAP, "encounter", _two_therapies, _at_once(1),
        follows=_other_too, follow_rules=(OVERLAP,),
    ),
)  # fmt: skip
NEAR_MISSES = (
    VisitKind("therapy_53", BAND, "claim_line", _of_length(53), _therapy(53, "90837"), ""),
    VisitKind("therapy_38", BAND, "claim_line", _of_length(38), _therapy(38, "90834"), ""),
    VisitKind("therapy_of_another", PAIRING, "claim_line", _beside_bundle, unchanged, "",
              silent=(WATCHED, OTHERS)),
    VisitKind("minutes_once", TWICE, "claim_line", with_add_on, _visit_ends(0), ""),
    VisitKind("back_to_back", OVERLAP, "encounter", _two_therapies, _at_once(0), ""),
)  # fmt: skip
