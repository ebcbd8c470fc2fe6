"""Faults in the claim's form: diagnoses that cannot be billed."""

from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.registry import Plot, VisitKind
from ketaclaims.simulate.model import Session


def _invalid_dx(plot: Plot, session: Session, ordinal: int) -> None:
    assert session.claim is not None
    codes = plot.reference.raw["diagnoses"]["invalid"]
    session.claim.dx[0] = codes[plot.clinic.rng.randrange(len(codes))]


KINDS = (VisitKind("dx_invalid", "dx-valid-on-dos", "claim", places.any_claim, _invalid_dx),)
