"""What can be planted, by topic; a topic is a module with its KINDS, listed here.

A kind says where it fits, what it changes and every finding that follows: the rules its author reads are
those of the fact base, never the pipeline's code. Add a module per topic (drug, visits, rems, claim form,
prior authorisation …); `registry` holds the forms a kind can have.
"""

from ketaclaims.simulate.kinds import (
    bundle,
    claim_form,
    clinicians,
    drug,
    infusion,
    measurement,
    modifiers,
    ndc,
    near_misses,
    notes,
    prior_auth,
    rems,
    telehealth,
    therapy,
    visits,
)
from ketaclaims.simulate.kinds.registry import Kind

# in the order of planting: authorisations first, then what stands on single visits
PATIENT_FAULTS: tuple[Kind, ...] = prior_auth.KINDS
PATIENT_NEAR_MISSES: tuple[Kind, ...] = prior_auth.NEAR_MISSES
VISIT_NEAR_MISSES: tuple[Kind, ...] = (
    *near_misses.KINDS, *bundle.NEAR_MISSES, *ndc.NEAR_MISSES, *infusion.NEAR_MISSES,
    *modifiers.NEAR_MISSES, *notes.NEAR_MISSES, *therapy.NEAR_MISSES, *measurement.NEAR_MISSES,
    *telehealth.NEAR_MISSES, *clinicians.NEAR_MISSES,
)  # fmt: skip
VISIT_FAULTS: tuple[Kind, ...] = (
    *drug.KINDS, *bundle.KINDS, *ndc.KINDS, *infusion.KINDS, *modifiers.KINDS, *visits.KINDS,
    *notes.KINDS, *therapy.KINDS, *measurement.KINDS, *telehealth.KINDS, *clinicians.KINDS,
    *claim_form.KINDS, *rems.KINDS,
)  # fmt: skip
