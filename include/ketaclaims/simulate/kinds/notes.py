"""Faults in office visits beside treatments: who is new, notes, prolonged time, time of the staff."""

from datetime import timedelta
from decimal import Decimal

from ketaclaims.simulate.billing import ONE, add_line, reprice
from ketaclaims.simulate.care import note_apart, see_patient
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.modifiers import PAIR_RULES, open_pair
from ketaclaims.simulate.kinds.registry import Apply, Plot, VisitKind, unchanged
from ketaclaims.simulate.model import Line, Session
from ketaclaims.simulate.values import years_before

NURSE, NEW, NO_PROCEDURE = "em-99211-with-injection", "new-patient-three-year", "em-25-without-procedure"
NOTE, PROLONGED, STAFF = "em-separate-note", "prolonged-code-valid", "staff-prolonged-supervision"
ESTABLISHED = ("99212", "99213", "99214", "99215")
FURTHER = ("99417", "G2212")


def _nurse_visit(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    note_apart(plot.clinic, session, session)
    return add_line(session.claim, session, plot.reference, "99211")


def _as_nurse_visit(plot: Plot, session: Session, ordinal: int) -> Line:
    line = places.line_of(session, "99213", "99214")
    reprice(line, plot.reference, "99211", ONE)
    return line


def _bill_as(code: str, *instead: str) -> Apply:
    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        line = places.line_of(session, *instead)
        reprice(line, plot.reference, code, line.units)
        return line

    return apply


def _known_for_long(plot: Plot, session: Session, ordinal: int) -> Line:
    """Near miss: seen three years ago to the day, which still makes a known patient."""
    day = years_before(session.dos, 3)
    earlier = see_patient(plot.clinic, session.patient, day, 10, 25, "history")
    plot.by_patient[session.patient.patient_id].append(earlier)
    line = places.line_of(session, "99204")
    reprice(line, plot.reference, "99214", ONE)
    return line


def _mark_25(plot: Plot, session: Session, ordinal: int) -> Line:
    line = places.line_of(session, *ESTABLISHED)
    line.mods = [*line.mods, "25"]
    return line


def _shared(percent: int) -> Apply:
    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        for row in plot.rows_of("session_documentation", session):
            row["em_note_overlap_pct"] = Decimal(percent)
        return places.line_of(session, *ESTABLISHED)

    return apply


def _one_note(plot: Plot, session: Session, ordinal: int) -> Line:
    for row in plot.rows_of("session_documentation", session):
        row["em_note_id"] = f"N{session.encounter.encounter_id[1:]}"
    return places.line_of(session, *ESTABLISHED)


def _one_unit_more(plot: Plot, session: Session, ordinal: int) -> Line:
    line = places.line_of(session, *FURTHER)
    reprice(line, plot.reference, line.code, line.units + 1)
    return line


def _prolonged_beside_low(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    return add_line(session.claim, session, plot.reference, "99417")


def _staff_minutes(minutes: int) -> Apply:
    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        given = session.administrations[0]
        for row in plot.rows_of("time_log", session):
            if row["activity"] == "prolonged_staff":
                row["minutes"], row["end_at"] = minutes, given.start_at + timedelta(minutes=minutes)
        return places.line_of(session, "99415")

    return apply


def _unsupervised(plot: Plot, session: Session, ordinal: int) -> Line:
    session.encounter.supervisor_on_site = False
    return places.line_of(session, "99415")


def _line(*codes: str) -> Apply:
    """Near miss: nothing changed; that line looks wrong."""
    return lambda plot, session, ordinal: places.line_of(session, *codes)


intake = places.without_line(places.of_kind("intake"), *FURTHER)
KNOWN, UNSEEN = places.with_line(intake, *ESTABLISHED), places.with_line(intake, "99204")
without_visit = places.without_line(places.ketamine, *ESTABLISHED)
lone_visit = places.alone_that_day(places.office_visit)
lone_drug = places.alone_that_day(places.per_mg)
prolonged = places.with_line(places.of_kind("intake", "visit"), *FURTHER)
staffed = places.with_line(places.of_kind("esketamine"), "99415")
low_visit = places.without_line(places.of_lob(places.office_visit, "commercial"), *FURTHER)

KINDS = (
    VisitKind(
        "nurse_and_injection", NURSE, "claim_line", without_visit, _nurse_visit,
        follows=open_pair, follow_rules=PAIR_RULES,
    ),
    VisitKind("known_billed_new", NEW, "claim_line", KNOWN, _bill_as("99204", *ESTABLISHED)),
    VisitKind("new_billed_known", NEW, "claim_line", UNSEEN, _bill_as("99214", "99204")),
    VisitKind("needless_25", NO_PROCEDURE, "claim_line", lone_drug, _mark_25),
    VisitKind("note_copied", NOTE, "claim_line", places.per_mg, _shared(90)),
    VisitKind("note_shared", NOTE, "claim_line", places.per_mg, _one_note),
    VisitKind("prolonged_units", PROLONGED, "claim_line", prolonged, _one_unit_more),
    VisitKind(
        "prolonged_family", PROLONGED, "claim_line", places.with_line(prolonged, "99417"),
        _bill_as("G2212", "99417"),
    ),
    VisitKind("prolonged_without_base", PROLONGED, "claim_line", low_visit, _prolonged_beside_low),
    VisitKind("staff_time_short", STAFF, "claim_line", staffed, _staff_minutes(29)),
    VisitKind("staff_unsupervised", STAFF, "claim_line", staffed, _unsupervised),
)  # fmt: skip
NEAR_MISSES = (
    VisitKind("nurse_alone", NURSE, "claim_line", lone_visit, _as_nurse_visit, ""),
    VisitKind("known_for_three_years", NEW, "claim_line", UNSEEN, _known_for_long, ""),
    VisitKind("procedure_and_25", NO_PROCEDURE, "claim_line", places.em_with_25, unchanged, ""),
    VisitKind("note_at_89", NOTE, "claim_line", places.per_mg, _shared(89), ""),
    VisitKind("prolonged_as_it_is", PROLONGED, "claim_line", prolonged, _line(*FURTHER), ""),
    VisitKind("staff_time_30", STAFF, "claim_line", staffed, _staff_minutes(30), ""),
)  # fmt: skip
