"""Questions to a simulated practice, asked from its exports alone; each answers with what would be wrong."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from clean_chart import Chart, moment

EM_ESTABLISHED = ("99212", "99213", "99214", "99215")
EM_NEW = ("99202", "99203", "99204", "99205")
INDICATOR_0 = {
    *((therapy, em) for therapy in ("90832", "90834", "90837", "90792") for em in (*EM_ESTABLISHED, *EM_NEW)),
    *((code, "96127") for code in ("90792", "90832", "90834", "90837", "90833", "90836", "99492", "99493")),
    ("99492", "99493"), ("99415", "99417"), ("G2212", "99417"),
}  # fmt: skip


def three_years_before(day: date) -> date:
    return day.replace(year=day.year - 3) if (day.month, day.day) != (2, 29) else date(day.year - 3, 2, 28)


def blood_pressure_gaps(chart: Chart) -> Iterator[str]:
    taken = chart.by([r for r in chart.rows("observation") if r["kind"] == "bp"], "encounter_id")
    for dose in chart.doses:
        if dose["drug"] != "esketamine":
            continue
        at, end = moment(dose["start_at"]), moment(dose["discharged_at"])
        times = [moment(r["taken_at"]) for r in taken[(dose["encounter_id"],)]]
        wanted = (
            (at - timedelta(minutes=60), at),
            (at + timedelta(minutes=30), at + timedelta(minutes=50)),
            (at + timedelta(minutes=100), end),
        )
        if not all(any(begin <= t <= until for t in times) for begin, until in wanted):
            yield dose["administration_id"]


def high_pressure_without_note(chart: Chart) -> Iterator[str]:
    notes = {r["encounter_id"]: r["has_high_bp_note"] for r in chart.rows("session_documentation")}
    first: dict[str, dict[str, str]] = {}
    for row in sorted(chart.rows("observation"), key=lambda r: r["taken_at"]):
        if row["kind"] == "bp":
            first.setdefault(row["encounter_id"], row)
    for encounter_id, row in first.items():
        if (int(row["sbp"]) > 140 or int(row["dbp"]) > 90) and notes[encounter_id] != "true":
            yield encounter_id


def wrong_first_doses(chart: Chart) -> Iterator[str]:
    asked = {r["patient_id"]: r["indication"] for r in chart.rows("prior_auth") if r["drug"] == "esketamine"}
    for patient, doses in chart.courses.items():
        if doses[0]["dose_mg"] != ("84" if asked.get(patient) == "MDD_SI" else "56"):
            yield patient


def too_many_in_a_treatment_week(chart: Chart) -> Iterator[str]:
    for patient, doses in chart.courses.items():
        days = [moment(d["start_at"]).date() for d in doses]
        weeks = [(day - days[0]).days // 7 for day in days]
        if any(weeks.count(week) > (2 if week < 4 else 1) for week in weeks):
            yield patient


def unenrolled_at_first_dose(chart: Chart) -> Iterator[str]:
    enrolled = {r["patient_id"]: r["rems_enrolled_on"] for r in chart.rows("patient", "patient_id")}
    for patient, doses in chart.courses.items():
        if (
            not enrolled[patient]
            or date.fromisoformat(enrolled[patient]) > moment(doses[0]["start_at"]).date()
        ):
            yield patient


def rems_forms_missing_or_late(chart: Chart) -> Iterator[str]:
    filed = {r["encounter_id"]: moment(r["submitted_at"]) for r in chart.rows("rems_form")}
    for dose in chart.doses:
        if dose["drug"] == "esketamine":
            at = filed.get(dose["encounter_id"])
            if at is None or at > moment(dose["start_at"]) + timedelta(days=7):
                yield dose["encounter_id"]


def who_is_new_is_wrong(chart: Chart) -> Iterator[str]:
    """New-patient codes for the unseen, other codes for the known; the file reaches back far enough."""
    oldest = min(day for days in chart.seen.values() for day in days)
    for line in chart.lines:
        if line["code"] not in (*EM_NEW, *EM_ESTABLISHED, "G2082", "G2083"):
            continue
        day = date.fromisoformat(line["dos_from"])
        since = three_years_before(day)
        is_known = any(since <= d < day for d in chart.seen[chart.patient_of(line["encounter_id"])])
        if oldest > since or is_known == (line["code"] in EM_NEW):
            yield f"{line['claim_id']}/{line['line_no']}"


def infusion_codes_against_the_clock(chart: Chart) -> Iterator[str]:
    """96372 for the muscle and below the skin, else by minutes; a push set apart by XE is another's."""
    codes = chart.by([r for r in chart.lines if r["mod1"] != "XE"], "encounter_id")
    for dose in chart.doses:
        billed = {r["code"]: r["units"] for r in codes.get((dose["encounter_id"],), [])}
        if dose["drug"] != "ketamine" or not billed:
            continue
        expected = {"96372": "1"} if dose["route"] in ("IM", "SC") else _by_the_clock(dose)
        if {c: u for c, u in billed.items() if c in ("96365", "96366", "96372", "96374")} != expected:
            yield dose["encounter_id"]


def _by_the_clock(dose: dict[str, str]) -> dict[str, str]:
    minutes = int((moment(dose["stop_at"]) - moment(dose["start_at"])).total_seconds() // 60)
    if minutes < 16:
        return {"96374": "1"}
    further = max(0, (minutes - 31) // 60)
    return {"96365": "1", **({"96366": str(further)} if further else {})}


def pairs_that_may_not_stand(chart: Chart) -> Iterator[str]:
    for place, rows in chart.by(chart.lines, "dos_from", "rendering_npi", "encounter_id").items():
        codes = {r["code"] for r in rows}
        if any(first in codes and second in codes for first, second in INDICATOR_0):
            yield str(place)


def therapy_against_the_clock(chart: Chart) -> Iterator[str]:
    minutes = {
        r["encounter_id"]: int(r["minutes"])
        for r in chart.rows("time_log")
        if r["activity"] == "psychotherapy"
    }
    bands = {"90832": (16, 37), "90833": (16, 37), "90834": (38, 52), "90836": (38, 52), "90837": (53, 999)}
    for line in chart.lines:
        if line["code"] in bands:
            low, high = bands[line["code"]]
            if not low <= minutes[line["encounter_id"]] <= high:
                yield line["claim_id"]


def people_in_two_places(chart: Chart) -> Iterator[str]:
    for (npi,), rows in chart.by(chart.rows("time_log"), "npi").items():
        spans = sorted((moment(r["start_at"]), moment(r["end_at"]), r["encounter_id"]) for r in rows)
        for (_, end, one), (begin, _, other) in pairwise(spans):
            if begin < end and one != other:
                yield npi


def screenings_unlike_the_scores(chart: Chart) -> Iterator[str]:
    scored: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in chart.rows("observation"):
        if row["kind"] == "instrument":
            scored[row["patient_id"], row["taken_at"][:10]].add(row["instrument"])
    for line in chart.lines:
        if line["code"] == "96127":
            place = (chart.patient_of(line["encounter_id"]), line["dos_from"])
            if int(line["units"]) != min(3, len(scored[place])):
                yield line["claim_id"]


def care_months_unlike_the_log(chart: Chart) -> Iterator[str]:
    minutes: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in chart.rows("time_log"):
        if row["activity"] == "cocm":
            minutes[row["patient_id"], row["service_month"]] += int(row["minutes"])
    for line in chart.lines:
        month = minutes[chart.patient_of(line["encounter_id"]), line["dos_from"][:7]]
        least = {"99492": 36, "99493": 31, "G2214": 16}.get(line["code"], 0)
        if month < least:
            yield line["claim_id"]
        if line["code"] == "99494":
            base = {r["code"] for r in chart.lines if r["claim_id"] == line["claim_id"]}
            counted = 56 if "99492" in base else 46
            if int(line["units"]) != (month - counted) // 30:
                yield line["claim_id"]


def authorisations_without_a_score(chart: Chart) -> Iterator[str]:
    scores: defaultdict[str, list[tuple[date, int]]] = defaultdict(list)
    for row in chart.rows("observation"):
        if row["instrument"] == "PHQ-9":
            scores[row["patient_id"]].append((moment(row["taken_at"]).date(), int(row["value_num"])))
    decided = [r for r in chart.rows("prior_auth", "pa_id") if r["valid_from"]]
    for (patient, _), rows in chart.by(decided, "patient_id", "drug").items():
        base: int | None = None
        for row in sorted(rows, key=lambda r: r["valid_from"]):
            day = date.fromisoformat(row["valid_from"])
            near = [s for taken, s in scores[patient] if day - timedelta(days=30) <= taken <= day]
            if not near or (base is not None and near[-1] > base * 0.5):
                yield row["pa_id"]
            base = base if base is not None else (near[0] if near else None)


def telehealth_told_wrongly(chart: Chart) -> Iterator[str]:
    credentials = chart.rows("provider_credential", "npi", "number")
    licences = chart.by([r for r in credentials if r["kind"] == "state_licence"], "npi", "state")
    for line in chart.lines:
        seen, claim = chart.encounters[line["encounter_id"]], chart.claims[line["claim_id"]]
        lob = chart.payer_of[seen["patient_id"]]["line_of_business"]
        at_home = claim["pos"] in ("02", "10")
        expected = {"in_person": (claim["pos"] if not at_home else "11", set()), "audio": ("10", {"93"})}.get(
            seen["mode"]
        )
        if expected is None:
            expected = ("10", {"medicare_b": set(), "medicaid_mco": {"GT"}}.get(lob, {"95"}))
        pos = "10" if at_home else claim["pos"]  # 02 tells of telehealth elsewhere than at home
        if (pos, {line["mod1"]} & {"93", "95", "GT"}) != expected:
            yield line["claim_id"]
        if seen["mode"] != "in_person":
            terms = licences.get((seen["rendering_npi"], seen["patient_state"]), [])
            if not any(t["eff_from"] <= line["dos_from"] <= t["eff_to"] for t in terms):
                yield line["claim_id"]


def benefits_unverified(chart: Chart) -> Iterator[str]:
    checks: defaultdict[str, list[date]] = defaultdict(list)
    for row in chart.rows("benefit_check"):
        checks[row["patient_id"]].append(date.fromisoformat(row["verified_on"]))
    for dose in chart.doses:
        patient, day = chart.patient_of(dose["encounter_id"]), moment(dose["start_at"]).date()
        is_insured = chart.payer_of[patient]["line_of_business"] != "self_pay"
        fresh = [check for check in checks[patient] if day - timedelta(days=30) <= check <= day]
        if is_insured and not fresh:
            yield dose["encounter_id"]


def denials_nobody_appealed(chart: Chart) -> Iterator[str]:
    appealed = {r["claim_id"] for r in chart.rows("appeal")}
    end = max(date.fromisoformat(r["deposited_on"]) for r in chart.rows("bank_deposit"))
    told = [r for r in chart.practice.truth("adjudications") if r["clinic_id"] == chart.clinic]
    for row in told:
        is_old = date.fromisoformat(row["payment_date"]) < end - timedelta(days=25)
        is_first_denial = row["is_denied"] == "true" and row["event"] == "first"
        replaced = row["claim_id"] not in chart.claims
        if is_first_denial and is_old and not replaced and row["claim_id"] not in appealed:
            yield row["claim_id"]


def sessions_nobody_billed(chart: Chart) -> Iterator[str]:
    billed = {r["encounter_id"] for r in chart.lines}
    otherwise = {r["encounter_id"] for table in ("superbill", "cash_sale") for r in chart.rows(table)}
    for dose in chart.doses:
        if dose["encounter_id"] not in billed | otherwise:
            yield dose["encounter_id"]


def same_service_twice(chart: Chart) -> Iterator[str]:
    seen: set[tuple[str, ...]] = set()
    for line in chart.lines:
        place = (
            chart.patient_of(line["encounter_id"]), line["dos_from"], line["code"], line["mod1"],
            line["rendering_npi"], line["charge"],
        )  # fmt: skip
        if place in seen:
            yield line["claim_id"]
        seen.add(place)


def unpriced_codes(chart: Chart) -> Iterator[str]:
    allowed = {(r["payer_id"], r["code"]): r for r in chart.rows("fee_schedule", "payer_id", "code")}
    for line in chart.lines:
        payer = chart.payer_of[chart.patient_of(line["encounter_id"])]["payer_id"]
        fee = allowed.get((payer, line["code"]))
        if fee is None or not float(fee["allowed"]) <= float(fee["charge"]) <= 5 * float(fee["allowed"]):
            yield line["code"]


CHECKS = (
    blood_pressure_gaps, high_pressure_without_note, wrong_first_doses, too_many_in_a_treatment_week,
    unenrolled_at_first_dose, rems_forms_missing_or_late, who_is_new_is_wrong,
    infusion_codes_against_the_clock, pairs_that_may_not_stand, therapy_against_the_clock,
    people_in_two_places, screenings_unlike_the_scores, care_months_unlike_the_log,
    authorisations_without_a_score, telehealth_told_wrongly, benefits_unverified, denials_nobody_appealed,
    sessions_nobody_billed, same_service_twice, unpriced_codes,
)  # fmt: skip
