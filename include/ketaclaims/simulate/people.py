"""The patients: who they are, who insures them, what they took before, what they have."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, islice, repeat

from ketaclaims.simulate.model import Calendar, Clinic, Patient, Row
from ketaclaims.simulate.reference import Payer, Reference
from ketaclaims.simulate.staff import EPOCH
from ketaclaims.simulate.tariffs import policy_value

Place = tuple[str, Payer, bool]  # track, payer, out of network
RESPONDERS = 0.88
NEW_PATIENTS = 0.5
PAIN_OR_ANXIETY = ("home", "kap", "iv", "im")


def places(reference: Reference, patients: int | None) -> Iterator[Place]:
    """The panel once, or repeated until it holds that many patients."""
    panel = [
        (track, reference.payers[name.split()[0]], name.endswith(" oon"))
        for track, name, count in reference.raw["panel"]
        for _ in range(count)
    ]
    return islice(chain.from_iterable(repeat(panel)), len(panel) if patients is None else patients)


def panel_size(reference: Reference) -> int:
    """Patients of a clinic of usual size."""
    return sum(count for _, _, count in reference.raw["panel"])


def _diagnoses(clinic: Clinic, reference: Reference, track: str, payer: Payer) -> list[str]:
    rng, lists = clinic.rng, reference.raw["diagnoses"]
    if track == "esketamine":
        if payer.pa_required and clinic.counters["P"] % 7 == 6:
            return [rng.choice(lists["severe"]), lists["ideation"]]
        return [rng.choice(lists["esketamine"])]
    if track == "iv" and payer.lob == "medicare_b":
        return ["F33.2"]
    return [rng.choice(lists["ketamine" if track in PAIN_OR_ANXIETY else "visits"])]


def add_patient(clinic: Clinic, reference: Reference, place: Place, calendar: Calendar) -> None:
    """One patient with all that is known of them before the first visit."""
    track, payer, is_out = place
    rng, names = clinic.rng, reference.raw["names"]
    number = len(clinic.patients) + 1
    born = date(1956 if payer.lob in ("medicare_b", "ma") else 1996, 1, 1)
    patient = Patient(
        patient_id=clinic.new_id("P"),
        last_name=rng.choice(names["last"]),
        first_name=rng.choice(names["first"]),
        birth_date=born - timedelta(days=rng.randrange(0, 9000)),
        sex=rng.choice(("F", "M")),
        track=track,
        payer=payer,
        coverage_id=f"V{number:04d}",
        member_id=f"{payer.number or '00000'}M{rng.randrange(10**6):06d}",
        prescriber_npi=clinic.prescribers[number % len(clinic.prescribers)],
        therapist_npi=clinic.therapists[number % len(clinic.therapists)],
        dx=_diagnoses(clinic, reference, track, payer),
        weight_kg=Decimal(rng.randrange(52, 104)),
        state=clinic.neighbour if number % 9 == 0 else clinic.state,
        is_new=rng.random() < NEW_PATIENTS,
        network="out_of_network" if is_out else "in_network",
        phq9_baseline=rng.randrange(18, 26),
        response=Decimal(rng.randrange(58, 86)) / 100,
    )
    if rng.random() >= RESPONDERS:
        patient.response = Decimal(rng.randrange(5, 30)) / 100
    _add_secondary(clinic, patient, reference)
    clinic.patients.append(patient)
    _add_coverages(clinic, patient, calendar)
    _add_trials(clinic, patient, reference, calendar)
    _add_problems(clinic, patient, calendar)


def _add_secondary(clinic: Clinic, patient: Patient, reference: Reference) -> None:
    forwarded = reference.raw["secondary"].get(patient.payer.payer_id)
    if forwarded and clinic.rng.random() < reference.raw["secondary"]["share"]:
        patient.secondary = reference.payers[clinic.rng.choice(forwarded)]
        patient.secondary_member_id = f"{patient.secondary.number}S{clinic.rng.randrange(10**6):06d}"


def add_patient_row(clinic: Clinic, patient: Patient, first_dose: date | None) -> None:
    """The master record; a Spravato patient is enrolled in the REMS some days before the first dose."""
    enrolled = first_dose - timedelta(days=6) if first_dose else None
    row: Row = {
        "patient_id": patient.patient_id, "birth_date": patient.birth_date, "sex": patient.sex,
        "state": patient.state, "rems_patient_id": f"RP{patient.patient_id}" if enrolled else None,
        "rems_enrolled_on": enrolled,
    }  # fmt: skip
    clinic.rows["patient"].append((EPOCH, row))


def _add_coverages(clinic: Clinic, patient: Patient, calendar: Calendar) -> None:
    since = date(calendar.start.year - 1, 1, 1)
    payers = [(patient.payer, patient.coverage_id, patient.member_id)]
    if patient.secondary is not None:
        payers.append((patient.secondary, f"{patient.coverage_id}S", patient.secondary_member_id))
    for priority, (payer, coverage_id, member_id) in enumerate(payers, 1):
        is_insured = payer.lob != "self_pay"
        coverage: Row = {
            "coverage_id": coverage_id, "patient_id": patient.patient_id, "payer_id": payer.payer_id,
            "line_of_business": payer.lob, "member_id": member_id if is_insured else None,
            "group_id": f"GRP{payer.number}" if payer.lob == "commercial" else None,
            "priority": priority, "eff_from": since, "behavioral_carveout": False,
        }  # fmt: skip
        clinic.rows["coverage"].append((EPOCH, coverage))


def _add_trials(clinic: Clinic, patient: Patient, reference: Reference, calendar: Calendar) -> None:
    """As many failed trials as the payer asks for or one more, and what the patient still takes."""
    rng = clinic.rng
    asked = max(
        int(policy_value(reference, patient.payer, "trd_n", day)) for day in (calendar.start, calendar.end)
    )
    drugs = reference.raw["trials"]
    for trial in rng.sample(drugs, min(len(drugs), asked + len(clinic.patients) % 2)):
        begun = calendar.start - timedelta(days=rng.randrange(400, 800))
        _add_trial(clinic, patient, trial, begun, rng.randrange(8, 20))
    needs_ad = policy_value(reference, patient.payer, "needs_oral_ad", calendar.start - timedelta(days=90))
    if needs_ad == "true" or patient.indication == "MDD_SI" or rng.random() < 0.7:
        begun = calendar.start - timedelta(days=rng.randrange(150, 250))
        _add_trial(clinic, patient, reference.raw["ongoing"], begun, None)


def _add_trial(clinic: Clinic, patient: Patient, trial: list[str], begun: date, weeks: int | None) -> None:
    """``weeks`` None: still taken, with some effect."""
    drug, drug_class, dose = trial
    row: Row = {
        "trial_id": clinic.new_id("T"), "patient_id": patient.patient_id, "drug": drug, "class": drug_class,
        "max_dose_mg": Decimal(dose), "start_on": begun,
        "stop_on": begun + timedelta(weeks=weeks) if weeks else None,
        "weeks": Decimal(weeks) if weeks else None, "episode_no": 1, "augmentation": False,
        "outcome": "inadequate" if weeks else "partial",
        "improvement_pct": Decimal(clinic.rng.randrange(0, 25)), "source": "emr",
        "evidence_ref": f"DOC{clinic.counters['T']:05d}",
    }  # fmt: skip
    clinic.rows["medication_trial"].append((EPOCH, row))


def _add_problems(clinic: Clinic, patient: Patient, calendar: Calendar) -> None:
    for rank, code in enumerate(patient.dx, 1):
        recorded = calendar.start - timedelta(days=clinic.rng.randrange(100, 900))
        row: Row = {
            "diagnosis_id": clinic.new_id("X"), "patient_id": patient.patient_id, "code": code,
            "code_system": "icd10cm", "rank": rank, "status": "active",
            "onset_on": recorded - timedelta(days=200), "recorded_on": recorded,
        }  # fmt: skip
        clinic.rows["diagnosis"].append((EPOCH, row))


def add_merged_patient(clinic: Clinic, calendar: Calendar) -> None:
    """Somebody was registered twice; the second number was never used and merged into the first."""
    twin = clinic.patients[0]
    row: Row = {"patient_id": clinic.new_id("P"), "birth_date": twin.birth_date, "sex": twin.sex}
    clinic.rows["patient"].append((EPOCH, row | {"state": twin.state}))
    merge: Row = {
        "patient_id": row["patient_id"], "surviving_patient_id": twin.patient_id,
        "merged_on": calendar.start - timedelta(days=40),
    }  # fmt: skip
    clinic.rows["patient_merge"].append((EPOCH, merge))
