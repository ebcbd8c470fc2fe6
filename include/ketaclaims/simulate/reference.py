"""The facts of the invented world (``world.yml``) as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ESKETAMINE_PER_MG = ("J0013", "S0013")
ESKETAMINE_BUNDLES = ("G2082", "G2083")
BUNDLE_LIMIT_MG = 56  # G2082 pays up to and including this dose, G2083 above it
DEVICE_MG = 28


@dataclass(frozen=True, slots=True)
class Payer:
    """One payer: how it wants esketamine billed and how it pays. Amounts in USD, shares as fractions."""

    payer_id: str
    name: str
    lob: str
    model: str
    pa_required: bool
    number: str
    tin: str
    filing: str
    weekday: int
    factor: Decimal
    coinsurance: Decimal
    copay: Decimal
    sequestration: Decimal
    apart: bool
    pool: bool
    claim_level: bool


@dataclass(frozen=True, slots=True)
class Code:
    """One procedure code: USD per unit and the dates of service it may be billed for."""

    code: str
    charge: Decimal
    allowed: Decimal | None
    valid_from: date | None
    valid_to: date | None

    def valid_on(self, dos: date) -> bool:
        """Whether the code may be billed for a service of that day."""
        return (self.valid_from is None or dos >= self.valid_from) and (
            self.valid_to is None or dos <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Denial:
    """How a payer answers one kind of defect."""

    share: Decimal
    group: str
    carc: str
    rarc: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything ``world.yml`` holds; the free-form lists stay as they are written there."""

    payers: Mapping[str, Payer]
    codes: Mapping[str, Code]
    denials: Mapping[str, Denial]
    raw: Mapping[str, Any]

    def esketamine_code(self, payer: Payer, dose_mg: Decimal, dos: date) -> str:
        """The right drug code of one session: by dose for G-code payers, by date for the others."""
        if payer.model == "gcode":
            return "G2082" if dose_mg <= BUNDLE_LIMIT_MG else "G2083"
        return next(code for code in ESKETAMINE_PER_MG if self.codes[code].valid_on(dos))

    def is_closed(self, day: date) -> bool:
        """Whether the clinics rest on that day."""
        return day.weekday() > 4 or f"{day:%m-%d}" in self.raw["closed_days"]


def _payer(payer_id: str, row: Mapping[str, Any]) -> Payer:
    money = {key: Decimal(row[key]) for key in ("factor", "coinsurance", "copay", "sequestration")}
    return Payer(**{"payer_id": payer_id, **row, **money})


def _code(code: str, row: Mapping[str, Any]) -> Code:
    allowed = Decimal(row["allowed"]) if "allowed" in row else None
    return Code(code, Decimal(row["charge"]), allowed, row.get("from"), row.get("to"))


@cache
def load_reference() -> Reference:
    """Read ``world.yml`` once."""
    raw: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("world.yml").read_text(encoding="utf-8"))
    denials = {kind: Denial(Decimal(row[0]), *row[1:]) for kind, row in raw["denials"].items()}
    return Reference(
        payers={key: _payer(key, row) for key, row in raw["payers"].items()},
        codes={key: _code(key, row) for key, row in raw["codes"].items()},
        denials=denials,
        raw=raw,
    )
