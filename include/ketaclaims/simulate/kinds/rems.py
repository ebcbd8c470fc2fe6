"""Faults in the observation the REMS asks for."""

from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.registry import Plot, VisitKind
from ketaclaims.simulate.model import Session

MONITORING = "monitoring-two-hours"
SHORT_MINUTES = (119, 110, 95, 60)


def _short_monitoring(plot: Plot, session: Session, ordinal: int) -> None:
    given = session.administrations[0]
    assert given.last_device_at is not None
    minutes = SHORT_MINUTES[ordinal % len(SHORT_MINUTES)]
    given.discharged_at = plot.clinic.later(given.last_device_at, minutes)


def _no_discharge(plot: Plot, session: Session, ordinal: int) -> None:
    session.administrations[0].discharged_at = None


KINDS = (
    VisitKind(
        "discharge_missing",
        MONITORING,
        "encounter",
        places.alone_that_day(places.bundle),
        _no_discharge,
        "not_evaluable",
    ),
    VisitKind("monitoring_short", MONITORING, "encounter", places.esketamine, _short_monitoring),
)
