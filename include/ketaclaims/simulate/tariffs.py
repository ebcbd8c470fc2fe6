"""What payers have agreed to: fees by code, and the policies in force at each date."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from ketaclaims.simulate.model import Calendar, Clinic, Row
from ketaclaims.simulate.reference import Payer, Reference
from ketaclaims.simulate.staff import EPOCH
from ketaclaims.simulate.values import cents

CONFIG = (
    "esketamine_model", "pa_required", "pa_crosswalk", "trd_n", "trial_weeks", "distinct_classes",
    "needs_oral_ad", "iv_ketamine_covered", "ndc_required", "ndc_uom_esketamine", "timely_days",
    "appeal_days", "telehealth_mod", "mod_jz_required",
)  # fmt: skip


def allowed_amount(payer: Payer, code_allowed: Decimal) -> Decimal:
    """What the payer's contract allows per unit, USD."""
    return cents(code_allowed * payer.factor)


def add_fees(clinic: Clinic, reference: Reference) -> None:
    """A fee schedule row for every payer and every code it prices."""
    for payer in reference.payers.values():
        for code in reference.codes.values():
            if code.allowed is None or payer.lob == "self_pay":
                continue
            row: Row = {
                "payer_id": payer.payer_id, "lob": payer.lob, "code": code.code,
                "eff_from": max(code.valid_from or EPOCH, EPOCH), "eff_to": code.valid_to,
                "allowed": allowed_amount(payer, code.allowed), "charge": code.charge,
            }  # fmt: skip
            clinic.rows["fee_schedule"].append((EPOCH, row))


def policy_of(reference: Reference, payer: Payer) -> dict[str, list[tuple[str, date]]]:
    """Parameter -> its values with the first day of each, oldest first."""
    policy = reference.raw["policy"]
    values: dict[str, object] = {
        "esketamine_model": payer.model,
        "pa_required": str(payer.pa_required).lower(),
        **policy["common"],
        **policy.get(payer.payer_id, {}),
    }
    return {
        parameter: [(str(value), day) for value, day in given]
        if isinstance(given, list)
        else [(str(given), EPOCH)]
        for parameter, given in values.items()
        if given is not None
    }


def policy_value(reference: Reference, payer: Payer, parameter: str, day: date) -> str:
    """The value of a policy parameter in force on that day, empty where the payer has none."""
    values = policy_of(reference, payer).get(parameter, [])
    return next((value for value, since in reversed(values) if since <= day), "")


def _versions(values: list[tuple[str, date]]) -> Iterator[tuple[str, date, date | None]]:
    ends = [since - timedelta(days=1) for _, since in values[1:]]
    for (value, since), until in zip(values, [*ends, None], strict=True):
        yield value, since, until


def add_policies(clinic: Clinic, reference: Reference, calendar: Calendar) -> None:
    """The dated policy rows, and the older one-row-a-payer form as it stands at the start."""
    for payer in reference.payers.values():
        for parameter, values in policy_of(reference, payer).items():
            for value, since, until in _versions(values):
                row: Row = {
                    "payer_id": payer.payer_id, "line_of_business": payer.lob, "parameter": parameter,
                    "value": value, "valid_from": since, "valid_to": until,
                    "recorded_at": calendar.start - timedelta(days=120),
                    "source": "simulated contract", "confidence": "high",
                }  # fmt: skip
                clinic.rows["payer_policy"].append((EPOCH, row))
        config: Row = {"payer_id": payer.payer_id, "lob": payer.lob, "eff_from": EPOCH}
        for parameter in CONFIG:
            value = policy_value(reference, payer, parameter, calendar.start)
            config[parameter] = None if value == "calendar_year" else value
        clinic.rows["payer_config"].append((EPOCH, config))
