"""Build a clinic's people: providers, credentials, site, patients, coverages, fees and policies."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from ketaclaims.simulate.model import Calendar, Clinic, Patient, Row
from ketaclaims.simulate.reference import Payer, Reference

EPOCH = date(2019, 6, 1)  # clinics, credentials and policies of the simulated world begin here


def make_npi(number: int) -> str:
    """A ten-digit NPI with its Luhn check digit (prefix 80840, as CMS defines it)."""
    body = f"1{number:08d}"
    total = 0
    for position, digit in enumerate(reversed("80840" + body)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def cents(amount: Decimal) -> Decimal:
    """Round half up to whole cents."""
    return (amount + Decimal("0.005")).quantize(Decimal("0.01"), rounding="ROUND_DOWN")


def build_clinic(index: int, reference: Reference, calendar: Calendar, seed: int) -> Clinic:
    """One clinic with staff, patients and reference rows, and no visits yet."""
    place = reference.raw["zones"][index % len(reference.raw["zones"])]
    clinic_id = f"clinic_{index + 1:02d}"
    clinic = Clinic(
        clinic_id=clinic_id,
        name=f"SIMULATED CLINIC {index + 1:02d}",
        npi=make_npi(50_000_000 + index * 1_000),
        tin=f"88{index + 1:07d}",
        site_id="S01",
        state=place["state"],
        zone=ZoneInfo(place["zone"]),
        rng=Random(f"{seed}:{clinic_id}"),
    )
    _add_site(clinic, place["zone"])
    _add_staff(clinic, index, reference)
    for track, payer_id, count in reference.raw["panel"]:
        for _ in range(count):
            _add_patient(clinic, reference, track, reference.payers[payer_id], calendar)
    _add_fees(clinic, reference)
    _add_policies(clinic, reference, calendar)
    return clinic


def _add_site(clinic: Clinic, zone: str) -> None:
    row: Row = {
        "site_id": clinic.site_id, "npi": clinic.npi, "pos_default": "11", "state": clinic.state,
        "timezone": zone, "rems_site_id": f"RS{clinic.tin[-4:]}", "rems_from": EPOCH,
        "ownership": "independent",
    }  # fmt: skip
    clinic.rows["site"].append((EPOCH, row))


def _add_staff(clinic: Clinic, index: int, reference: Reference) -> None:
    staff = (
        ("MD", "2084P0800X"), ("NP", "363LP0808X"), ("RN", "163W00000X"), ("LCSW", "1041C0700X"),
        ("LMFT", "106H00000X"),
    )  # fmt: skip
    for number, (kind, taxonomy) in enumerate(staff, 1):
        npi = make_npi(50_000_000 + index * 1_000 + number)
        name = f"{clinic.rng.choice(reference.raw['names']['last'])}, STAFF {number}"
        row: Row = {"npi": npi, "type": kind, "taxonomy": taxonomy, "name": name}
        clinic.rows["provider"].append((EPOCH, row))
        _add_credentials(clinic, reference, npi, kind, number)
        if kind in ("MD", "NP"):
            clinic.prescribers.append(npi)
        elif kind == "RN":
            clinic.nurses.append(npi)
        else:
            clinic.therapists.append(npi)


def _add_credentials(clinic: Clinic, reference: Reference, npi: str, kind: str, number: int) -> None:
    def add(credential: str, reference_number: str, **more: str | bool) -> None:
        row: Row = {"npi": npi, "kind": credential, "number": reference_number, "eff_from": EPOCH, **more}
        clinic.rows["provider_credential"].append((EPOCH, row))

    add("state_licence", f"{clinic.state}{number:05d}", state=clinic.state)
    if kind in ("MD", "NP"):
        add("dea", f"BS{number:07d}", state=clinic.state, schedule_iii=True)
    if kind != "RN":
        add("site_privilege", f"SP{number:03d}")
        for payer in reference.payers.values():
            if payer.lob != "self_pay":
                add("payer_enrolment", f"{payer.number}-{number}", payer_id=payer.payer_id)


def _diagnoses(rng: Random, reference: Reference, track: str) -> list[str]:
    lists = reference.raw["diagnoses"]
    if track == "esketamine":
        return [rng.choice(lists["esketamine"])] + ([lists["ideation"]] if rng.random() < 0.15 else [])
    return [rng.choice(lists["visits" if track == "visits" else "ketamine"])]


def _add_patient(clinic: Clinic, reference: Reference, track: str, payer: Payer, calendar: Calendar) -> None:
    rng, names = clinic.rng, reference.raw["names"]
    number = len(clinic.patients) + 1
    patient = Patient(
        patient_id=clinic.new_id("P"),
        last_name=rng.choice(names["last"]),
        first_name=rng.choice(names["first"]),
        birth_date=date(1996 if payer.lob != "medicare_b" else 1956, 1, 1)
        - timedelta(days=rng.randrange(0, 9000)),
        sex=rng.choice(("F", "M")),
        track=track,
        payer=payer,
        coverage_id=f"V{number:04d}",
        member_id=f"{payer.number or '00000'}M{rng.randrange(10**6):06d}",
        prescriber_npi=clinic.prescribers[number % 2],
        therapist_npi=clinic.therapists[number % 2],
        dx=_diagnoses(rng, reference, track),
        weight_kg=Decimal(rng.randrange(52, 104)),
    )
    clinic.patients.append(patient)
    _add_patient_rows(clinic, patient, calendar)
    for trial in rng.sample(reference.raw["trials"], 2 + (number % 2)):
        _add_trial(clinic, patient, trial, calendar)


def _add_patient_rows(clinic: Clinic, patient: Patient, calendar: Calendar) -> None:
    is_enrolled = patient.track == "esketamine"
    row: Row = {
        "patient_id": patient.patient_id, "birth_date": patient.birth_date, "sex": patient.sex,
        "state": clinic.state, "rems_patient_id": f"RP{patient.patient_id}" if is_enrolled else None,
        "rems_enrolled_on": calendar.start - timedelta(days=400) if is_enrolled else None,
    }  # fmt: skip
    clinic.rows["patient"].append((EPOCH, row))
    coverage: Row = {
        "coverage_id": patient.coverage_id, "patient_id": patient.patient_id,
        "payer_id": patient.payer.payer_id, "line_of_business": patient.payer.lob,
        "member_id": patient.member_id if patient.has_claims else None,
        "group_id": f"GRP{patient.payer.number}" if patient.payer.lob == "commercial" else None,
        "priority": 1, "eff_from": date(calendar.start.year - 1, 1, 1), "behavioral_carveout": False,
    }  # fmt: skip
    clinic.rows["coverage"].append((EPOCH, coverage))
    if not patient.has_claims or patient.payer.payer_id == "medical_mutual":
        kind = "waiver" if patient.has_claims else "GFE"
        signed = calendar.start - timedelta(days=20)
        notice: Row = {"patient_id": patient.patient_id, "type": kind, "signed_on": signed}
        clinic.rows["notice"].append((calendar.start, notice))


def _add_trial(clinic: Clinic, patient: Patient, trial: list[str], calendar: Calendar) -> None:
    drug, drug_class, dose = trial
    begun = calendar.start - timedelta(days=clinic.rng.randrange(300, 700))
    weeks = clinic.rng.randrange(8, 20)
    row: Row = {
        "trial_id": clinic.new_id("T"), "patient_id": patient.patient_id, "drug": drug, "class": drug_class,
        "max_dose_mg": Decimal(dose), "start_on": begun, "stop_on": begun + timedelta(weeks=weeks),
        "weeks": Decimal(weeks), "episode_no": 1, "augmentation": False, "outcome": "inadequate",
        "improvement_pct": Decimal(clinic.rng.randrange(0, 25)), "source": "emr",
    }  # fmt: skip
    clinic.rows["medication_trial"].append((calendar.start, row))


def allowed_amount(payer: Payer, code_allowed: Decimal) -> Decimal:
    """What the payer's contract allows per unit, USD."""
    return cents(code_allowed * payer.factor)


def _add_fees(clinic: Clinic, reference: Reference) -> None:
    for payer in reference.payers.values():
        for code in reference.codes.values():
            if code.allowed is None or payer.lob == "self_pay":
                continue
            row: Row = {
                "payer_id": payer.payer_id, "lob": payer.lob, "code": code.code,
                "eff_from": max(code.valid_from or EPOCH, EPOCH), "eff_to": code.valid_to,
                "allowed": allowed_amount(payer, code.allowed), "charge": code.charge,
            }  # fmt: skip
            clinic.rows["fee_schedule"].append((EPOCH, row))


def _add_policies(clinic: Clinic, reference: Reference, calendar: Calendar) -> None:
    policy = reference.raw["policy"]
    for payer in reference.payers.values():
        values = {
            "esketamine_model": payer.model,
            "pa_required": str(payer.pa_required).lower(),
            "iv_ketamine_covered": str(payer.payer_id in policy["iv_covered"]).lower(),
            **policy["common"],
        }
        for parameter, value in values.items():
            row: Row = {
                "payer_id": payer.payer_id, "line_of_business": payer.lob, "parameter": parameter,
                "value": value, "valid_from": EPOCH, "recorded_at": calendar.start - timedelta(days=60),
                "source": "simulated contract", "confidence": "high",
            }  # fmt: skip
            clinic.rows["payer_policy"].append((EPOCH, row))
