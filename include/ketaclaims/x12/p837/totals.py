"""What one 837P says in figures: counts, and sums in cents of everything readable."""

from dataclasses import dataclass, fields

MONEY = ("clm02", "sv102", "amt_f5", "amt_d", "svd02", "cas")


@dataclass(slots=True)
class Totals:
    """Counts and cents; a missing or unreadable amount counts 0. ``n_balanced``: CLM02 = sum of SV102."""

    n_st: int = 0
    n_clm: int = 0
    n_lx: int = 0
    n_balanced: int = 0
    clm02: int = 0
    sv102: int = 0
    amt_f5: int = 0  # paid by patients
    amt_d: int = 0  # paid by other payers
    svd02: int = 0
    cas: int = 0

    @property
    def is_balanced(self) -> bool:
        """Whether there is a claim and each is the sum of its lines."""
        return 0 < self.n_clm == self.n_balanced

    def cents(self) -> dict[str, int]:
        """The control totals of the raw store."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name in MONEY}
