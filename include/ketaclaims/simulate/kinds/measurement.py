"""Faults in scored questionnaires, collaborative care and primary care management."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from ketaclaims.simulate.billing import add_line, reprice
from ketaclaims.simulate.care import score_instrument
from ketaclaims.simulate.cocm import COUNTED_FIRST, COUNTED_LATER, LEAST_FIRST, LEAST_LATER
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.modifiers import MUE_RULES, PAIR_RULES, beyond_mue, open_pair
from ketaclaims.simulate.kinds.registry import Apply, Plot, VisitKind
from ketaclaims.simulate.model import Line, Row, Session

SCORED, UNBILLED, OVER = "mbc-96127-per-instrument", "mbc-96127-unbilled", "mbc-96127-over-mue"
PTP, COCM, APCM = "mbc-96127-ptp", "cocm-minutes", "cocm-apcm-exclusive"
NCCI_LOBS = ("medicare_b", "ma", "medicaid_mco", "tricare")
MORE_INSTRUMENTS = (("PCL-5", 20, 31), ("ISI", 7, 12))
APCM_FROM = date(2026, 1, 1)


def _units(change: int) -> Apply:
    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        line = places.line_of(session, "96127")
        reprice(line, plot.reference, line.code, line.units + change)
        return line

    return apply


def _four_scored(units: int) -> Apply:
    """Two more questionnaires are scored, and so many units billed."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        for instrument, items, score in MORE_INSTRUMENTS:
            score_instrument(plot.clinic, session, instrument, items, score)
        line = places.line_of(session, "96127")
        reprice(line, plot.reference, line.code, Decimal(units))
        return line

    return apply


def _screen_beside(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    score_instrument(plot.clinic, session, "PHQ-9", 9, 11)
    return add_line(session.claim, session, plot.reference, "96127")


def _screen(plot: Plot, session: Session, ordinal: int) -> Line:
    """Near miss: nothing changed."""
    return places.line_of(session, "96127")


def _contacts(plot: Plot, session: Session) -> list[Row]:
    month = f"{session.dos:%Y-%m}"
    return [
        row
        for _, row in plot.clinic.rows["time_log"]
        if row["activity"] == "cocm"
        and row["patient_id"] == session.patient.patient_id
        and row["service_month"] == month
    ]


def _month_of(minutes: Callable[[Session], int]) -> Apply:
    """The care manager's log of the month adds up to that."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        first, *others = _contacts(plot, session)
        plot.drop_rows("time_log", others)
        assert isinstance(first["start_at"], datetime) and session.claim is not None
        first["minutes"] = minutes(session)
        first["end_at"] = first["start_at"] + timedelta(minutes=minutes(session))
        return session.claim.lines[0]

    return apply


def _is_first(session: Session) -> bool:
    assert session.claim is not None
    return session.claim.lines[0].code == "99492"


def _least(session: Session) -> int:
    return LEAST_FIRST if _is_first(session) else LEAST_LATER


def _with_half_hour(plot: Plot, session: Session, ordinal: int) -> Line:
    """A minute less than the further half hour needs, which is billed."""
    assert session.claim is not None
    _month_of(lambda s: (COUNTED_FIRST if _is_first(s) else COUNTED_LATER) + 29)(plot, session, ordinal)
    return add_line(session.claim, session, plot.reference, "99494")


def _managed(*codes: str) -> Apply:
    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        assert session.claim is not None
        lines = [add_line(session.claim, session, plot.reference, code) for code in codes]
        return lines[0]

    return apply


def _one_line_month(plot: Plot, session: Session) -> bool:
    claim = session.claim
    return (
        session.kind == "cocm"
        and claim is not None
        and [x.code for x in claim.lines] in (["99492"], ["99493"])
    )


def _from_2026(plot: Plot, session: Session) -> bool:
    """A visit under plain Medicare of a patient without collaborative care."""
    seen = places.in_room(places.of_kind("visit", "intake", "therapy"))
    is_medicare = places.of_lob(seen, "medicare_b")(plot, session)
    return is_medicare and session.dos >= APCM_FROM and session.patient.track != "cocm"


screened = places.with_line(places.of_kind("visit", "intake"), "96127")
scored_twice = places.with_line(places.of_kind("intake"), "96127")
therapy = places.alone_that_day(places.of_kind("therapy"))

KINDS = (
    VisitKind("screen_unscored", SCORED, "claim_line", screened, _units(1)),
    VisitKind("screen_unbilled", UNBILLED, "claim_line", scored_twice, _units(-1)),
    VisitKind(
        "screens_over_mue", OVER, "claim_line", scored_twice, _four_scored(4),
        follows=beyond_mue, follow_rules=MUE_RULES,
    ),
    VisitKind(
        "screen_with_therapy", PTP, "claim_line", places.of_lob(therapy, *NCCI_LOBS), _screen_beside,
        follows=open_pair, follow_rules=PAIR_RULES,
    ),
    VisitKind("cocm_short", COCM, "claim_line", _one_line_month, _month_of(lambda s: _least(s) - 1)),
    VisitKind("cocm_addon_early", COCM, "claim_line", _one_line_month, _with_half_hour),
    VisitKind("apcm_without_base", APCM, "claim_line", _from_2026, _managed("G0568")),
)  # fmt: skip
NEAR_MISSES = (
    VisitKind(
        "screen_as_scored", SCORED, "claim_line", places.of_lob(screened, *NCCI_LOBS), _screen, "",
        silent=(PTP,),
    ),
    VisitKind(
        "three_of_four_billed", UNBILLED, "claim_line", scored_twice, _four_scored(3), "", silent=(OVER,)
    ),
    VisitKind("cocm_exact", COCM, "claim_line", _one_line_month, _month_of(_least), ""),
    VisitKind("apcm_with_base", APCM, "claim_line", _from_2026, _managed("G0568", "G0556"), ""),
)  # fmt: skip
