"""Clinicians: who may bill, who is enrolled, whose papers are in order."""

from datetime import date
from typing import Any

from chart_rows import DAY
from rule_case_kit import Case, Chart, billed, hit, near, unknown

CLINIC, PERSON = "1234567893", "1679576722"  # check digits as they should be
ENDED = date(DAY.year, DAY.month, DAY.day - 1)


def person(chart: Chart, kind: str | None, npi: str = PERSON) -> None:
    chart.add("provider", {"npi": npi, "type": kind})


def paper(chart: Chart, kind: str, npi: str = PERSON, **given: Any) -> None:
    row = {"npi": npi, "kind": kind, "number": f"{kind}-{given.get('state')}", "eff_from": date(2024, 1, 1)}
    chart.add("provider_credential", {**row, **given})


def rendered(chart: Chart, kind: str | None, code: str, supervisor: str | None = None) -> None:
    """A line of a clinician of a kind, supervised by one of another."""
    chart.own_clinic()
    person(chart, kind)
    boss = None
    if supervisor:
        boss = "3333333333"
        person(chart, supervisor, boss)
    chart.visit(rendering_npi=PERSON, supervising_npi=boss)
    chart.bill(billed(code), rendering_npi=PERSON)


def enrolled(chart: Chart, payer: str | None, *, lob: str = "commercial", **given: Any) -> None:
    """A clinician enrolled with a payer sees a patient of aetna."""
    chart.own_clinic()
    if payer:
        paper(chart, "payer_enrolment", payer_id=payer, **given)
    chart.coverage("aetna" if lob == "commercial" else "self_pay", lob)
    chart.visit(rendering_npi=PERSON)
    chart.bill(billed("99214"), rendering_npi=PERSON)


def numbered(chart: Chart, *, site_npi: str = CLINIC, known: bool = True, **claim: Any) -> None:
    """A claim of a clinic and a clinician."""
    chart.own_clinic()
    site = {"site_id": "s2", "npi": site_npi, "timezone": "America/New_York"}
    chart.add("site", site)
    if known:
        person(chart, "MD")
    chart.visit()
    chart.bill(billed("99214"), **{"billing_npi": CLINIC, "rendering_npi": PERSON, **claim})


def ordered(
    chart: Chart,
    *,
    licence: str | None = "NY",
    dea: bool | None = True,
    drug: str = "esketamine",
    order: str | None = PERSON,
    site_state: str | None = "NY",
    **papers: Any,
) -> None:
    """A session ordered by a clinician with these papers."""
    chart.clinic_id = chart.case_id
    site = {"site_id": "s1", "state": site_state, "timezone": "America/New_York"}
    chart.add("site", site)
    if licence:
        paper(chart, "state_licence", state=licence, **papers)
    paper(chart, "dea", schedule_iii=dea)
    chart.session("56", ordering_npi=order, drug=drug)
    chart.bill(billed("J0013", "56"))


def no_dea(chart: Chart) -> None:
    """A clinic that delivered licences only."""
    chart.clinic_id = chart.case_id
    chart.add("site", {"site_id": "s1", "state": "NY", "timezone": "America/New_York"})
    paper(chart, "state_licence", state="NY")
    chart.session("56", ordering_npi=PERSON)


def supervised(chart: Chart, licence: str) -> None:
    """The chart names no prescriber; the visit was supervised."""
    chart.clinic_id = chart.case_id
    chart.add("site", {"site_id": "s1", "state": "NY", "timezone": "America/New_York"})
    paper(chart, "state_licence", state=licence)
    paper(chart, "dea", schedule_iii=True)
    chart.session("56", visit={"supervising_npi": PERSON})


CASES: list[Case] = [
    hit("provider-eligible", "a visit by a social worker", lambda c: rendered(c, "LCSW", "99214")),
    hit("provider-eligible", "an add-on by a psychologist", lambda c: rendered(c, "PhD", "90833")),
    hit("provider-eligible", "a drug by a counsellor", lambda c: rendered(c, "LPC", "J3490")),
    hit(
        "provider-eligible",
        "a session by a family therapist, supervised",
        lambda c: rendered(c, "LMFT", "G2083", "MD"),
    ),
    hit(
        "provider-eligible",
        "an infusion by a nurse under a therapist",
        lambda c: rendered(c, "RN", "96365", "LCSW"),
    ),
    near("provider-eligible", "psychotherapy by a social worker", lambda c: rendered(c, "LCSW", "90837")),
    near("provider-eligible", "a visit by a nurse practitioner", lambda c: rendered(c, "NP", "99214")),
    near(
        "provider-eligible",
        "an infusion by a nurse under a physician",
        lambda c: rendered(c, "RN", "96365", "MD"),
    ),
    unknown("provider-eligible", "a clinician of no kind", lambda c: rendered(c, None, "99214")),
    unknown("provider-eligible", "a nurse under nobody", lambda c: rendered(c, "RN", "96365")),
    hit("provider-enrolled-payer", "with another payer", lambda c: enrolled(c, "cigna")),
    hit(
        "provider-enrolled-payer",
        "from tomorrow on",
        lambda c: enrolled(c, "aetna", eff_from=date(2026, 3, 11)),
    ),
    hit("provider-enrolled-payer", "until yesterday", lambda c: enrolled(c, "aetna", eff_to=ENDED)),
    near("provider-enrolled-payer", "from today on", lambda c: enrolled(c, "aetna", eff_from=DAY)),
    near("provider-enrolled-payer", "until today", lambda c: enrolled(c, "aetna", eff_to=DAY)),
    near(
        "provider-enrolled-payer",
        "nobody pays but the patient",
        lambda c: enrolled(c, "cigna", lob="self_pay"),
    ),
    unknown("provider-enrolled-payer", "no enrolments delivered", lambda c: enrolled(c, None)),
    hit("npi-valid", "two digits swapped", lambda c: numbered(c, rendering_npi="1679576272")),
    hit("npi-valid", "a billing NPI of nine digits", lambda c: numbered(c, billing_npi="123456789")),
    hit("npi-valid", "letters", lambda c: numbered(c, rendering_npi="16795767AB")),
    hit("npi-valid", "the clinic as its own clinician", lambda c: numbered(c, rendering_npi=CLINIC)),
    near("npi-valid", "both right", numbered),
    near(
        "npi-valid",
        "a clinician who is the clinic",
        lambda c: numbered(c, site_npi=PERSON, billing_npi=PERSON),
    ),
    unknown("npi-valid", "no billing NPI", lambda c: numbered(c, billing_npi=None)),
    hit("prescriber-rems-dea", "a licence of another state", lambda c: ordered(c, licence="NJ")),
    hit("prescriber-rems-dea", "the licence ended yesterday", lambda c: ordered(c, eff_to=ENDED)),
    hit("prescriber-rems-dea", "a registration without schedule III", lambda c: ordered(c, dea=False)),
    hit("prescriber-rems-dea", "the supervisor's licence is of another state", lambda c: supervised(c, "NJ")),
    near("prescriber-rems-dea", "both in order", ordered),
    near("prescriber-rems-dea", "the licence ends today", lambda c: ordered(c, eff_to=DAY)),
    near("prescriber-rems-dea", "no controlled drug", lambda c: ordered(c, licence="NJ", drug="saline")),
    near("prescriber-rems-dea", "the supervisor's in order", lambda c: supervised(c, "NY")),
    unknown("prescriber-rems-dea", "nobody ordered it", lambda c: ordered(c, order=None)),
    unknown("prescriber-rems-dea", "a site of no state", lambda c: ordered(c, site_state=None)),
    unknown("prescriber-rems-dea", "not said which schedules", lambda c: ordered(c, dea=None)),
    unknown("prescriber-rems-dea", "no registrations delivered", no_dea),
]
