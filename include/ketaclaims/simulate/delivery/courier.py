"""What one clinic drops into the landing folder for one export, in the chosen form."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ketaclaims.simulate.delivery import fhir
from ketaclaims.simulate.delivery.claim_837 import SentClaim
from ketaclaims.simulate.delivery.dirt import Dirt
from ketaclaims.simulate.delivery.interchange_837 import Outbox, rank_of, write_interchanges
from ketaclaims.simulate.delivery.pa_tracker import write_tracker
from ketaclaims.simulate.delivery.parcel import Parcel
from ketaclaims.simulate.delivery.vendor import Desk
from ketaclaims.simulate.ehr_writer import Window, to_csv
from ketaclaims.simulate.headers import HEADERS
from ketaclaims.simulate.model import Clinic, Patient, Row
from ketaclaims.simulate.reference import Payer

Tables = Mapping[str, Sequence[Row]]


@dataclass
class Courier:
    """Deliveries of one clinic in time order; ``number`` is the clinic's position, from 1."""

    clinic: Clinic
    number: int
    delivery: str
    payers: Mapping[str, Payer]
    dirt: Dirt
    outbox: Outbox = field(default_factory=Outbox)
    people: dict[str, Patient] = field(init=False)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.people = {patient.patient_id: patient for patient in self.clinic.patients}
        self.desk = Desk(self.people, self.payers)

    @property
    def folder(self) -> str:
        """Below ``landing/ehr``. Only canonical rows say whose they are; for all else the folder does."""
        clinic_id = self.clinic.clinic_id
        return clinic_id if self.delivery == "canonical" else f"clinic={clinic_id}"

    def parcels(self, window: Window, tables: Tables) -> Iterator[Parcel]:
        """Every file of one export; ``tables`` holds its rows by canonical table."""
        for merge in tables.get("patient_merge", ()):  # a second number of somebody
            self.people[str(merge["patient_id"])] = self.people[str(merge["surviving_patient_id"])]
        if self.delivery == "canonical":
            yield from self._canonical(window, tables, HEADERS)
            return
        for parcel in self._claims(tables):
            yield from self.dirt.resent(parcel)
        if tables.get("prior_auth"):
            tracker = write_tracker(tables["prior_auth"], self.people, self.payers)
            yield Parcel(f"pa_tracker_{window.label}.xlsx", tracker, window.moment)
        yield from (self._fhir if self.delivery == "fhir" else self._vendor)(window, tables)

    def _canonical(self, window: Window, tables: Tables, wanted: Iterable[str]) -> Iterator[Parcel]:
        for table in wanted:
            if tables.get(table):
                content = to_csv(HEADERS[table], tables[table])
                parcel = Parcel(f"{table}_{window.label}.csv", content, window.moment)
                yield self.dirt.canonical(parcel) if self.dirt.share else parcel

    def _vendor(self, window: Window, tables: Tables) -> Iterator[Parcel]:
        forms = self.dirt.forms(), self.dirt.forms(short_years=True)
        reports, rest = self.desk.reports(tables, *forms)
        for report in reports:
            yield from self.dirt.parcels(report, window)
        yield from self._canonical(window, rest, HEADERS)

    def _fhir(self, window: Window, tables: Tables) -> Iterator[Parcel]:
        for kind, resources in fhir.fhir_resources(self.clinic, tables, self.people, self.payers):
            content = fhir.to_ndjson(resources, window)
            if content:
                yield self.dirt.ndjson(Parcel(f"{kind}.{window.label}.ndjson", content, window.moment))
        carried = {*fhir.CARRIED, "claim", "claim_line", "prior_auth"}
        yield from self._canonical(window, tables, [name for name in HEADERS if name not in carried])

    def _claims(self, tables: Tables) -> Iterator[Parcel]:
        """837P interchanges of the claims sent since the last export."""
        coverages = {str(row["coverage_id"]): row for row in tables["coverage"]}
        sent = []
        for claim, lines in self.outbox.take(tables.get("claim", ()), tables.get("claim_line", ())):
            coverage = coverages[str(claim["coverage_id"])]
            payer = self.payers[str(coverage["payer_id"])]
            patient = self.people[str(claim["patient_id"])]
            sent.append(SentClaim(claim, lines, patient, coverage, payer, rank_of(coverage)))
        for moment, content in write_interchanges(self.clinic, self.number, sent):
            yield Parcel(f"claims_{moment:%Y%m%d}.837", content, moment)
