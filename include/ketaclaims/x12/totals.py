"""What one file says in figures: counts, and sums in cents of everything readable."""

from dataclasses import dataclass, fields

MONEY = ("clp03", "clp04", "clp05", "svc02", "svc03", "cas", "plb", "bpr02")
COUNTS = ("n_st", "n_clp", "n_svc", "n_cas_adj", "n_lq", "n_plb_adj", "n_reversal")


@dataclass(slots=True)
class Totals:
    """Counts and cents; a missing or unreadable amount counts 0. ``n_balanced``: BPR equality holds."""

    n_st: int = 0
    n_clp: int = 0
    n_svc: int = 0
    n_cas_adj: int = 0
    n_lq: int = 0
    n_plb_adj: int = 0
    n_reversal: int = 0
    n_balanced: int = 0
    clp03: int = 0
    clp04: int = 0
    clp05: int = 0
    svc02: int = 0
    svc03: int = 0
    cas: int = 0
    plb: int = 0
    bpr02: int = 0

    @property
    def is_balanced(self) -> bool:
        """Whether there is a payment and every one is the sum of its claims less its PLB."""
        return 0 < self.n_st == self.n_balanced

    def cents(self) -> dict[str, int]:
        """The control totals of the raw store."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name in MONEY}
