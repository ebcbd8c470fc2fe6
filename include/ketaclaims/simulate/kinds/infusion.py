"""Faults of the clock, the route and the parents of infusions, pushes and injections."""

from datetime import timedelta
from decimal import Decimal

from ketaclaims.simulate.billing import ONE, add_line, reprice
from ketaclaims.simulate.faults import Expected
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.modifiers import MUE_RULES, PAIR_RULES, beyond_mue, open_pair
from ketaclaims.simulate.kinds.registry import Apply, Plot, VisitKind, also, both, line_key, unchanged
from ketaclaims.simulate.model import Administration, Line, Session

TIMES, FIRST_HOUR, FURTHER = "infusion-times-present", "infusion-initial-min-time", "infusion-addon-time"
ONE_INITIAL, ROUTE, NASAL = "infusion-one-initial", "im-injection-code", "intranasal-no-injection-code"
PARENT, FLUID, FACILITY = "infusion-addon-has-parent", "hydration-carrier-fluid", "facility-pos-practitioner"
HOSPITAL = "22"


def _first(session: Session) -> Line:
    assert session.claim is not None
    return session.claim.lines[0]


def _add(plot: Plot, session: Session, code: str, *mods: str) -> Line:
    assert session.claim is not None
    return add_line(session.claim, session, plot.reference, code, mods=mods)


def _last(minutes: int, line: int = 0) -> Apply:
    """The clock says so many minutes; that line is the one to look at."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        given = session.administrations[0]
        given.stop_at = plot.clinic.later(given.start_at, minutes)
        assert session.claim is not None
        return session.claim.lines[line]

    return apply


def _without_stop(plot: Plot, session: Session, ordinal: int) -> Line:
    session.administrations[0].stop_at = None
    return _first(session)


def _stop_before_start(plot: Plot, session: Session, ordinal: int) -> Line:
    given = session.administrations[0]
    given.stop_at = given.start_at - timedelta(minutes=5)
    return _first(session)


def _as_push(plot: Plot, session: Session, ordinal: int) -> Line:
    reprice(_first(session), plot.reference, "96374", ONE)
    return _first(session)


def _as_injection(plot: Plot, session: Session, ordinal: int) -> Line:
    reprice(_first(session), plot.reference, "96372", ONE)
    return _first(session)


def _second_hour(minutes: int) -> Apply:
    """96366 beside 96365, the clock at so many minutes."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        _last(minutes)(plot, session, ordinal)
        # an ABN is on file for the whole infusion
        liability = [mod for mod in _first(session).mods if mod == "GA"]
        return _add(plot, session, "96366", *liability)

    return apply


def _beside(code: str, *mods: str) -> Apply:
    """One more line of that code."""
    return lambda plot, session, ordinal: _add(plot, session, code, *mods)


def _first_too(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    return [Expected(ONE_INITIAL, "claim_line", line_key(session, _first(session)))]


def _other_given(session: Session, plot: Plot, drug: str, route: str, minutes: int) -> None:
    """Something else, after the treatment itself."""
    real = session.administrations[0]
    begin = real.stop_at or real.start_at
    session.administrations.append(
        Administration(
            administration_id=plot.clinic.new_id("A"),
            encounter_id=real.encounter_id,
            drug=drug,
            route=route,
            dose_mg=Decimal(4),
            start_at=begin,
            stop_at=plot.clinic.later(begin, minutes),
            last_device_at=None,
            discharged_at=real.discharged_at,
            given_by=real.given_by,
            ndc11=plot.reference.raw["ndc"][drug],
            weight_kg=real.weight_kg,
            container_type="multi",
            ordering_npi=real.ordering_npi,
        )
    )


def _ordered_fluid(plot: Plot, session: Session, ordinal: int) -> Line:
    """Near miss: fluid for its own sake, half an hour and a minute after the drug had run in."""
    _other_given(session, plot, "saline", "IV", 31)
    return _add(plot, session, "96361")


def _injected_beside_spray(plot: Plot, session: Session, ordinal: int) -> Line:
    """Near miss: another drug went into the muscle on the day of the spray."""
    _other_given(session, plot, "ondansetron", "IM", 1)
    return _add(plot, session, "96372")


def _under_the_skin(plot: Plot, session: Session, ordinal: int) -> Line:
    session.administrations[0].route = "SC"
    line = places.unlisted(session)
    line.noc_text = line.noc_text.replace(" IM", " SC")
    return _first(session)


def _in_hospital(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    session.claim.pos = HOSPITAL
    return _first(session)


def _whole_claim(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    """Every line but the first, which is named, and the E/M."""
    assert session.claim is not None
    barred = [other for other in session.claim.lines[1:] if not other.code.startswith("992")]
    return [Expected(FACILITY, "claim_line", line_key(session, other)) for other in barred]


UNTIMED = also(FIRST_HOUR, FURTHER, status="not_evaluable")
medicare_bundle = places.of_lob(places.bundle_without_pa, "medicare_b")

KINDS = (
    VisitKind(
        "infusion_no_stop", TIMES, "claim_line", places.infusion, _without_stop,
        follows=UNTIMED, follow_rules=(FIRST_HOUR, FURTHER),
    ),
    VisitKind(
        "infusion_reversed", TIMES, "claim_line", places.infusion, _stop_before_start,
        follows=UNTIMED, follow_rules=(FIRST_HOUR, FURTHER),
    ),
    VisitKind("infusion_short", FIRST_HOUR, "claim_line", places.infusion, _last(15)),
    VisitKind("push_long", FIRST_HOUR, "claim_line", places.infusion, _as_push),
    VisitKind("second_hour_early", FURTHER, "claim_line", places.infusion, _second_hour(90)),
    VisitKind("third_hour_unbilled", FURTHER, "claim_line", places.long_infusion, _last(151, 1)),
    VisitKind(
        "two_initial", ONE_INITIAL, "claim_line", places.infusion, _beside("96374"),
        follows=both(_first_too, open_pair), follow_rules=PAIR_RULES,
    ),
    VisitKind(
        "muscle_as_push", ROUTE, "claim_line", places.injection, _as_push,
        follows=also(FIRST_HOUR, status="not_evaluable"), follow_rules=(FIRST_HOUR,),
    ),
    VisitKind("vein_as_injection", ROUTE, "claim_line", places.infusion, _as_injection),
    VisitKind("nasal_injection", NASAL, "claim_line", medicare_bundle, _beside("96372")),
    VisitKind(
        "addon_of_push", PARENT, "claim_line", places.push, _beside("96366"),
        follows=also(FURTHER), follow_rules=(FURTHER,),
    ),
    VisitKind(
        "repeated_push", PARENT, "claim_line", places.any_infusion, _beside("96376"),
        follows=beyond_mue, follow_rules=MUE_RULES,
    ),
    VisitKind("carrier_fluid", FLUID, "claim_line", places.any_infusion, _beside("96361")),
    VisitKind("hospital_bundle", FACILITY, "claim_line", places.bundle, _in_hospital),
    VisitKind(
        "hospital_infusion", FACILITY, "claim_line", places.ketamine, _in_hospital, follows=_whole_claim
    ),
)  # fmt: skip

NEAR_MISSES = (
    VisitKind("injection_no_stop", TIMES, "claim_line", places.injection, _without_stop, ""),
    VisitKind("infusion_16_minutes", FIRST_HOUR, "claim_line", places.infusion, _last(16), ""),
    VisitKind("infusion_91_minutes", FURTHER, "claim_line", places.infusion, _second_hour(91), ""),
    VisitKind("infusion_150_minutes", FURTHER, "claim_line", places.long_infusion, _last(150, 1), ""),
    VisitKind("second_encounter", ONE_INITIAL, "claim_line", places.infusion, _beside("96374", "XE"), ""),
    VisitKind("under_the_skin", ROUTE, "claim_line", places.injection, _under_the_skin, ""),
    VisitKind("muscle_and_nose", NASAL, "claim_line", medicare_bundle, _injected_beside_spray, ""),
    VisitKind("second_drug_pushed", PARENT, "claim_line", places.infusion, _beside("96375"), ""),
    VisitKind("ordered_fluid", FLUID, "claim_line", places.infusion, _ordered_fluid, ""),
    VisitKind("hospital_visit", FACILITY, "claim_line", places.office_visit, _in_hospital, ""),
    VisitKind("infusion_as_it_is", FIRST_HOUR, "claim_line", places.push, unchanged, ""),
)  # fmt: skip
