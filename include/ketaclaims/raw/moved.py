"""Known bytes that a person moved to where they can be read."""

from ketaclaims.landing.clinic import clinic_of
from ketaclaims.landing.register import Registration
from ketaclaims.raw.ledger import Ledger, input_record
from ketaclaims.raw.manifest import InputRecord


def moved_to_clinic(ledger: Ledger, registration: Registration) -> list[InputRecord]:
    """Inputs refused for want of a clinic whose bytes, or whose archive, now lie in a ``clinic=`` folder.

    Their new place counts; those a person rejected stay refused.
    """
    if clinic_of(registration.landing_path, None, None) is None:
        return []
    found = ledger.rows(
        "select * from quarantined_inputs where reason_code = 'CLINIC_UNKNOWN' and decision is not 'reject'"
        " and (file_sha256 = ?1 or container_sha256 = ?1) order by file_sha256",
        (registration.file_sha256,),
    )
    place = {
        "landing_path": registration.landing_path,
        "landing_size_bytes": registration.landing_size_bytes,
        "landing_mtime_ns": registration.landing_mtime_ns,
    }
    return [input_record(row).model_copy(update=place) for row in found]
