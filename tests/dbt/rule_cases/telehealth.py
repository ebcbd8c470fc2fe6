"""Telehealth: place, modifier, licence, and what cannot be done through a screen."""

from datetime import date
from typing import Any

from chart_rows import DAY
from rule_case_kit import Case, Chart, billed, hit, near, unknown

NEW_YEAR = date(2027, 1, 1)


def remote(
    chart: Chart,
    mode: str | None,
    pos: str | None,
    mod: str | None = None,
    *,
    payer: str = "medicare_b",
    lob: str | None = "medicare_b",
    code: str = "99214",
    **policies: str,
) -> None:
    """A visit held so, billed so."""
    if policies:
        chart.policies(**policies)
    else:
        chart.coverage(payer, lob)
    chart.visit(mode=mode)
    chart.bill(billed(code, mod1=mod), pos=pos)


def dosed(chart: Chart, code: str, pos: str | None = "11", mod: str | None = None) -> None:
    chart.session("56", visit={"mode": "in_person"})
    chart.bill(billed(code, mod1=mod), pos=pos)


def licensed(
    chart: Chart,
    patient_state: str | None,
    licence_state: str | None = "NY",
    *,
    mode: str = "video",
    to: date = date(2026, 12, 31),
) -> None:
    """A visit in a clinic of one clinician with a licence."""
    chart.own_clinic()
    if licence_state:
        paper = {"npi": "2222222222", "kind": "state_licence", "number": "1", "state": licence_state}
        chart.add("provider_credential", {**paper, "eff_from": date(2024, 1, 1), "eff_to": to})
    chart.visit(mode=mode, patient_state=patient_state)
    chart.bill(billed("99214"), pos="10")


def prescribe(
    chart: Chart, on: date = NEW_YEAR, *, before: str | None = "video", drug: str = "Ketamine", **given: Any
) -> None:
    """A prescription at a video visit, and a visit before it."""
    chart.visit(date(2026, 2, 3), mode=before)
    number = chart.visit(on, mode="video")
    row = {"prescription_id": number, "patient_id": chart.case_id, "encounter_id": number, "drug": drug}
    chart.add("prescription", {**row, "prescribed_on": on, "is_for_home": True, **given})


def plan(chart: Chart, mode: str, pos: str, mod: str | None = None, **policies: str) -> None:
    """The same under a plan with policies of its own."""
    remote(chart, mode, pos, mod, **(policies or {"telehealth_mod": "95"}))


CASES: list[Case] = [
    hit("telehealth-pos-mod", "video in the office, Medicare", lambda c: remote(c, "video", "11")),
    hit("telehealth-pos-mod", "audio without 93", lambda c: remote(c, "audio", "10")),
    hit("telehealth-pos-mod", "98008 to Medicare", lambda c: remote(c, "video", "10", code="98008")),
    hit("telehealth-pos-mod", "a plan that wants 95", lambda c: plan(c, "video", "02")),
    hit("telehealth-pos-mod", "a plan that wants 95 got GT", lambda c: plan(c, "video", "02", "GT")),
    hit("telehealth-pos-mod", "video in the office, a plan", lambda c: plan(c, "video", "11", "95")),
    hit(
        "telehealth-pos-mod",
        "home, where the plan takes 02 only",
        lambda c: plan(c, "video", "10", "95", telehealth_mod="95", telehealth_pos="02"),
    ),
    near("telehealth-pos-mod", "video at home, Medicare", lambda c: remote(c, "video", "10")),
    near("telehealth-pos-mod", "audio with 93", lambda c: remote(c, "audio", "02", "93")),
    near("telehealth-pos-mod", "a plan that wants 95", lambda c: plan(c, "video", "02", "95")),
    near(
        "telehealth-pos-mod",
        "a plan that takes GT or 95",
        lambda c: plan(c, "video", "10", "GT", telehealth_mod="95;GT"),
    ),
    near(
        "telehealth-pos-mod",
        "a plan that takes the office",
        lambda c: plan(c, "video", "11", "95", telehealth_mod="95", telehealth_pos="02;10;11"),
    ),
    near("telehealth-pos-mod", "audio with 93 under a plan", lambda c: plan(c, "audio", "10", "93")),
    near("telehealth-pos-mod", "in the office, in the office", lambda c: remote(c, "in_person", "11")),
    unknown(
        "telehealth-pos-mod",
        "a plan nobody knows the modifier of",
        lambda c: remote(c, "video", "02", payer="premera", lob="commercial"),
    ),
    unknown("telehealth-pos-mod", "not said how it was held", lambda c: remote(c, None, "10")),
    unknown("telehealth-pos-mod", "no place", lambda c: remote(c, "video", None)),
    hit("telehealth-not-dosing", "a session at home", lambda c: dosed(c, "G2083", "10")),
    hit("telehealth-not-dosing", "an infusion with 95", lambda c: dosed(c, "96365", "11", "95")),
    hit("telehealth-not-dosing", "an injection elsewhere", lambda c: dosed(c, "96372", "02")),
    near("telehealth-not-dosing", "a session in the office", lambda c: dosed(c, "G2083")),
    near("telehealth-not-dosing", "a visit by video", lambda c: remote(c, "video", "10")),
    unknown("telehealth-not-dosing", "no place", lambda c: dosed(c, "J0013", None)),
    hit("telehealth-patient-state", "of another state", lambda c: licensed(c, "VT")),
    hit(
        "telehealth-patient-state",
        "ended the day before",
        lambda c: licensed(c, "NY", to=date(DAY.year, DAY.month, DAY.day - 1)),
    ),
    near("telehealth-patient-state", "on its last day", lambda c: licensed(c, "NY", to=DAY)),
    near("telehealth-patient-state", "in person", lambda c: licensed(c, "VT", mode="in_person")),
    unknown("telehealth-patient-state", "not said where", lambda c: licensed(c, None)),
    unknown("telehealth-patient-state", "no licences delivered", lambda c: licensed(c, "NY", None)),
    hit("dea-tele-cliff", "only ever seen by video", prescribe),
    hit("dea-tele-cliff", "the visit in person comes later", lambda c: later_visit(c)),
    near("dea-tele-cliff", "the rule still holds", lambda c: prescribe(c, date(2026, 12, 31))),
    near("dea-tele-cliff", "seen in person", lambda c: prescribe(c, before="in_person")),
    near("dea-tele-cliff", "another drug", lambda c: prescribe(c, drug="Sertraline")),
    near("dea-tele-cliff", "not for home", lambda c: prescribe(c, is_for_home=False)),
    unknown("dea-tele-cliff", "a visit that does not say how", lambda c: prescribe(c, before=None)),
]


def later_visit(chart: Chart) -> None:
    """Seen in person a day after the prescription."""
    prescribe(chart, encounter_id=None)
    chart.visit(date(2027, 1, 2), mode="in_person")
