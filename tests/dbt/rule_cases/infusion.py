"""Infusions and injections: the clock, the route, the parent, the place."""

from datetime import timedelta
from typing import Any

from chart_rows import Row
from rule_case_kit import Case, Chart, at, billed, hit, near, unknown

START = at(9)


def infuse(chart: Chart, minutes: int | None, **given: Any) -> None:
    """Ketamine by vein from nine for so many minutes."""
    stop = None if minutes is None else START + timedelta(minutes=minutes)
    row: Row = {"drug": "ketamine", "route": "iv", "start_at": START, "stop_at": stop, "last_device_at": None}
    chart.session("40", **{**row, **given})


def infusion(chart: Chart, minutes: int | None, *lines: Row, claim: Row | None = None, **given: Any) -> None:
    """An infusion and the lines billed for it."""
    infuse(chart, minutes, **given)
    chart.bill(*lines, **(claim or {}))


def saline(chart: Chart, *, apart_minutes: int) -> None:
    """A drug from nine to ten and a fluid from 9:30 on, so many minutes of it apart."""
    infuse(chart, 60)
    stop = at(10) + timedelta(minutes=apart_minutes)
    fluid = {"drug": "Saline 0.9 %", "route": "iv", "start_at": at(9, 30), "stop_at": stop}
    chart.give(f"{chart.case_id}.e1", None, **fluid)
    chart.bill(billed("96365"), billed("96360", mod1="59"))


def bare(chart: Chart, *lines: Row) -> None:
    """Lines of a clinic that never delivered administrations."""
    chart.own_clinic()
    chart.visit()
    chart.bill(*lines)


def two_visits(chart: Chart) -> None:
    """Two initial services, each of an encounter of its own."""
    first, second = chart.visit(), chart.visit()
    chart.bill(billed("96365", encounter_id=first), billed("96374", encounter_id=second))


FIRST, PUSH, MORE = billed("96365"), billed("96374"), billed("96366")
CASES: list[Case] = [
    hit("infusion-times-present", "no stop", lambda c: infusion(c, None, FIRST)),
    hit("infusion-times-present", "stop at the start", lambda c: infusion(c, 0, FIRST)),
    near("infusion-times-present", "a minute", lambda c: infusion(c, 1, FIRST)),
    unknown("infusion-times-present", "no chart delivered", lambda c: bare(c, FIRST)),
    hit("infusion-initial-min-time", "15 minutes billed as an infusion", lambda c: infusion(c, 15, FIRST)),
    hit("infusion-initial-min-time", "16 minutes billed as a push", lambda c: infusion(c, 16, PUSH)),
    near("infusion-initial-min-time", "16 minutes", lambda c: infusion(c, 16, FIRST)),
    near("infusion-initial-min-time", "15 minutes billed as a push", lambda c: infusion(c, 15, PUSH)),
    unknown("infusion-initial-min-time", "no stop", lambda c: infusion(c, None, FIRST)),
    hit("infusion-addon-time", "90 minutes make no further hour", lambda c: infusion(c, 90, FIRST, MORE)),
    hit("infusion-addon-time", "151 minutes make two", lambda c: infusion(c, 151, FIRST, MORE)),
    hit("infusion-addon-time", "91 minutes without the add-on", lambda c: infusion(c, 91, FIRST)),
    near("infusion-addon-time", "91 minutes make one", lambda c: infusion(c, 91, FIRST, MORE)),
    near("infusion-addon-time", "150 minutes make one", lambda c: infusion(c, 150, FIRST, MORE)),
    near("infusion-addon-time", "ten minutes make none", lambda c: infusion(c, 10, FIRST)),
    unknown("infusion-addon-time", "no stop", lambda c: infusion(c, None, FIRST, MORE)),
    unknown("infusion-addon-time", "no units", lambda c: infusion(c, 91, FIRST, billed("96366", None))),
    hit("infusion-one-initial", "infusion and push", lambda c: infusion(c, 60, FIRST, PUSH)),
    near(
        "infusion-one-initial",
        "the push set apart by XE",
        lambda c: infusion(c, 60, FIRST, billed("96374", mod1="XE")),
    ),
    near("infusion-one-initial", "two encounters", two_visits),
    unknown(
        "infusion-one-initial",
        "no date of service",
        lambda c: infusion(c, 60, billed("96365", dos_from=None)),
    ),
    hit(
        "im-injection-code", "infused and billed as an injection", lambda c: infusion(c, 40, billed("96372"))
    ),
    hit(
        "im-injection-code",
        "injected and billed as an infusion",
        lambda c: infusion(c, 40, FIRST, route="im"),
    ),
    near(
        "im-injection-code", "injected under the skin", lambda c: infusion(c, 40, billed("96372"), route="sc")
    ),
    near("im-injection-code", "nasal is for another rule", lambda c: infusion(c, 40, FIRST, route="nasal")),
    unknown("im-injection-code", "the route is not charted", lambda c: infusion(c, 40, FIRST, route=None)),
    hit(
        "intranasal-no-injection-code",
        "96372 for a nasal dose",
        lambda c: infusion(c, 5, billed("96372"), route="nasal"),
    ),
    near(
        "intranasal-no-injection-code",
        "96372 for an injection",
        lambda c: infusion(c, 5, billed("96372"), route="im"),
    ),
    unknown("intranasal-no-injection-code", "no chart delivered", lambda c: bare(c, billed("96372"))),
    hit(
        "infusion-addon-has-parent",
        "a push is no parent of a further hour",
        lambda c: infusion(c, 91, PUSH, MORE),
    ),
    hit("infusion-addon-has-parent", "96376 has none", lambda c: infusion(c, 40, FIRST, billed("96376"))),
    hit(
        "infusion-addon-has-parent",
        "the parent is another clinician's",
        lambda c: infusion(c, 91, billed("96365", rendering_npi="3333333333"), MORE),
    ),
    near("infusion-addon-has-parent", "first and further hour", lambda c: infusion(c, 91, FIRST, MORE)),
    near(
        "infusion-addon-has-parent",
        "a push on top of a push",
        lambda c: infusion(c, 9, PUSH, billed("96375")),
    ),
    near(
        "infusion-addon-has-parent",
        "96376 of a facility",
        lambda c: infusion(c, 40, FIRST, billed("96376"), claim={"claim_type": "837i"}),
    ),
    unknown(
        "infusion-addon-has-parent",
        "no clinician",
        lambda c: infusion(c, 91, FIRST, MORE, claim={"rendering_npi": None}),
    ),
    hit("hydration-carrier-fluid", "30 minutes apart", lambda c: saline(c, apart_minutes=30)),
    hit(
        "hydration-carrier-fluid",
        "no fluid charted",
        lambda c: infusion(c, 60, FIRST, billed("96360", mod1="59")),
    ),
    near("hydration-carrier-fluid", "31 minutes apart", lambda c: saline(c, apart_minutes=31)),
    unknown(
        "hydration-carrier-fluid", "no chart delivered", lambda c: bare(c, FIRST, billed("96360", mod1="59"))
    ),
    hit(
        "facility-pos-practitioner",
        "an infusion in a hospital",
        lambda c: infusion(c, 40, FIRST, claim={"pos": "22"}),
    ),
    hit(
        "facility-pos-practitioner",
        "a drug in one",
        lambda c: infusion(c, 40, billed("J3490"), claim={"pos": "19"}),
    ),
    near("facility-pos-practitioner", "in the office", lambda c: infusion(c, 40, FIRST)),
    near(
        "facility-pos-practitioner",
        "the facility's own claim",
        lambda c: infusion(c, 40, FIRST, claim={"pos": "22", "claim_type": "837i"}),
    ),
    unknown("facility-pos-practitioner", "no place", lambda c: infusion(c, 40, FIRST, claim={"pos": None})),
]
