"""Faults in modifiers, pairs of codes and limits of units."""

from datetime import date
from decimal import Decimal

from ketaclaims.simulate.billing import add_line, reprice
from ketaclaims.simulate.faults import Expected
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.registry import Apply, Plot, RuleOf, VisitKind, line_key
from ketaclaims.simulate.model import Line, Session
from ketaclaims.simulate.reference import load_reference

COMBINATION = "mod-valid-combo"
PAIR_RULES = ("ptp-edit", "ptp-edit-stale")
MUE_RULES = ("mue-limit", "mue-limit-stale")


def is_table_of(day: date) -> bool:
    """Whether the NCCI tables at hand are those of the quarter of service."""
    first, last = load_reference().raw["ncci_quarter"]
    return bool(first <= day <= last)


def _by_quarter(rules: tuple[str, str]) -> RuleOf:
    current, stale = rules
    return lambda session: current if is_table_of(session.dos) else stale


pair_rule, mue_rule = _by_quarter(PAIR_RULES), _by_quarter(MUE_RULES)


def open_pair(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    """The line is the second of an NCCI pair."""
    assert line is not None
    return [Expected(pair_rule(session), "claim_line", line_key(session, line))]


def beyond_mue(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    """Medicare, Medicaid and TRICARE go by the MUEs; commercial plans need not."""
    assert line is not None
    is_bound = session.patient.payer.lob != "commercial"
    return [Expected(mue_rule(session), "claim_line", line_key(session, line))] if is_bound else []


def _mark(position: int, *mods: str) -> Apply:
    """Put modifiers on the line at that position."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        assert session.claim is not None
        line = session.claim.lines[position]
        line.mods = [*line.mods, *mods]
        return line

    return apply


def _second_visit(*mods: str) -> Apply:
    """A lower E/M beside the visit's own: an NCCI pair that a modifier parts."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        assert session.claim is not None
        return add_line(session.claim, session, plot.reference, "99212", mods=mods)

    return apply


def _two_units(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    line = session.claim.lines[0]
    reprice(line, plot.reference, line.code, Decimal(2))
    return line


KINDS = (
    VisitKind("mod_repeated", COMBINATION, "claim_line", places.em_with_25, _mark(-1, "25")),
    VisitKind("mod_25_elsewhere", COMBINATION, "claim_line", places.any_infusion, _mark(0, "25")),
    VisitKind("mod_59_and_x", COMBINATION, "claim_line", places.push, _mark(0, "59", "XS")),
    VisitKind("mod_component", COMBINATION, "claim_line", places.any_infusion, _mark(0, "26")),
    VisitKind(
        "two_visits", pair_rule, "claim_line", places.office_visit, _second_visit(), choices=PAIR_RULES
    ),
    VisitKind(
        "infusion_units", mue_rule, "claim_line",
        places.of_lob(places.any_infusion, "medicare_b"), _two_units, choices=MUE_RULES,
    ),
)  # fmt: skip
NEAR_MISSES = (
    VisitKind("mod_59_alone", COMBINATION, "claim_line", places.any_infusion, _mark(0, "59"), ""),
    VisitKind(
        "two_visits_apart", pair_rule, "claim_line", places.office_visit, _second_visit("59"), "",
        choices=PAIR_RULES,
    ),
    VisitKind(
        "visit_units", mue_rule, "claim_line", places.of_lob(places.office_visit, "medicare_b"), _two_units,
        "", choices=MUE_RULES,
    ),
)  # fmt: skip
