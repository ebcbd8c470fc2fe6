"""Office visits, prolonged services and the notes behind them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chart_rows import DAY, Row, encounter
from rule_case_kit import Case, Chart, at, billed, hit, near, unknown

THREE_YEARS = date(2023, 3, 10)  # before DAY


def visit(chart: Chart, *lines: Row, claim: Row | None = None, **encounter_row: Any) -> str:
    """An encounter and what was billed for it."""
    number = chart.visit(**encounter_row)
    chart.bill(*lines, **(claim or {}))
    return number


def log(chart: Chart, number: str, activity: str, minutes: int | None, **given: Any) -> None:
    """Time logged for an encounter from nine on."""
    stop = None if minutes is None else at(9) + timedelta(minutes=minutes)
    row = {
        "time_id": f"{number}.{activity}",
        "encounter_id": number,
        "activity": activity,
        "minutes": minutes,
    }
    chart.add("time_log", {**row, "npi": "2222222222", "start_at": at(9), "end_at": stop, **given})


def seen(chart: Chart, code: str, on: date | None, history_starts: date = THREE_YEARS, **before: Any) -> None:
    """A visit in a clinic whose history starts on a day, and perhaps one before it."""
    chart.own_clinic()
    somebody = encounter(f"{chart.case_id}.x", "somebody else", history_starts, clinic_id=chart.clinic_id)
    chart.add("encounter", somebody)
    if on:
        chart.visit(on, **{"mode": "in_person", **before})
    visit(chart, billed(code), mode="in_person", group_id="g1", specialty="psychiatry")


def noted(
    chart: Chart,
    *,
    own_note: str | None = "own",
    overlap: str | None = "20",
    em: tuple[int, int] | None = (9, 0),
    **visit_row: Any,
) -> None:
    """A session dosed at twenty past nine and a visit beside it: its note, its twenty minutes."""
    row: Row = {"note_id": "session", "em_basis": "time", "em_minutes": 20, **visit_row}
    number = chart.session("56", visit=row, start_at=at(9, 10), last_device_at=at(9, 20))
    share = None if overlap is None else Decimal(overlap)
    told = {"encounter_id": number, "em_note_id": own_note, "em_note_overlap_pct": share}
    chart.add("session_documentation", told)
    if em:
        log(chart, number, "em", 20, start_at=at(*em), end_at=at(*em) + timedelta(minutes=20))
    chart.bill(billed("J0013", "56"), billed("99214"))


def two_notes(chart: Chart, note: str) -> None:
    """The visit is an encounter of its own."""
    session = chart.session("56", visit={"note_id": "session"})
    share = {"encounter_id": session, "em_note_overlap_pct": Decimal("10")}
    chart.add("session_documentation", share)
    own = chart.visit(note_id=note, em_basis="mdm", start_at=at(14))
    chart.bill(billed("99214", encounter_id=own))


def prolonged(
    chart: Chart,
    minutes: int | None,
    *lines: Row,
    lob: str | None = "commercial",
    basis: str | None = "time",
    **claim: Any,
) -> None:
    """A visit of so many minutes and its lines."""
    chart.coverage("medicare_b" if lob == "medicare_b" else "aetna", lob)
    visit(chart, *lines, claim=claim, em_minutes=minutes, em_basis=basis)


def staffed(
    chart: Chart, minutes: int | None, *lines: Row, lob: str = "commercial", on_site: bool | None = True
) -> None:
    """Staff time beyond the base service."""
    chart.coverage("aetna", lob)
    number = visit(chart, billed("99214"), billed("99415"), *lines, supervisor_on_site=on_site)
    log(chart, number, "prolonged_staff", minutes)


def with_therapy(
    chart: Chart, em: int | None, therapy: int, face: int = 60, basis: str | None = "time"
) -> None:
    """A visit with add-on psychotherapy in an encounter of so many minutes."""
    end = at(9) + timedelta(minutes=face)
    lines = (billed("99214"), billed("90833"))
    number = visit(chart, *lines, em_minutes=em, em_basis=basis, end_at=end)
    log(chart, number, "psychotherapy", therapy)


TOP, NEW_TOP, CPT, MEDICARE = billed("99215"), billed("99205"), billed("99417"), billed("G2212")
TWO = billed("99417", "2")
OTHER = "3333333333"

CASES: list[Case] = [
    hit(
        "em-99211-with-injection", "beside an injection", lambda c: visit(c, billed("99211"), billed("96372"))
    ),
    hit(
        "em-99211-with-injection",
        "25 does not save it",
        lambda c: visit(c, billed("99211", mod1="25"), billed("96365")),
    ),
    near(
        "em-99211-with-injection",
        "beside a further hour only",
        lambda c: visit(c, billed("99211"), billed("96366")),
    ),
    near(
        "em-99211-with-injection",
        "99212 is another rule's",
        lambda c: visit(c, billed("99212"), billed("96372")),
    ),
    unknown("em-99211-with-injection", "no date", lambda c: visit(c, billed("99211", dos_from=None))),
    hit("new-patient-three-year", "new, seen on the very day", lambda c: seen(c, "99204", THREE_YEARS)),
    hit("new-patient-three-year", "new, seen yesterday", lambda c: seen(c, "99202", DAY - timedelta(days=1))),
    hit("new-patient-three-year", "established, never seen", lambda c: seen(c, "99213", None)),
    hit(
        "new-patient-three-year",
        "new, seen by one of group and specialty",
        lambda c: seen(
            c, "99204", date(2025, 1, 6), rendering_npi=OTHER, group_id="g1", specialty="psychiatry"
        ),
    ),
    near("new-patient-three-year", "new, never seen", lambda c: seen(c, "99204", None)),
    near(
        "new-patient-three-year",
        "new, seen a day longer ago",
        lambda c: seen(c, "99204", THREE_YEARS - timedelta(days=1)),
    ),
    near(
        "new-patient-three-year",
        "new, heard on the telephone",
        lambda c: seen(c, "99204", date(2025, 1, 6), mode="audio"),
    ),
    near(
        "new-patient-three-year",
        "new, the visit was cancelled",
        lambda c: seen(c, "99204", date(2025, 1, 6), status="cancelled"),
    ),
    near(
        "new-patient-three-year",
        "new, seen by another specialty",
        lambda c: seen(
            c, "99204", date(2025, 1, 6), rendering_npi=OTHER, group_id="g1", specialty="family medicine"
        ),
    ),
    near(
        "new-patient-three-year", "established, seen on the very day", lambda c: seen(c, "99213", THREE_YEARS)
    ),
    unknown(
        "new-patient-three-year",
        "the history is a day short",
        lambda c: seen(c, "99204", None, THREE_YEARS + timedelta(days=1)),
    ),
    unknown(
        "new-patient-three-year",
        "seen by one whose group is not known",
        lambda c: seen(c, "99204", date(2025, 1, 6), rendering_npi=OTHER),
    ),
    unknown(
        "new-patient-three-year",
        "seen, but not said how",
        lambda c: seen(c, "99204", date(2025, 1, 6), mode=None),
    ),
    hit(
        "em-25-without-procedure",
        "beside the drug alone",
        lambda c: visit(c, billed("99214", mod1="25"), billed("J0013", "56")),
    ),
    near(
        "em-25-without-procedure",
        "beside an injection",
        lambda c: visit(c, billed("99214", mod1="25"), billed("96372")),
    ),
    near(
        "em-25-without-procedure",
        "beside psychotherapy",
        lambda c: visit(c, billed("99214", mod2="25"), billed("90833")),
    ),
    near(
        "em-25-without-procedure",
        "no 25",
        lambda c: visit(c, billed("99214"), billed("J0013", "56")),
    ),
    unknown(
        "em-25-without-procedure",
        "beside a code nobody knows",
        lambda c: visit(c, billed("99214", mod1="25"), billed("ZZ999")),
    ),
    hit("em-separate-note", "nine tenths of the text", lambda c: noted(c, overlap="90")),
    hit("em-separate-note", "one note", lambda c: noted(c, own_note="session", overlap=None)),
    hit("em-separate-note", "the visit runs into the observation", lambda c: noted(c, em=(9, 1))),
    hit("em-separate-note", "two encounters, one note", lambda c: two_notes(c, "session")),
    near(
        "em-separate-note",
        "a little less text, and time before the dose",
        lambda c: noted(c, overlap="89.99"),
    ),
    near("em-separate-note", "two encounters, two notes", lambda c: two_notes(c, "own")),
    near(
        "em-separate-note",
        "by decision making, nothing logged",
        lambda c: noted(c, em=None, em_basis="mdm"),
    ),
    unknown("em-separate-note", "the note is not told", lambda c: noted(c, own_note=None, overlap=None)),
    unknown("em-separate-note", "by time, nothing logged", lambda c: noted(c, em=None)),
    hit("prolonged-code-valid", "99354 in 2026", lambda c: prolonged(c, 90, TOP, billed("99354"))),
    hit(
        "prolonged-code-valid",
        "99355 on the first day after its end",
        lambda c: prolonged(c, 90, billed("99355", dos_from=date(2023, 1, 1))),
    ),
    hit("prolonged-code-valid", "54 minutes", lambda c: prolonged(c, 54, TOP, CPT)),
    hit("prolonged-code-valid", "69 minutes make one unit", lambda c: prolonged(c, 69, TOP, TWO)),
    hit("prolonged-code-valid", "70 minutes make two", lambda c: prolonged(c, 70, TOP, CPT)),
    hit("prolonged-code-valid", "74 minutes of a new patient", lambda c: prolonged(c, 74, NEW_TOP, CPT)),
    hit(
        "prolonged-code-valid",
        "no visit of the highest level",
        lambda c: prolonged(c, 60, billed("99214"), CPT),
    ),
    hit(
        "prolonged-code-valid",
        "the visit is another clinician's",
        lambda c: prolonged(c, 60, billed("99215", rendering_npi=OTHER), CPT),
    ),
    hit("prolonged-code-valid", "G2212 to a plan", lambda c: prolonged(c, 70, TOP, MEDICARE)),
    hit(
        "prolonged-code-valid",
        "99417 to Medicare",
        lambda c: prolonged(c, 70, TOP, TWO, lob="medicare_b"),
    ),
    hit(
        "prolonged-code-valid",
        "68 minutes under Medicare",
        lambda c: prolonged(c, 68, TOP, MEDICARE, lob="medicare_b"),
    ),
    hit(
        "prolonged-code-valid",
        "beside a session code",
        lambda c: prolonged(c, 69, TOP, MEDICARE, billed("G2082"), lob="medicare_b"),
    ),
    near("prolonged-code-valid", "55 minutes", lambda c: prolonged(c, 55, TOP, CPT)),
    near("prolonged-code-valid", "70 minutes, two units", lambda c: prolonged(c, 70, TOP, TWO)),
    near("prolonged-code-valid", "75 minutes of a new patient", lambda c: prolonged(c, 75, NEW_TOP, CPT)),
    near(
        "prolonged-code-valid",
        "69 minutes under Medicare",
        lambda c: prolonged(c, 69, TOP, MEDICARE, lob="medicare_b"),
    ),
    near(
        "prolonged-code-valid",
        "89 minutes of a new patient under Medicare",
        lambda c: prolonged(c, 89, NEW_TOP, MEDICARE, lob="medicare_b"),
    ),
    near(
        "prolonged-code-valid",
        "99354 on its last day",
        lambda c: prolonged(c, 90, billed("99354", dos_from=date(2022, 12, 31))),
    ),
    near(
        "prolonged-code-valid",
        "minutes do not decide where decision making did",
        lambda c: prolonged(c, 54, TOP, CPT, basis="mdm"),
    ),
    unknown("prolonged-code-valid", "no minutes", lambda c: prolonged(c, None, TOP, CPT)),
    unknown("prolonged-code-valid", "no basis", lambda c: prolonged(c, 54, TOP, CPT, basis=None)),
    unknown("prolonged-code-valid", "no line of business", lambda c: prolonged(c, 55, TOP, CPT, lob=None)),
    hit("staff-prolonged-supervision", "29 minutes", lambda c: staffed(c, 29)),
    hit("staff-prolonged-supervision", "nobody on site", lambda c: staffed(c, 30, on_site=False)),
    hit("staff-prolonged-supervision", "beside 99417", lambda c: staffed(c, 30, CPT)),
    near("staff-prolonged-supervision", "30 minutes, supervised", lambda c: staffed(c, 30)),
    near("staff-prolonged-supervision", "another payer", lambda c: staffed(c, 29, lob="ma")),
    unknown("staff-prolonged-supervision", "no minutes", lambda c: staffed(c, None)),
    unknown("staff-prolonged-supervision", "not said who was there", lambda c: staffed(c, 30, on_site=None)),
    hit("em-time-excludes-therapy", "a minute too many", lambda c: with_therapy(c, 31, 30)),
    near("em-time-excludes-therapy", "just as long", lambda c: with_therapy(c, 30, 30)),
    near("em-time-excludes-therapy", "by decision making", lambda c: with_therapy(c, 40, 30, basis="mdm")),
    unknown("em-time-excludes-therapy", "no minutes of the visit", lambda c: with_therapy(c, None, 30)),
    unknown("em-time-excludes-therapy", "no basis", lambda c: with_therapy(c, 31, 30, basis=None)),
]
