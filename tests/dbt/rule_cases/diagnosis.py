"""Diagnoses, what they point at and who pays for them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from chart_rows import DAY, Row
from rule_case_kit import Case, Chart, billed, hit, near, unknown


def diagnosed(chart: Chart, *codes: str) -> None:
    chart.visit()
    chart.bill(billed("99214"), **{f"dx{number}": code for number, code in enumerate(codes, start=1)})


def treated(chart: Chart, *codes: str | None, lob: str | None = "commercial", **line: Any) -> None:
    """An esketamine session billed with these diagnoses."""
    chart.coverage("aetna", lob)
    chart.session("56")
    diagnoses = {f"dx{number}": code for number, code in enumerate(codes or (None,), start=1)}
    chart.bill(billed("J0013", "56", **line), **diagnoses)


def for_ideation(chart: Chart, *codes: str | None, indication: str = "mdd_si") -> None:
    chart.prior_auth(indication=indication)
    treated(chart, *codes)


def infused(
    chart: Chart,
    *dx: str | None,
    payer: str = "tricare",
    lob: str | None = "tricare",
    route: str | None = "iv",
    notice: Row | None = None,
    **line: Any,
) -> None:
    """A ketamine infusion, and a notice that may be signed."""
    chart.coverage(payer, lob)
    number = chart.visit()
    chart.give(number, "40", drug="ketamine", route=route)
    if notice is not None:
        chart.add("notice", {"type": "ABN", **notice})
    diagnoses = {f"dx{position}": code for position, code in enumerate(dx or ("F33.2",), start=1)}
    chart.bill(billed("96365", **line), **diagnoses)


def undelivered_notices(chart: Chart) -> None:
    chart.own_clinic()
    infused(chart)


def listed(chart: Chart, policy: str, code: str, drug: str = "esketamine") -> None:
    """A payer with a list of its own."""
    chart.policies(covered_dx=policy)
    number = chart.visit()
    chart.give(number, "56", drug=drug, route="nasal" if drug == "esketamine" else "iv")
    chart.bill(billed("J0013" if drug == "esketamine" else "96365", "1"), dx1=code)


def problem(chart: Chart, code: str, **given: Any) -> None:
    """An esketamine claim with F33.2, and another diagnosis on the problem list."""
    row = {"diagnosis_id": chart.case_id, "patient_id": chart.case_id, "code": code, "code_system": "icd10cm"}
    chart.add("diagnosis", {**row, "status": "active", "onset_on": DAY, **given})
    treated(chart, "F33.2")


def coded(chart: Chart, *codes: str, dx1: str = "F33.2", **line: Any) -> None:
    chart.visit()
    chart.bill(*(billed(code, **line) for code in codes), dx1=dx1)


def given_and_visit(chart: Chart, *codes: str, acquisition: str | None = "buy_and_bill") -> None:
    """A session, and a claim for each code."""
    chart.session("56", acquisition=acquisition)
    for code in codes:
        chart.bill(billed(code))


def undelivered_administrations(chart: Chart) -> None:
    chart.own_clinic()
    chart.visit()
    chart.bill(billed("99214"))


def pointed(chart: Chart, *pointers: int | None, code: str = "99214", **claim: Any) -> None:
    """A line with these pointers beside a line with a good one, on a claim of two diagnoses."""
    chart.visit()
    pairs = {f"dx_ptr{number}": pointer for number, pointer in enumerate(pointers, start=1)}
    chart.bill(
        billed(code, **{"dx_ptr1": None, **pairs}),
        billed("96127", charge=Decimal("10.00")),
        **{"dx1": "F33.2", "dx2": "F41.1", **claim},
    )


def pointless(chart: Chart) -> None:
    """A patient of whom no pointer was ever delivered."""
    chart.visit()
    chart.bill(billed("99214", dx_ptr1=None))


SIGNED, UNSIGNED = {"signed_on": DAY}, {"signed_on": DAY + timedelta(days=1)}
MEDICARE = {"payer": "medicare_b", "lob": "medicare_b"}

CASES: list[Case] = [
    hit("dx-valid-on-dos", "F33.89 does not exist", lambda c: diagnosed(c, "F33.89")),
    near("dx-valid-on-dos", "F33.8", lambda c: diagnosed(c, "F33.8")),
    unknown(
        "dx-valid-on-dos", "a code the reference does not hold", lambda c: diagnosed(c, "F33.2", "Z00.00")
    ),
    hit("dx-specificity", "F33.9 first", lambda c: treated(c, "F33.9")),
    hit("dx-specificity", "F32.A first for ketamine", lambda c: infused(c, "F32.A")),
    near("dx-specificity", "F33.9 second", lambda c: treated(c, "F33.2", "F33.9")),
    near("dx-specificity", "F33.9 for a visit", lambda c: diagnosed(c, "F33.9")),
    unknown("dx-specificity", "no first diagnosis", lambda c: treated(c, None, "F33.2")),
    hit("dx-si-needs-r45851", "F33.3 alone", lambda c: for_ideation(c, "F33.3")),
    hit("dx-si-needs-r45851", "R45.851 alone", lambda c: for_ideation(c, "R45.851")),
    near("dx-si-needs-r45851", "both", lambda c: for_ideation(c, "F33.2", "R45.851")),
    near("dx-si-needs-r45851", "resistant depression", lambda c: for_ideation(c, "F33.2", indication="trd")),
    unknown("dx-si-needs-r45851", "no diagnosis", lambda c: for_ideation(c, None)),
    hit("dx-psychosis-bipolar-flag", "bipolar", lambda c: treated(c, "F33.2", "F31.81")),
    hit("dx-psychosis-bipolar-flag", "psychotic features", lambda c: treated(c, "F33.3")),
    hit("dx-psychosis-bipolar-flag", "schizophrenia", lambda c: treated(c, "F33.2", "F20.9")),
    hit("dx-psychosis-bipolar-flag", "alcohol on the problem list", lambda c: problem(c, "F10.20")),
    near("dx-psychosis-bipolar-flag", "alcohol in remission", lambda c: problem(c, "F10.21")),
    near(
        "dx-psychosis-bipolar-flag",
        "abated the day before",
        lambda c: problem(c, "F10.20", onset_on=DAY - timedelta(days=9), abated_on=DAY - timedelta(days=1)),
    ),
    near(
        "dx-psychosis-bipolar-flag",
        "recorded a day later",
        lambda c: problem(c, "F10.20", onset_on=DAY + timedelta(days=1)),
    ),
    near("dx-psychosis-bipolar-flag", "tobacco", lambda c: treated(c, "F33.2", "F17.210")),
    near("dx-psychosis-bipolar-flag", "under Medicare", lambda c: treated(c, "F33.3", lob="medicare_b")),
    unknown("dx-psychosis-bipolar-flag", "no diagnosis", lambda c: treated(c)),
    unknown("dx-psychosis-bipolar-flag", "unknown line of business", lambda c: treated(c, "F33.3", lob=None)),
    hit("iv-ketamine-coverage", "notice signed the day after", lambda c: infused(c, notice=UNSIGNED)),
    hit("iv-ketamine-coverage", "into the muscle", lambda c: infused(c, route="im", notice=UNSIGNED)),
    near("iv-ketamine-coverage", "a notice of the day", lambda c: infused(c, notice=SIGNED)),
    near("iv-ketamine-coverage", "GY on the line", lambda c: infused(c, mod1="GY")),
    near("iv-ketamine-coverage", "for pain", lambda c: infused(c, "G90.50", notice=UNSIGNED)),
    near(
        "iv-ketamine-coverage",
        "a payer that covers it",
        lambda c: infused(c, payer="bcbs_ma", lob="commercial", notice=UNSIGNED),
    ),
    unknown(
        "iv-ketamine-coverage",
        "no policy of the payer",
        lambda c: infused(c, payer="nobody", lob="commercial"),
    ),
    unknown("iv-ketamine-coverage", "notices never delivered", undelivered_notices),
    hit("anesthesia-pain-only", "01996 alone", lambda c: coded(c, "01996")),
    hit("anesthesia-pain-only", "sedation alone", lambda c: coded(c, "99152")),
    hit("anesthesia-pain-only", "revenue code 0370", lambda c: coded(c, "J3490", rev_code="0370")),
    near("anesthesia-pain-only", "beside a visit", lambda c: coded(c, "01996", "99214")),
    near("anesthesia-pain-only", "for pain", lambda c: coded(c, "01996", dx1="G90.50")),
    hit("anesthesia-needs-ect", "00104 without", lambda c: coded(c, "00104", "99214")),
    near("anesthesia-needs-ect", "00104 beside", lambda c: coded(c, "00104", "90870")),
    hit("admin-visit-only", "a visit alone", lambda c: given_and_visit(c, "99214")),
    near("admin-visit-only", "the drug on another claim", lambda c: given_and_visit(c, "99214", "J0013")),
    near(
        "admin-visit-only",
        "from the pharmacy",
        lambda c: given_and_visit(c, "99214", acquisition="specialty_pharmacy"),
    ),
    unknown("admin-visit-only", "of unknown origin", lambda c: given_and_visit(c, "99214", acquisition=None)),
    unknown("admin-visit-only", "never delivered", undelivered_administrations),
    hit("dx-pointer", "empty", lambda c: pointed(c, None)),
    hit("dx-pointer", "13", lambda c: pointed(c, 13)),
    hit("dx-pointer", "a place without a diagnosis", lambda c: pointed(c, 1, 3)),
    hit("dx-pointer", "an infusion for anxiety", lambda c: pointed(c, 2, code="96365")),
    near("dx-pointer", "an infusion for depression and anxiety", lambda c: pointed(c, 2, 1, code="96365")),
    near("dx-pointer", "a visit for anxiety", lambda c: pointed(c, 2)),
    near(
        "dx-pointer",
        "an infusion for anxiety where nobody is depressed",
        lambda c: pointed(c, 2, code="96365", dx1="F43.10"),
    ),
    near("dx-pointer", "an 837I", lambda c: pointed(c, None, claim_type="837I")),
    unknown("dx-pointer", "no pointer of the patient", pointless),
    hit("dx-covered-for-drug", "not on the list", lambda c: treated(c, "F43.10")),
    hit(
        "dx-covered-for-drug", "pointed at the wrong one", lambda c: treated(c, "F33.2", "F43.10", dx_ptr1=2)
    ),
    near("dx-covered-for-drug", "F33.41", lambda c: treated(c, "F33.41")),
    near("dx-covered-for-drug", "a list of the payer", lambda c: listed(c, "F43.10;F33.2", "F43.10")),
    hit("dx-covered-for-drug", "not on the payer's list", lambda c: listed(c, "F33.2", "F33.1")),
    hit("dx-covered-for-drug", "ketamine under a list", lambda c: listed(c, "F33.2", "F43.10", "ketamine")),
    near("dx-covered-for-drug", "ketamine without a list", lambda c: infused(c, "F43.10")),
    near(
        "dx-covered-for-drug", "ideation", lambda c: for_ideation(c, "R45.851", "F33.9", indication="mdd_si")
    ),
    hit(
        "dx-covered-for-drug",
        "ideation, another indication",
        lambda c: for_ideation(c, "R45.851", indication="trd"),
    ),
    unknown("dx-covered-for-drug", "no diagnosis", lambda c: treated(c)),
    hit("abn-gagz", "none", lambda c: infused(c, **MEDICARE, notice=SIGNED)),
    hit("abn-gagz", "GA without a notice", lambda c: infused(c, **MEDICARE, mod1="GA", notice=UNSIGNED)),
    hit("abn-gagz", "GZ with a notice", lambda c: infused(c, **MEDICARE, mod1="GZ", notice=SIGNED)),
    hit("abn-gagz", "esketamine off label", lambda c: treated(c, "F43.10", lob="medicare_b")),
    near("abn-gagz", "GA with a notice", lambda c: infused(c, **MEDICARE, mod1="GA", notice=SIGNED)),
    near("abn-gagz", "GZ without", lambda c: infused(c, **MEDICARE, mod1="GZ", notice=UNSIGNED)),
    near("abn-gagz", "GY", lambda c: infused(c, **MEDICARE, mod2="GY", notice=UNSIGNED)),
    near("abn-gagz", "esketamine on label", lambda c: treated(c, "F33.2", lob="medicare_b")),
    near("abn-gagz", "another payer", lambda c: infused(c)),
    unknown("abn-gagz", "unknown line of business", lambda c: infused(c, lob=None)),
]

NEVER_UNKNOWN = {
    "anesthesia-pain-only": "a claim is judged once it has diagnoses and lines, and these say all",
    "anesthesia-needs-ect": "the codes on the patient's claims say all",
}
