"""The forms a kind of fault can have, and how its instances are placed in a clinic."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from ketaclaims.simulate.faults import Defect, Expected
from ketaclaims.simulate.model import Calendar, Clinic, Line, Patient, Row, Session
from ketaclaims.simulate.reference import Reference


@dataclass(frozen=True)
class Plot:
    """Where faults are planted: one clinic after its clean simulation, before payers answer."""

    clinic: Clinic
    reference: Reference
    calendar: Calendar
    by_patient: dict[str, list[Session]] = field(default_factory=dict)
    by_clinician: dict[tuple[str, date], list[Session]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index the clinic's sessions by patient, and by clinician and day."""
        for session in self.clinic.sessions:
            self.by_patient.setdefault(session.patient.patient_id, []).append(session)
            seen_by = session.encounter.rendering_npi, session.dos
            self.by_clinician.setdefault(seen_by, []).append(session)

    def sessions_of(self, patient: Patient) -> list[Session]:
        """The patient's visits in order of service."""
        return sorted(self.by_patient.get(patient.patient_id, []), key=lambda s: s.dos)

    def rows_of(self, table: str, session: Session) -> list[Row]:
        """Rows of a table that belong to one visit, for editing in place."""
        wanted = session.encounter.encounter_id
        return [row for _, row in self.clinic.rows[table] if row.get("encounter_id") == wanted]

    def drop_rows(self, table: str, rows: Sequence[Row]) -> None:
        """Forget rows of a table: they were never recorded."""
        gone = {id(row) for row in rows}
        kept = [entry for entry in self.clinic.rows[table] if id(entry[1]) not in gone]
        self.clinic.rows[table][:] = kept

    def new_defect_id(self) -> str:
        """An id that is unique over all clinics."""
        return f"{self.clinic.clinic_id}-{self.clinic.new_id('D')}"


class Kind(Protocol):
    """Anything that can be planted: it looks for its places itself."""

    @property
    def name(self) -> str:
        """Unique name; also the cause payers know it by (``world.yml``, denials)."""

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Every rule that may find it, follow-ons included."""

    def room(self, plot: Plot) -> int:
        """How many places there are: scarce kinds are planted first."""

    def plant(self, plot: Plot, wanted: int) -> Iterator[Defect]:
        """Plant up to that many instances."""


Fits = Callable[[Plot, Session], bool]
Apply = Callable[[Plot, Session, int], "Line | None"]
RuleOf = Callable[[Session], str]
Follows = Callable[[Plot, Session, "Line | None"], Sequence[Expected]]


def nothing_follows(plot: Plot, session: Session, line: Line | None) -> Sequence[Expected]:
    """The fault gives the finding it is named after and no other."""
    return ()


def also(*rules: str, status: str = "fail") -> Follows:
    """The same line gives findings of these rules as well."""

    def follows(plot: Plot, session: Session, line: Line | None) -> Sequence[Expected]:
        assert line is not None
        return [Expected(rule, "claim_line", line_key(session, line), status) for rule in rules]

    return follows


def every_line(rule: str, status: str = "fail") -> Follows:
    """Every other line of the claim gives the same finding."""

    def follows(plot: Plot, session: Session, line: Line | None) -> Sequence[Expected]:
        assert session.claim is not None
        others = [other for other in session.claim.lines if other is not line]
        return [Expected(rule, "claim_line", line_key(session, other), status) for other in others]

    return follows


def both(*parts: Follows) -> Follows:
    """What each of these says, together."""

    def follows(plot: Plot, session: Session, line: Line | None) -> Sequence[Expected]:
        return [expected for part in parts for expected in part(plot, session, line)]

    return follows


def unchanged(plot: Plot, session: Session, ordinal: int) -> Line:
    """Near miss: the visit is right as it is, its first line named."""
    assert session.claim is not None
    return session.claim.lines[0]


def line_key(session: Session, line: Line) -> str:
    """Subject key of a line of the session's claim."""
    assert session.claim is not None
    return f"{session.claim.claim_id}/{line.line_no}"


def is_free(session: Session) -> bool:
    """Whether a fault may stand on this visit without changing what its patient's PA rules say.

    A visit-based PA counts the session whatever was charted or billed, so only those patients are used.
    """
    return not session.touched and not session.patient.reserved and session.patient.pa_basis in ("", "visit")


@dataclass(frozen=True)
class VisitKind:
    """A fault, or with an empty ``status`` a near miss, that stands on one visit.

    ``apply`` gets the ordinal of the instance for variety and returns the faulty line, or None when the
    subject is the claim or the encounter. ``rule``: the rule it is named after, or which one by visit.
    ``follows``: every further finding it must give, of the rules in ``follow_rules``.
    """

    name: str
    rule: str | RuleOf
    subject: str
    fits: Fits
    apply: Apply
    status: str = "fail"
    follows: Follows = nothing_follows
    follow_rules: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()  # the rules ``rule`` chooses from
    silent: tuple[str, ...] = ()  # rules that just miss it: a fault of one rule can be a near miss of another

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Every rule that may find it."""
        named = (self.rule,) if isinstance(self.rule, str) else self.choices
        return (*named, *self.follow_rules)

    def _places(self, plot: Plot) -> list[Session]:
        return [s for s in plot.clinic.sessions if is_free(s) and self.fits(plot, s)]

    def room(self, plot: Plot) -> int:
        """Free visits it fits."""
        return len(self._places(plot))

    def plant(self, plot: Plot, wanted: int) -> Iterator[Defect]:
        """Plant on visits drawn by lot."""
        places = self._places(plot)
        for ordinal, session in enumerate(plot.clinic.rng.sample(places, min(wanted, len(places)))):
            yield self.plant_on(plot, session, ordinal)

    def plant_on(self, plot: Plot, session: Session, ordinal: int) -> Defect:
        """Plant on one visit that fits it."""
        session.touched = True
        line = self.apply(plot, session, ordinal)
        claim = session.claim
        if claim is not None and self.status:
            # a fault of the claim or the visit may cost every line of the claim
            for claim_line in [line] if line is not None else claim.lines:
                plot.clinic.causes[claim.claim_id, claim_line.line_no] = self.name
        rule_id = self.rule if isinstance(self.rule, str) else self.rule(session)
        key = self._key(session, line)
        named = (Expected(rule_id, self.subject, key, self.status),) if self.status else ()
        return Defect(
            defect_id=plot.new_defect_id(),
            kind=self.name,
            clinic_id=plot.clinic.clinic_id,
            rule_id=rule_id,
            subject=self.subject,
            subject_key=key,
            dos=session.dos,
            expected=self.status,
            patient_id=session.patient.patient_id,
            claim_ids=(claim.claim_id,) if claim is not None else (),
            encounter_ids=(session.encounter.encounter_id,),
            findings=(*named, *self.follows(plot, session, line)),
        )

    def _key(self, session: Session, line: Line | None) -> str:
        if self.subject == "encounter":
            return session.encounter.encounter_id
        if line is not None:
            return line_key(session, line)
        assert session.claim is not None
        return session.claim.claim_id


Plan = Callable[[Plot, list[Session], int], "list[Session] | None"]


@dataclass(frozen=True)
class PatientKind:
    """A fault in a patient's authorisations: ``plan`` edits them and returns the visits hit, or None.

    A patient so marked gets no other fault or denial. Every visit hit gives the finding on its drug line.
    """

    name: str
    rule_id: str
    plan: Plan
    status: str = "fail"
    follow_rules: tuple[str, ...] = ()  # every visit hit gives these findings as well

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Every rule that may find it."""
        return (self.rule_id, *self.follow_rules)

    def _candidates(self, plot: Plot) -> list[Patient]:
        """Patients with PAs and nothing planted yet, those with the rarer unit bases first."""
        free = [
            p
            for p in plot.clinic.patients
            if p.pa_basis and p.payer.pa_required and p.payer.model != "pharmacy_plus_em" and not p.reserved
        ]
        plot.clinic.rng.shuffle(free)
        used = [p.pa_basis for p in plot.clinic.patients if p.reserved]
        return sorted(free, key=lambda p: (used.count(p.pa_basis), p.pa_basis == "visit"))

    def room(self, plot: Plot) -> int:
        """None is scarcer: patients are few, so these come before the visits."""
        return -1

    def plant(self, plot: Plot, wanted: int) -> Iterator[Defect]:
        """Plant on one patient after the other."""
        for ordinal in range(wanted):
            yield from self._plant_once(plot, ordinal)

    def _plant_once(self, plot: Plot, ordinal: int) -> Iterator[Defect]:
        for patient in self._candidates(plot):
            sessions = [s for s in plot.sessions_of(patient) if s.kind == "esketamine"]
            hit = self.plan(plot, sessions, ordinal)
            if hit is None:
                continue
            patient.reserved = self.name
            yield self._defect(plot, patient, hit)
            return

    def _defect(self, plot: Plot, patient: Patient, hit: list[Session]) -> Defect:
        keys = [line_key(session, session.drug_line) for session in hit]
        for session in hit:
            assert session.claim is not None
            if self.status:
                plot.clinic.causes[session.claim.claim_id, 1] = self.name
        findings = [
            Expected(rule, "claim_line", key, self.status)
            for rule in self.rule_ids
            for key in keys
            if self.status
        ]
        return Defect(
            defect_id=plot.new_defect_id(),
            kind=self.name,
            clinic_id=plot.clinic.clinic_id,
            rule_id=self.rule_id,
            subject="claim_line",
            subject_key=keys[0],
            dos=hit[0].dos,
            expected=self.status,
            patient_id=patient.patient_id,
            claim_ids=tuple(s.claim.claim_id for s in hit if s.claim is not None),
            findings=tuple(findings),
        )


def plant_all(plot: Plot, wanted: Mapping[Kind, int]) -> list[Defect]:
    """Plant up to so many instances of each kind, the scarce kinds first."""
    rooms = [(kind.room(plot), kind) for kind, count in wanted.items() if count]
    ordered = [kind for _, kind in sorted(rooms, key=lambda entry: entry[0])]
    return [defect for kind in ordered for defect in kind.plant(plot, wanted[kind])]
