"""Faults in visits by video or telephone, and in what nobody may do that way."""

from datetime import date

from ketaclaims.simulate.billing import HOME_POS, telehealth_modifiers
from ketaclaims.simulate.faults import Expected
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.registry import Apply, Plot, VisitKind, every_line, unchanged
from ketaclaims.simulate.model import Line, Session

PLACE, DOSING, STATE, CLIFF = (
    "telehealth-pos-mod", "telehealth-not-dosing", "telehealth-patient-state", "dea-tele-cliff",
)  # fmt: skip
OFFICE, OTHER_TELEHEALTH = "11", "02"
ELSEWHERE = "TX"  # nobody here is licensed there
CLIFF_FROM = date(2027, 1, 1)


def _at(pos: str) -> Apply:
    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        assert session.claim is not None
        session.claim.pos = pos
        return session.claim.lines[0]

    return apply


def _unmarked(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    for line in session.claim.lines:
        line.mods = [modifier for modifier in line.mods if modifier not in ("93", "95", "GT")]
    return session.claim.lines[0]


def _marked_95(plot: Plot, session: Session, ordinal: int) -> Line:
    session.drug_line.mods = [*session.drug_line.mods, "95"]
    return session.drug_line


def _in_state(state: str) -> Apply:
    """Where the patient was; empty for the neighbouring state, where clinicians are licensed as well."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        assert session.claim is not None
        session.encounter.patient_state = state or plot.clinic.neighbour
        return session.claim.lines[0]

    return apply


def _by_video(plot: Plot, session: Session) -> bool:
    return session.encounter.mode == "video" and session.claim is not None


def _by_video_with_modifier(plot: Plot, session: Session) -> bool:
    return _by_video(plot, session) and bool(session.claim and session.claim.lines[0].mods)


def _after_cliff(plot: Plot, session: Session) -> bool:
    """A prescription for home of 2027 or later, with nothing planted on the patient's visits."""
    if session.dos < CLIFF_FROM or not plot.rows_of("prescription", session):
        return False
    return not any(s.touched for s in plot.by_patient[session.patient.patient_id])


def _never_in_person(plot: Plot, session: Session, ordinal: int) -> None:
    """All visits before were by video as well."""
    for seen in plot.by_patient[session.patient.patient_id]:
        seen.touched = True
        seen.encounter.mode, seen.encounter.patient_state = "video", seen.patient.state
        if seen.claim is not None:
            seen.claim.pos = HOME_POS
            for line in seen.claim.lines:
                line.mods = list(telehealth_modifiers(seen.encounter, seen.patient.payer, plot.reference))


def _later_ones_too(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    others = [s for s in plot.by_patient[session.patient.patient_id] if s is not session]
    prescribed = [s for s in others if s.dos >= CLIFF_FROM and plot.rows_of("prescription", s)]
    return [Expected(CLIFF, "encounter", s.encounter.encounter_id) for s in prescribed]


new_code = places.with_line(places.per_mg, "J0013")
KINDS = (
    VisitKind("video_at_office", PLACE, "claim_line", _by_video, _at(OFFICE), follows=every_line(PLACE)),
    VisitKind(
        "video_unmarked", PLACE, "claim_line", _by_video_with_modifier, _unmarked, follows=every_line(PLACE)
    ),
    VisitKind("bundle_at_home", DOSING, "claim_line", places.bundle, _at(HOME_POS)),
    VisitKind("drug_by_video", DOSING, "claim_line", new_code, _marked_95),
    VisitKind(
        "unlicensed_there", STATE, "claim_line", _by_video, _in_state(ELSEWHERE), follows=every_line(STATE)
    ),
    VisitKind(
        "home_without_visit", CLIFF, "encounter", _after_cliff, _never_in_person,
        follows=_later_ones_too, follow_rules=(CLIFF,),
    ),
)  # fmt: skip
NEAR_MISSES = (
    VisitKind("video_elsewhere", PLACE, "claim_line", _by_video, _at(OTHER_TELEHEALTH), ""),
    VisitKind("video_beside_course", DOSING, "claim_line", _by_video, unchanged, ""),
    VisitKind("licensed_there", STATE, "claim_line", _by_video, _in_state(""), ""),
    VisitKind("seen_once_in_person", CLIFF, "encounter", _after_cliff, lambda p, s, n: None, ""),
)
