"""NDC, unlisted drug codes and waste."""

from decimal import Decimal
from typing import Any

from chart_rows import Row
from rule_case_kit import Case, Chart, billed, hit, near, unknown

KIT_56, KIT_84, DEVICE = "50458002802", "50458002803", "50458002800"
VIAL, MULTI, POWDER, STRANGE = "00409205105", "71872729601", "62991108704", "12345678901"


def ndc(number: str | None, quantity: str | None = "1", unit: str | None = "UN", **given: Any) -> Row:
    """What a line says of its NDC."""
    known = {"ndc11": number, "ndc_qty": None if quantity is None else Decimal(quantity), "ndc_uom": unit}
    return {"ndc_qualifier": "N4", **known, **given}


def spravato(
    chart: Chart, *, dose: str | None = "56", code: str = "J0013", required: str | None = "true", **given: Any
) -> None:
    """A session of esketamine, of a payer that wants the NDC."""
    chart.policies(**{"ndc_required": required} if required else {})
    chart.session(dose)
    chart.bill(billed(code, "56", **given))


def ketamine(
    chart: Chart,
    code: str = "J3490",
    units: str = "1",
    *,
    session: Row | None = None,
    lob: str | None = "commercial",
    **given: Any,
) -> None:
    """40 mg of ketamine from a vial of 100 mg/mL, with its story."""
    chart.coverage("medicare_b", lob)
    row: Row = {
        "drug": "Ketamine",
        "route": "iv",
        "strength_mg_per_ml": Decimal(100),
        "container_type": "single",
    }
    chart.session("40", **{**row, **(session or {})})
    story = {"noc_text": "Ketamine 40 mg IV", **ndc(VIAL, "0.4", "ML")}
    chart.bill(billed(code, units, **{**story, **given}))


def unlisted_units(chart: Chart, units: str | None, allowed: str) -> None:
    chart.policies(unlisted_units_allowed=allowed)
    chart.session("40", drug="ketamine", route="iv")
    chart.bill(billed("J3490", units))


def nothing_charted(chart: Chart) -> None:
    chart.own_clinic()
    chart.visit()
    chart.bill(billed("J3490", **ndc(VIAL, "0.4", "ML"), noc_text="Ketamine 40 mg IV"))


def a_visit(chart: Chart) -> None:
    """A line that is of no drug."""
    chart.visit()
    chart.bill(billed("99214"))


def devices(chart: Chart, quantity: str) -> None:
    """A payer that counts devices."""
    chart.policies(ndc_required="true", ndc_uom_esketamine="devices")
    chart.session("84")
    chart.bill(billed("J0013", "84", **ndc(KIT_84, quantity)))


def with_waste(chart: Chart, quantity: str) -> None:
    """A payer that pays 40 mg given and 10 mg discarded of 100 mg/mL."""
    chart.policies(ndc_pays_waste="true")
    session = {
        "drug": "ketamine",
        "route": "iv",
        "strength_mg_per_ml": Decimal(100),
        "wasted_mg": Decimal(10),
    }
    chart.session("40", **session)
    chart.bill(billed("J3490", **ndc(VIAL, quantity, "ML")))


def vial(
    chart: Chart, wasted: str | None, *mods: str, lob: str | None = "medicare_b", kind: str | None = "single"
) -> None:
    """A vial under Medicare, and a line for each modifier ("" is none)."""
    chart.coverage("medicare_b", lob)
    session = {"drug": "ketamine", "route": "iv", "container_type": kind}
    chart.session("40", **session, wasted_mg=None if wasted is None else Decimal(wasted))
    chart.bill(*(billed("J3490", mod1=mod or None) for mod in mods))


def jz(chart: Chart, asked: str, lob: str = "commercial") -> None:
    chart.policies(lob, mod_jz_required=asked)
    chart.session("56")
    chart.bill(billed("J0013", "56", mod1="JZ"))


def jz_of_nobody(chart: Chart) -> None:
    chart.coverage("aetna", None)
    chart.session("56")
    chart.bill(billed("J0013", "56", mod1="JZ"))


CASES: list[Case] = [
    hit("ketamine-unlisted-code", "streptomycin", lambda c: ketamine(c, "J3000")),
    hit("ketamine-unlisted-code", "the esketamine code", lambda c: ketamine(c, "J0013", "40")),
    hit(
        "ketamine-unlisted-code",
        "a story without the route",
        lambda c: ketamine(c, noc_text="Ketamine 40 mg"),
    ),
    hit("ketamine-unlisted-code", "no NDC", lambda c: ketamine(c, ndc11=None)),
    near("ketamine-unlisted-code", "J3490 with all of it", ketamine),
    near("ketamine-unlisted-code", "a visit without a chart", a_visit),
    unknown("ketamine-unlisted-code", "no chart delivered", nothing_charted),
    hit("ketamine-unlisted-units", "40 units", lambda c: unlisted_units(c, "40", "false")),
    near("ketamine-unlisted-units", "one unit", lambda c: unlisted_units(c, "1", "false")),
    near("ketamine-unlisted-units", "a payer that takes 40", lambda c: unlisted_units(c, "40", "true")),
    unknown("ketamine-unlisted-units", "no units", lambda c: unlisted_units(c, None, "false")),
    hit("ndc-required-format", "ten digits", lambda c: spravato(c, **ndc("5045800280"))),
    hit("ndc-required-format", "an NDC that is no esketamine", lambda c: spravato(c, **ndc(STRANGE))),
    hit("ndc-required-format", "another qualifier", lambda c: spravato(c, **ndc(KIT_56, ndc_qualifier="UK"))),
    hit(
        "ndc-required-format",
        "Medicaid always wants it",
        lambda c: ketamine(c, lob="medicaid_ffs", ndc11=None),
    ),
    near("ndc-required-format", "the kit", lambda c: spravato(c, **ndc(KIT_56))),
    near("ndc-required-format", "a payer that wants none", lambda c: spravato(c, required="false")),
    unknown("ndc-required-format", "no policy of this payer", lambda c: spravato(c, required=None)),
    unknown("ndc-required-format", "no qualifier", lambda c: spravato(c, **ndc(KIT_56, ndc_qualifier=None))),
    hit("ndc-units-match-dose", "mg for mL", lambda c: ketamine(c, **ndc(VIAL, "40", "ML"))),
    hit("ndc-units-match-dose", "a unit for mL", lambda c: ketamine(c, **ndc(VIAL, "0.4", "UN"))),
    hit("ndc-units-match-dose", "two devices are one kit", lambda c: spravato(c, **ndc(KIT_56, "2"))),
    hit("ndc-units-match-dose", "one kit where devices are counted", lambda c: devices(c, "1")),
    hit("ndc-units-match-dose", "waste the payer pays left out", lambda c: with_waste(c, "0.4")),
    near("ndc-units-match-dose", "within a hundredth", lambda c: ketamine(c, **ndc(VIAL, "0.41", "ML"))),
    near("ndc-units-match-dose", "one kit", lambda c: spravato(c, **ndc(KIT_56))),
    near("ndc-units-match-dose", "three devices where they are counted", lambda c: devices(c, "3")),
    near("ndc-units-match-dose", "waste the payer pays", lambda c: with_waste(c, "0.5")),
    unknown(
        "ndc-units-match-dose", "the dose is not charted", lambda c: spravato(c, dose=None, **ndc(KIT_56))
    ),
    hit("ndc-hcpcs-match", "a Spravato kit on J3490", lambda c: ketamine(c, **ndc(KIT_56))),
    hit("ndc-hcpcs-match", "a ketamine vial on J0013", lambda c: spravato(c, **ndc(VIAL))),
    hit("ndc-hcpcs-match", "powder", lambda c: ketamine(c, **ndc(POWDER, "0.4", "ML"))),
    near("ndc-hcpcs-match", "a Spravato kit on G2082", lambda c: spravato(c, code="G2082", **ndc(KIT_56))),
    unknown("ndc-hcpcs-match", "an NDC nobody knows", lambda c: ketamine(c, **ndc(STRANGE, "0.4", "ML"))),
    hit("ndc-kit-dose", "the 56 mg kit for 84 mg", lambda c: spravato(c, dose="84", **ndc(KIT_56))),
    near("ndc-kit-dose", "the 84 mg kit for 84 mg", lambda c: spravato(c, dose="84", **ndc(KIT_84))),
    near("ndc-kit-dose", "single devices for 84 mg", lambda c: spravato(c, dose="84", **ndc(DEVICE, "3"))),
    unknown("ndc-kit-dose", "the dose is not charted", lambda c: spravato(c, dose=None, **ndc(KIT_84))),
    hit("jw-jz-single-dose", "nothing discarded and no JZ", lambda c: vial(c, "0", "")),
    hit("jw-jz-single-dose", "JZ although 5 mg were discarded", lambda c: vial(c, "5", "JZ")),
    near("jw-jz-single-dose", "nothing discarded and JZ", lambda c: vial(c, "0", "JZ")),
    near("jw-jz-single-dose", "JW on a line of its own", lambda c: vial(c, "5", "", "JW")),
    near("jw-jz-single-dose", "a multi-dose vial", lambda c: vial(c, "0", "", kind="multi")),
    near("jw-jz-single-dose", "a commercial plan", lambda c: vial(c, "0", "", lob="commercial")),
    unknown("jw-jz-single-dose", "waste not charted", lambda c: vial(c, None, "JZ")),
    unknown("jw-jz-single-dose", "container not charted", lambda c: vial(c, "0", "JZ", kind=None)),
    hit("jw-jz-on-multidose", "JW on a multi-dose vial", lambda c: vial(c, "5", "JW", kind="multi")),
    hit(
        "jw-jz-on-multidose", "the NDC is of one", lambda c: ketamine(c, mod1="JZ", **ndc(MULTI, "0.4", "ML"))
    ),
    near("jw-jz-on-multidose", "JW on a single-dose vial", lambda c: vial(c, "5", "JW")),
    unknown("jw-jz-on-multidose", "container not charted", lambda c: vial(c, "5", "JW", kind=None)),
    hit("jz-not-asked", "nobody asked", lambda c: jz(c, "false")),
    near("jz-not-asked", "the payer asks", lambda c: jz(c, "true")),
    near("jz-not-asked", "not commercial", lambda c: jz(c, "false", "ma")),
    unknown("jz-not-asked", "the line of business is not known", jz_of_nobody),
]
