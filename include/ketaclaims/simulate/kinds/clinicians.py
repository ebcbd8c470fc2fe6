"""Faults in who did the work, with which papers, and in what was written down afterwards."""

from datetime import date, timedelta

from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.registry import Apply, Plot, VisitKind, every_line, unchanged
from ketaclaims.simulate.model import Line, Row, Session
from ketaclaims.simulate.staff import EPOCH
from ketaclaims.simulate.values import make_npi

ELIGIBLE, ENROLLED, NPI = "provider-eligible", "provider-enrolled-payer", "npi-valid"
PAPERS, LATE = "prescriber-rems-dea", "late-entry-integrity"
DAY_MINUTES = 24 * 60  # some reports tell the day a claim left, not the hour
FIRST_LOCUM = 900  # staff numbers from here on are of locums


def _locum(
    plot: Plot, session: Session, *, enrolled_from: date = EPOCH, licensed: bool = True, dea: bool = True
) -> str:
    """A physician who helps out for a day, with papers of their own; the number."""
    clinic = plot.clinic
    clinic.counters["locum"] += 1
    number = FIRST_LOCUM + clinic.counters["locum"]
    npi = make_npi(int(clinic.npi[1:9]) + number)
    provider: Row = {"npi": npi, "type": "MD", "taxonomy": "2084P0800X", "name": f"LOCUM, STAFF {number}"}
    clinic.rows["provider"].append((EPOCH, provider))

    def add(kind: str, reference: str, **more: str | bool | date | None) -> None:
        row: Row = {"npi": npi, "kind": kind, "number": reference, "eff_from": EPOCH, **more}
        clinic.rows["provider_credential"].append((EPOCH, row))

    until = date(2099, 12, 31) if licensed else session.dos - timedelta(days=1)
    add("state_licence", f"{clinic.state}{number:05d}-1", state=clinic.state, eff_to=until)
    if dea:
        add("dea", f"BS{number:07d}", state=clinic.state, schedule_iii=True)
    add("site_privilege", f"SP{number:03d}")
    payer = session.patient.payer
    add("payer_enrolment", f"{payer.number}-{number}", payer_id=payer.payer_id, eff_from=enrolled_from)
    return npi


def _seen_by(session: Session, npi: str) -> Line:
    claim = session.claim
    assert claim is not None
    session.encounter.rendering_npi = claim.rendering_npi = npi
    for line in claim.lines:
        line.rendering_npi = npi
    return claim.lines[0]


def _enrolled_after(days: int) -> Apply:
    """Somebody whom the payer enrolled so many days after the visit."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        since = session.dos + timedelta(days=days)
        return _seen_by(session, _locum(plot, session, enrolled_from=since))

    return apply


def _ordered_by(*, licensed: bool = True, dea: bool = True) -> Apply:
    def apply(plot: Plot, session: Session, ordinal: int) -> None:
        session.administrations[0].ordering_npi = _locum(plot, session, licensed=licensed, dea=dea)

    return apply


def _by_therapist(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    line = session.claim.lines[0]
    line.rendering_npi = session.patient.therapist_npi
    return line


def _wrong_digit(plot: Plot, session: Session, ordinal: int) -> None:
    assert session.claim is not None
    npi = session.claim.rendering_npi
    session.claim.rendering_npi = npi[:9] + str((int(npi[9]) + 1) % 10)


def _of_clinic(plot: Plot, session: Session, ordinal: int) -> None:
    assert session.claim is not None
    session.claim.rendering_npi = plot.clinic.npi


def _of_colleague(plot: Plot, session: Session, ordinal: int) -> None:
    """Near miss: another clinician's number on the claim, the right one on its lines."""
    assert session.claim is not None
    others = [npi for npi in plot.clinic.prescribers if npi != session.claim.rendering_npi]
    session.claim.rendering_npi = others[0]


def _amended(minutes: int) -> Apply:
    """The chart was amended so many minutes after the claim had left."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        assert session.claim is not None
        session.encounter.amended_at = plot.clinic.later(session.claim.submitted_at, minutes)
        return session.claim.lines[0]

    return apply


def _early_claim(plot: Plot, session: Session) -> bool:
    """Sent well before the export that shows the amendment."""
    is_early = session.dos < plot.calendar.end - timedelta(days=10)
    return places.of_kind("intake", "visit", "therapy")(plot, session) and is_early


plain_visit = places.alone_that_day(places.without_line(places.office_visit, "90833", "90836"))
visits = places.in_room(places.of_kind("visit"))
treated = places.of_kind("esketamine")
KINDS = (
    VisitKind("therapist_visit", ELIGIBLE, "claim_line", plain_visit, _by_therapist),
    VisitKind(
        "not_enrolled", ENROLLED, "claim_line", visits, _enrolled_after(1), follows=every_line(ENROLLED)
    ),
    VisitKind("npi_digit", NPI, "claim", visits, _wrong_digit),
    VisitKind("npi_of_clinic", NPI, "claim", visits, _of_clinic),
    VisitKind("no_dea", PAPERS, "encounter", treated, _ordered_by(dea=False)),
    VisitKind("licence_ended", PAPERS, "encounter", treated, _ordered_by(licensed=False)),
    VisitKind("late_amendment", LATE, "claim_line", _early_claim, _amended(60), follows=every_line(LATE)),
)
NEAR_MISSES = (
    VisitKind("therapist_therapy", ELIGIBLE, "claim_line", places.of_kind("therapy"), unchanged, ""),
    VisitKind("enrolled_that_day", ENROLLED, "claim_line", visits, _enrolled_after(0), ""),
    VisitKind("npi_of_colleague", NPI, "claim", visits, _of_colleague, ""),
    VisitKind("ordered_by_locum", PAPERS, "encounter", treated, _ordered_by(), ""),
    VisitKind("amended_before", LATE, "claim_line", _early_claim, _amended(-DAY_MINUTES), ""),
)
