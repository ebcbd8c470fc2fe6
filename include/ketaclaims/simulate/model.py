"""The simulated practice: plain mutable records, because planting a defect edits a record in place.

Attribute names are the column names of the exports wherever a record is written as a row.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from ketaclaims.simulate.calendar import Calendar as Calendar
from ketaclaims.simulate.reference import Payer

Cell = str | int | bool | Decimal | date | datetime | None
Row = dict[str, Cell]


@dataclass(eq=False)
class Patient:
    """One person with one coverage and one track of care."""

    patient_id: str
    last_name: str
    first_name: str
    birth_date: date
    sex: str
    track: str
    payer: Payer
    coverage_id: str
    member_id: str
    prescriber_npi: str
    therapist_npi: str
    dx: list[str]
    weight_kg: Decimal
    pa_basis: str = ""  # unit basis of the patient's PAs, empty without PAs
    reserved: str = ""  # why no other defect or denial may touch this patient
    state: str = ""  # where the patient lives, USPS
    is_new: bool = False  # unseen for three years at the first visit
    network: str = "in_network"  # out_of_network: the clinic hands out superbills and bills nothing
    secondary: Payer | None = None  # the primary payer forwards its claims there
    secondary_member_id: str = ""
    phq9_baseline: int = 20
    response: Decimal = Decimal("0.6")  # share by which the PHQ-9 falls within three weeks of treatment

    @property
    def has_claims(self) -> bool:
        """Whether the clinic bills a payer: not for self-pay, not out of network."""
        return self.is_insured and self.network == "in_network"

    @property
    def is_insured(self) -> bool:
        """Whether there is a payer at all."""
        return self.payer.lob != "self_pay"

    @property
    def indication(self) -> str:
        """What an authorisation is asked for: TRD, with ideation MDD_SI, without depression other."""
        if not self.dx[0].startswith(("F32", "F33")):
            return "other"
        return "MDD_SI" if "R45.851" in self.dx else "TRD"


@dataclass(eq=False)
class Encounter:
    """One visit; timestamps are aware and local to the site."""

    encounter_id: str
    patient_id: str
    rendering_npi: str
    start_at: datetime
    end_at: datetime
    visit_type: str
    new_patient: bool
    em_minutes: int | None = None
    em_basis: str = ""  # time or mdm, empty without E/M
    mode: str = "in_person"  # in_person, video, audio
    patient_state: str = ""  # where the patient was, USPS
    supervising_npi: str = ""
    specialty: str = "psychiatry"
    supervisor_on_site: bool = True
    status: str = "completed"
    site_id: str = ""
    scheduled_at: datetime | None = None
    signed_at: datetime | None = None
    amended_at: datetime | None = None


@dataclass(eq=False)
class Administration:
    """One drug given; dose_mg None means that the chart holds no dose."""

    administration_id: str
    encounter_id: str
    drug: str
    route: str
    dose_mg: Decimal | None
    start_at: datetime
    stop_at: datetime | None
    last_device_at: datetime | None
    discharged_at: datetime | None
    given_by: str
    ndc11: str
    weight_kg: Decimal
    strength_mg_per_ml: Decimal | None = None
    status: str = "completed"
    wasted_mg: Decimal | None = Decimal(0)
    container_type: str = "single"
    container_count: int | None = 1  # vials, or Spravato kits
    acquisition: str = "buy_and_bill"
    ordering_npi: str = ""
    lot: str = ""


@dataclass(eq=False)
class Line:
    """One claim line."""

    line_no: int
    line_control: str
    dos: date
    code: str
    units: Decimal
    charge: Decimal
    rendering_npi: str
    encounter_id: str
    mods: list[str] = field(default_factory=list)
    dx_ptrs: list[int] = field(default_factory=lambda: [1])
    administration_id: str = ""
    ndc11: str = ""
    ndc_qty: Decimal | None = None
    ndc_uom: str = ""
    noc_text: str = ""
    ndc_qualifier: str = ""  # N4 wherever an NDC stands
    rev_code: str = ""


@dataclass(eq=False)
class Claim:
    """One version of one claim; ``status_at`` is what the EHR shows at a moment."""

    clinic_id: str
    claim_id: str
    pcn: str
    patient: Patient
    rendering_npi: str
    created_at: datetime
    submitted_at: datetime
    dx: list[str]
    lines: list[Line]
    version: int = 1
    frequency: str = "1"
    original_icn: str = ""
    pa_number: str = ""
    replaced_at: datetime | None = None  # a claim with frequency 7 took its place
    superseded: bool = False  # a higher version of the same claim exists: never sent
    pos: str = "11"
    claim_type: str = "837P"
    billing_npi: str = ""
    site_id: str = ""
    primary_eob_on: date | None = None

    @property
    def dos(self) -> date:
        """First date of service."""
        return min(line.dos for line in self.lines)

    @property
    def total_charge(self) -> Decimal:
        """Sum of the line charges, USD."""
        return sum((line.charge for line in self.lines), Decimal(0))

    def is_replaced(self, moment: datetime) -> bool:
        """Whether a replacement claim stands in its place at that moment."""
        return self.replaced_at is not None and self.replaced_at <= moment


@dataclass(eq=False)
class PriorAuth:
    """One authorisation, in its decided version."""

    pa_id: str
    patient_id: str
    payer_id: str
    pa_number: str
    drug: str
    codes: list[str]
    status: str
    submitted_at: datetime
    decided_at: datetime
    valid_from: date
    valid_to: date
    units_approved: Decimal | None
    unit_basis: str
    indication: str = "TRD"
    npi: str = ""
    site_id: str = ""
    expedited: bool = False
    first_codes: list[str] = field(default_factory=list)  # what it listed before it was amended
    amended_at: datetime | None = None

    @property
    def is_decided(self) -> bool:
        """Approved in full or in part."""
        return self.status in ("approved", "partial")

    def covers(self, dos: date) -> bool:
        """Whether the window holds that date of service, both ends included."""
        return self.valid_from <= dos <= self.valid_to


@dataclass(eq=False)
class Session:
    """One visit with all that was recorded and billed for it; one defect at most stands on it."""

    patient: Patient
    dos: date
    kind: str  # esketamine, iv, im, visit, intake, therapy, cocm, history
    encounter: Encounter
    administrations: list[Administration] = field(default_factory=list)
    claim: Claim | None = None
    touched: bool = False

    @property
    def drug_line(self) -> Line:
        """The first line of the session's claim: by construction the drug or bundle line."""
        assert self.claim is not None
        return self.claim.lines[0]


@dataclass(eq=False)
class Clinic:
    """One practice with its own id counters: ids collide between clinics on purpose."""

    clinic_id: str
    name: str
    npi: str
    tin: str
    site_id: str
    state: str
    zone: ZoneInfo
    rng: Random
    neighbour: str = ""  # the next state, where some patients live
    prescribers: list[str] = field(default_factory=list)
    therapists: list[str] = field(default_factory=list)
    nurses: list[str] = field(default_factory=list)
    care_manager: str = ""
    patients: list[Patient] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    prior_auths: list[PriorAuth] = field(default_factory=list)
    # every other table as rows without clinic_id: (date the row became known, row)
    rows: defaultdict[str, list[tuple[date, Row]]] = field(default_factory=lambda: defaultdict(list))
    causes: dict[tuple[str, int], str] = field(default_factory=dict)  # (claim_id, line_no) -> defect kind
    counters: Counter[str] = field(default_factory=Counter)
    # (npi, day) -> minutes of the day that are taken, as (from, to)
    diary: defaultdict[tuple[str, date], list[tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    auths_of: defaultdict[str, list[PriorAuth]] = field(default_factory=lambda: defaultdict(list))

    @property
    def nurse(self) -> str:
        """The head nurse."""
        return self.nurses[0]

    def new_id(self, prefix: str) -> str:
        """The next id of that kind, for example ``E00001``."""
        self.counters[prefix] += 1
        return f"{prefix}{self.counters[prefix]:05d}"

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A local wall-clock time of the clinic."""
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)

    def later(self, moment: datetime, minutes: int) -> datetime:
        """That many real minutes later, local: adding to an aware local time would ignore DST."""
        return (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(self.zone)
