"""One practice handed over in three forms ends in the same marts wherever the data allow."""

import os
from pathlib import Path

import pytest
from delivery_kit import Workshop, claim_names, content, inputs_not_read, marts, rows
from pipeline_kit import truth

# what says how a delivery came, not what it says; canonical tables bring no 837P to list
NOT_COMPARED = {"fct_file_ledger", "fct_billed_claims"}
SENT = "claim_key in (select claim_key from marts.fct_claims where submitted_date is not null)"
BY_NUMBER = "an 837P knows a claim by its patient control number; ids of the EHR and keys made of them differ"
NOT_TOLD = "no FHIR resource has a place for it"
DRAFTS = "what claims not sent yet use: an 837P holds only what was sent"
FACILITY = "the site of a claim is an id of the EHR; an 837P names an address"
# an 837P names what it replaces by the payer's number, which no delivery ties to the original: only the EHR's
# status retires it
NOT_REPLACED = """(claim_key is null or claim_key not in (
    select originals.claim_key
    from marts.fct_claims as originals
    inner join marts.fct_claims as replacements using (patient_key, first_service_date)
    where replacements.frequency_code = '7' and originals.claim_key <> replacements.claim_key
))"""
NOT_BESIDE_ONE_REPLACED = (
    "claim_key not in (select claim_key from marts.fct_claims where frequency_code = '7')"
)
APPEALED = "the list of appeals names claims by ids of the EHR, which no 837P tells"
OF_THE_CLAIM = ("claim_key", "claim_line_key", "patient_key", "payer_id", "payer_key", "claim_outcome")
# delivery -> (mart, column) -> why it may differ; mart * stands for all
NOT_CARRIED = {
    "vendor": {},
    "fhir": {
        **{("fct_appeals", column): APPEALED for column in OF_THE_CLAIM},
        ("*", "claim_id"): BY_NUMBER,
        ("*", "chain_key"): BY_NUMBER,
        ("*", "balance_chain_key"): BY_NUMBER,
        ("*", "prior_auth_usage_key"): BY_NUMBER,
        ("*", "claim_status"): "paid, denied or replaced is what an EHR shows; an 837P says that it was sent",
        ("fct_prior_auths", "used_units"): DRAFTS,
        ("fct_prior_auths", "units_left"): DRAFTS,
        ("fct_prior_auths", "used_pct"): DRAFTS,
        ("fct_prior_auths", "consuming_line_count"): DRAFTS,
        ("fct_prior_auths", "last_use_date"): DRAFTS,
        ("fct_claims", "site_key"): FACILITY,
        ("fct_claim_lines", "encounter_key"): "an 837P names no visit",
        ("fct_coding_findings", "finding_id"): BY_NUMBER,
        ("fct_coding_findings", "evidence"): "shows facts of the visit too, which an 837P does not name",
        ("fct_coding_findings", "subject_key"): BY_NUMBER,
        ("dim_sites", "ownership_kind"): NOT_TOLD,
        ("dim_providers", "provider_name"): "a HumanName has parts, so the order of the name is another",
    },
}
# delivery -> rule whose inputs it has no place for -> what is missing
UNTOLD = {
    "vendor": {
        "late-entry-integrity": "the report of charges tells the day a claim left, not the hour",
        "new-patient-three-year": "the report of sessions tells no group and no specialty",
    },
    "fhir": {
        "appeal-window": APPEALED,
        "appeal-window-closed": APPEALED,
        "bp-schedule": "the time of discharge",
        "em-separate-note": "the note of an E/M beside that of the session",
        "gcode-drug-supplied-by-clinic": "who supplied the drug",
        "late-entry-integrity": "when a note was signed or amended",
        "monitoring-two-hours": "the last device",
        "new-patient-three-year": "group and specialty of a clinician",
        "prescriber-rems-dea": "the supervisor, and which licence is of schedule III",
        "pa-provider-site-match": "the site of a claim as the EHR names it",
        "psychotherapy-in-others-monitoring": "the last device",
        "psychotherapy-not-monitoring": "the last device",
        "psychotherapy-time-band": "the visit a line of an 837P belongs to, where a day has several",
        "rems-patient-enrolled": "the enrolment",
        "rems-site-certified": "the certification",
        "trd-two-trials": "class and adequacy of a trial",
        "waste-sum": "what was discarded",
    },
}


def told(delivery: str) -> str:
    """SQL: findings of rules whose inputs a delivery can carry."""
    return f"rule_id not in {tuple(sorted(UNTOLD[delivery]))}"


# delivery -> mart -> rows that can be compared
COMPARABLE = {
    "vendor": {mart: told("vendor") for mart in ("fct_coding_findings", "fct_rule_performance")},
    "fhir": {
        # an 837P holds only what was sent
        "fct_claims": f"submitted_date is not null and {NOT_REPLACED}",
        "fct_claim_lines": f"{SENT} and {NOT_REPLACED}",
        **{mart: NOT_REPLACED for mart in ("fct_denials", "fct_remit_chains", "fct_remit_events")},
        "fct_prior_auth_usage": SENT,
        "fct_coding_findings": f"{told('fhir')} and {SENT} and {NOT_REPLACED} and {NOT_BESIDE_ONE_REPLACED}",
        "fct_rule_performance": "false",  # counts of the same findings and answers, over all claims
        "dim_sites": "site_id not like 'Organization/%'",  # the clinic's organisation, a site to FHIR
    },
}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory):
    before = dict(os.environ)
    yield Workshop(tmp_path_factory.mktemp("deliveries"))
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def canonical(workshop: Workshop) -> Path:
    return workshop.build("canonical")


def differences(canonical: Path, other: Path, delivery: str) -> dict[str, list[str]]:
    """mart -> columns whose values differ beyond what the delivery is declared not to carry."""
    found = {}
    declared = NOT_CARRIED[delivery]
    for mart, columns in marts(canonical).items():
        if mart in NOT_COMPARED:
            continue
        kept = [c for c in columns if (mart, c) not in declared and ("*", c) not in declared]
        where = COMPARABLE.get(delivery, {}).get(mart, "true")
        if content(canonical, mart, kept, where) != content(other, mart, kept, where):
            differing = [
                c for c in kept if content(canonical, mart, [c], where) != content(other, mart, [c], where)
            ]
            found[mart] = differing or ["rows"]
    return found


@pytest.mark.parametrize("delivery", ["vendor", pytest.param("fhir", marks=pytest.mark.slow)])
def test_the_same_practice_ends_in_the_same_marts(workshop: Workshop, canonical: Path, delivery: str) -> None:
    other = workshop.build(delivery)
    assert inputs_not_read(canonical) == inputs_not_read(other) == []
    assert differences(canonical, other, delivery) == {}
    claims = truth(workshop.root / delivery / "practice" / "truth", "claims")
    sent = {row["pcn"] for row in claims if row["ehr_status"] != "draft"}
    assert {f"claim {pcn}" for pcn in sent} <= set(claim_names(other).values())


@pytest.mark.slow
def test_lossless_dirt_changes_no_mart(workshop: Workshop, canonical: Path) -> None:
    dirty = workshop.build("vendor", "dirty", dirt=0.1)
    left_out = truth(workshop.root / "dirty" / "practice" / "truth", "dirt")
    assert {row["outcome"] for row in left_out} <= {"left_out"}
    assert differences(canonical, dirty, "vendor") == {}


@pytest.mark.slow
def test_what_nobody_can_read_is_quarantined_where_the_truth_says(workshop: Workshop) -> None:
    ruined = workshop.build("vendor", "ruined", lossy_dirt=0.02)
    told = truth(workshop.root / "ruined" / "practice" / "truth", "dirt")
    kept = rows(
        ruined, "select _row_number, column_name, reason_code from staging.stg_ehr__quarantined_records"
    )
    wanted = sorted((int(row["row_number"]), row["reason"]) for row in told)
    assert wanted and sorted({(number, reason) for number, _, reason in kept}) == sorted(set(wanted))
