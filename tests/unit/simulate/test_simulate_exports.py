# ruff: noqa: E501 - a header is typed as the one line it is
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from simulate_support import Simulation, read_csv

HEADERS = {
    "patient": "clinic_id,patient_id,birth_date,sex,state,rems_patient_id,rems_enrolled_on,deceased_on",
    "coverage": "clinic_id,coverage_id,patient_id,payer_id,line_of_business,member_id,group_id,priority,eff_from,eff_to,behavioral_carveout",
    "provider": "clinic_id,npi,type,taxonomy,name",
    "provider_credential": "clinic_id,npi,kind,number,state,payer_id,schedule_iii,eff_from,eff_to",
    "site": "clinic_id,site_id,npi,pos_default,state,timezone,rems_site_id,rems_from,rems_to,ownership",
    "encounter": "clinic_id,encounter_id,patient_id,site_id,rendering_npi,supervising_npi,start_at,end_at,mode,patient_state,visit_type,status,new_patient,note_id,signed_at,amended_at,em_basis,em_minutes,supervisor_on_site,group_id,specialty,scheduled_at",
    "administration": "clinic_id,administration_id,encounter_id,drug,route,dose_mg,weight_kg,wasted_mg,ndc11,lot,container_type,acquisition,start_at,stop_at,last_device_at,discharged_at,status,given_by,strength_mg_per_ml,container_count,ordering_npi",
    "observation": "clinic_id,observation_id,patient_id,encounter_id,kind,instrument,item_count,value_num,sbp,dbp,taken_at,scored_by",
    "medication_trial": "clinic_id,trial_id,patient_id,drug,class,max_dose_mg,start_on,stop_on,weeks,episode_no,augmentation,outcome,improvement_pct,source,evidence_ref",
    "prior_auth": "clinic_id,pa_id,version,patient_id,payer_id,pa_number,drug,codes,status,submitted_at,decided_at,valid_from,valid_to,units_approved,unit_basis,npi,site_id,indication,expedited",
    "claim": "clinic_id,claim_id,version,pcn,patient_id,coverage_id,billing_npi,rendering_npi,site_id,pos,frequency,original_icn,pa_number,dx1,dx2,dx3,dx4,dx5,dx6,dx7,dx8,dx9,dx10,dx11,dx12,total_charge,created_at,submitted_at,payer_received_at,status,claim_type,primary_eob_on",
    "claim_line": "clinic_id,claim_id,version,line_no,line_control,dos_from,dos_to,code,mod1,mod2,mod3,mod4,units,charge,dx_ptr1,dx_ptr2,dx_ptr3,dx_ptr4,rev_code,ndc11,ndc_qty,ndc_uom,noc_text,rendering_npi,encounter_id,administration_id,ndc_qualifier",
    "time_log": "clinic_id,time_id,encounter_id,npi,activity,start_at,end_at,minutes,patient_id,service_month",
    "payer_policy": "clinic_id,payer_id,line_of_business,parameter,value,valid_from,valid_to,recorded_at,source,confidence",
    "fee_schedule": "clinic_id,payer_id,lob,code,mod,pos,eff_from,eff_to,allowed,charge",
    "rems_form": "clinic_id,encounter_id,submitted_at,form_type",
    "notice": "clinic_id,patient_id,type,signed_on",
    "patient_payment": "clinic_id,payment_id,patient_id,claim_id,paid_on,amount,kind,method",
    "payer_config": "clinic_id,payer_id,lob,eff_from,esketamine_model,pa_required,pa_crosswalk,trd_n,trial_weeks,distinct_classes,needs_oral_ad,covered_dx,iv_ketamine_covered,ndc_required,ndc_uom_esketamine,timely_days,appeal_days,telehealth_mod,mod_jz_required,eff_to",
    "bank_deposit": "clinic_id,deposit_id,deposited_on,amount,trace,payee",
    "benefit_check": "clinic_id,check_id,patient_id,coverage_id,payer_id,verified_on,drug,plan_active,network_status,pa_required,deductible_left,out_of_pocket_left,copay,coinsurance_pct,reference",
    "appeal": "clinic_id,appeal_id,claim_id,line_no,level,sent_on,decided_on,outcome,requested_amount,recovered_amount,reason",
    "cash_sale": "clinic_id,sale_id,patient_id,package_id,kind,sold_on,sessions,amount,encounter_id,superbill_given",
    "superbill": "clinic_id,superbill_id,patient_id,encounter_id,given_on,service_on,billing_npi,rendering_npi,tax_id,pos,dx,codes,charge,paid",
    "superbill_outcome": "clinic_id,superbill_id,patient_id,sent_on,decided_on,outcome,reimbursed_amount,reason",
    "session_documentation": "clinic_id,encounter_id,has_indication,has_history,has_vitals,has_dose_mg_per_kg,has_rate,has_duration,has_dissociation,has_status_after,has_plan,has_high_bp_note,em_note_id,em_note_overlap_pct",
    "prescription": "clinic_id,prescription_id,patient_id,encounter_id,prescriber_npi,drug,route,prescribed_on,is_for_home",
    "diagnosis": "clinic_id,diagnosis_id,patient_id,encounter_id,code,code_system,rank,status,onset_on,abated_on,recorded_on",
    "patient_merge": "clinic_id,patient_id,surviving_patient_id,merged_on",
}  # fmt: skip


def is_luhn_npi(npi: str) -> bool:
    """The card check over 80840 + NPI, written the long way round."""
    digits = [int(d) for d in "80840" + npi]
    doubled = [sum(divmod(d * 2, 10)) for d in digits[-2::-2]]
    return len(npi) == 10 and (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def minutes_between(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() / 60


def files(practice: Simulation) -> list[Path]:
    return sorted((practice.root / "landing" / "ehr").rglob("*.csv"))


def test_headers_are_the_canonical_ones(practice: Simulation) -> None:
    tables = set()
    for file in files(practice):
        table = file.stem.rsplit("_", 1)[0]
        tables.add(table)
        assert file.read_text(encoding="utf-8").splitlines()[0] == HEADERS[table]
        assert {row["clinic_id"] for row in read_csv(file)} == {file.parent.name}
    assert tables == set(HEADERS)


def test_npis_pass_the_luhn_check(practice: Simulation) -> None:
    npis = {
        row["npi"]
        for c in practice.clinics
        for table in ("provider", "site")
        for row in practice.exports(c, table)
    }
    used = {
        row[column]
        for c in practice.clinics
        for row in practice.exports(c, "claim")
        for column in ("billing_npi", "rendering_npi")
    }
    mistyped = [row for row in practice.truth("defects") if row["kind"] == "npi_digit"]
    assert len(npis) >= 32 and len(used - npis) == len(mistyped)
    assert not any(is_luhn_npi(npi) for npi in used - npis)
    assert all(is_luhn_npi(npi) for npi in npis)
    assert not is_luhn_npi("1500000000")


def test_ids_collide_between_the_clinics(practice: Simulation) -> None:
    first, second = (
        {row["claim_id"] for row in practice.exports(clinic, "claim")} for clinic in practice.clinics
    )
    assert len(first & second) > 400


def test_a_session_over_the_end_of_daylight_saving_lasts_two_real_hours(practice: Simulation) -> None:
    for clinic in practice.clinics:
        (night,) = (
            r for r in practice.exports(clinic, "administration") if r["start_at"].startswith("2025-11-02")
        )
        begin, end = night["last_device_at"], night["discharged_at"]
        assert begin[-6:] != end[-6:]
        wall_clock = datetime.fromisoformat(end).replace(tzinfo=None) - datetime.fromisoformat(begin).replace(
            tzinfo=None
        )
        assert minutes_between(begin, end) >= 120 > wall_clock.total_seconds() / 60


def test_units_rule_read_from_the_exports_gives_the_told_findings(practice: Simulation) -> None:
    found = set()
    for clinic in practice.clinics:
        doses: dict[str, list[str]] = {}
        for row in practice.exports(clinic, "administration"):
            if row["drug"] == "esketamine" and row["status"] != "entered_in_error":
                doses.setdefault(row["encounter_id"], []).append(row["dose_mg"])
        judged = practice.judged_claims(clinic)
        for line in practice.exports(clinic, "claim_line"):
            claim = judged.get(line["claim_id"])
            if (
                claim is None
                or claim["version"] != line["version"]
                or line["code"] not in ("J0013", "S0013", "J0222")
            ):
                continue
            given = doses.get(line["encounter_id"], [])
            key = (clinic, f"{line['claim_id']}/{line['line_no']}")
            if not given and line["code"] == "J0222":
                continue  # patisiran itself
            if given in ([], [""]):
                found.add((*key, "not_evaluable"))
            elif Decimal(line["units"]) != sum(Decimal(dose) for dose in given):
                found.add((*key, "fail"))
    told = {
        (r["clinic_id"], r["subject_key"], r["status"])
        for r in practice.truth("findings")
        if r["rule_id"] == "drug-units-match-dose"
    }
    assert found == told and len(told) >= 8


def test_monitoring_rule_read_from_the_exports_gives_the_told_findings(practice: Simulation) -> None:
    found, exact = set(), 0
    for clinic in practice.clinics:
        for row in practice.exports(clinic, "administration"):
            if row["drug"] != "esketamine" or row["status"] == "entered_in_error":
                continue
            if not row["discharged_at"]:
                found.add((clinic, row["encounter_id"], "not_evaluable"))
                continue
            minutes = minutes_between(row["last_device_at"], row["discharged_at"])
            exact += minutes == 120
            if minutes < 120:
                found.add((clinic, row["encounter_id"], "fail"))
    told = {
        (r["clinic_id"], r["subject_key"], r["status"])
        for r in practice.truth("findings")
        if r["rule_id"] == "monitoring-two-hours"
    }
    assert found == told and exact > 20  # ending exactly at two hours is a near miss


def test_claim_rows_change_over_time_as_remits_come_in(practice: Simulation) -> None:
    for clinic in practice.clinics:
        newest = Counter(row["status"] for row in practice.newest(clinic, "claim", "claim_id", "version"))
        assert newest["replaced"] >= 1 and newest["paid"] > 300 and newest["denied"] > 5
        shown = Counter((row["claim_id"], row["version"]) for row in practice.exports(clinic, "claim"))
        assert max(shown.values()) >= 2
        newest_claims = practice.newest(clinic, "claim", "claim_id", "version")
        assert Counter(row["version"] for row in newest_claims)["2"] == 1


def test_charges_of_lines_add_up_to_the_claim(practice: Simulation) -> None:
    for clinic in practice.clinics:
        totals: Counter[tuple[str, str]] = Counter()
        for line in practice.exports(clinic, "claim_line"):
            totals[line["claim_id"], line["version"]] += Decimal(line["charge"])  # type: ignore[assignment]
        claims = practice.newest(clinic, "claim", "claim_id", "version")
        assert {(c["claim_id"], c["version"]): Decimal(c["total_charge"]) for c in claims} == dict(totals)
