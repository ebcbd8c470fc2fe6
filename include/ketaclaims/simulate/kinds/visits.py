"""Faults in the visits beside a drug: missing modifiers, services the bundle holds already, deleted codes."""

from ketaclaims.simulate.billing import add_line
from ketaclaims.simulate.care import note_apart
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.modifiers import PAIR_RULES, open_pair
from ketaclaims.simulate.kinds.registry import Plot, VisitKind, also
from ketaclaims.simulate.model import Line, Session


def _em_beside_bundle(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    note_apart(plot.clinic, session, session)
    mods = ("25",) if ordinal % 2 == 0 else ()  # 25 does not rescue it
    return add_line(session.claim, session, plot.reference, "99213", mods=mods)


def _drop_25(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    line = session.claim.lines[-1]
    line.mods = []
    return line


def _deleted_code(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    return add_line(session.claim, session, plot.reference, "99354")


PROLONGED = "prolonged-code-valid"
KINDS = (
    VisitKind(
        "em_no_25", "em-same-day-needs-25", "claim_line", places.em_with_25, _drop_25,
        follows=open_pair, follow_rules=PAIR_RULES,
    ),
    VisitKind("gcode_em", "gcode-no-em-same-day", "claim_line", places.bundle_bars_em, _em_beside_bundle),
    VisitKind(
        "deleted_code", "code-valid-on-dos", "claim_line", places.per_mg, _deleted_code,
        follows=also(PROLONGED), follow_rules=(PROLONGED,),
    ),
)  # fmt: skip
