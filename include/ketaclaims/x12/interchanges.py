"""What opens an interchange (ISA) and a functional group (GS), and which interchanges are refused."""

from dataclasses import dataclass

from ketaclaims.raw.contract import ReadContext
from ketaclaims.x12.issues import IssueLog

VERSION = "00501"
_PARTNERS = {"ISA06": 6, "ISA08": 8}


@dataclass(slots=True)
class Group:
    """An open functional group: GS06, GS08 and the transactions so far."""

    control_number: str
    version: str
    transactions: int = 0


@dataclass(slots=True)
class Interchange:
    """An open interchange: the elements of its ISA and the groups so far."""

    elements: list[str]
    groups: int = 0


def judge_interchange(elements: list[str], context: ReadContext, log: IssueLog) -> None:
    """Version, partners and usage of an ISA."""
    if elements[12] != VERSION:
        log.refuse("UNSUPPORTED_VERSION", f"ISA12 is not {VERSION}")
    known = {partner.strip().upper() for partner in context.known_partners}
    unknown = [name for name, at in _PARTNERS.items() if known and elements[at].upper() not in known]
    if unknown:
        log.refuse("UNKNOWN_PARTNER", f"{' and '.join(unknown)} not among the known partners")
    usage = elements[15].upper()
    if usage == "T" and not context.accept_test_files:
        log.refuse("TEST_INDICATOR", "ISA15 is T, a test file")
    elif usage == "T":
        log.add("TEST_INDICATOR", "ISA15 is T, a test file", severity="warning", element="ISA15")
    elif usage != "P":
        log.add("USAGE_INDICATOR", "ISA15 is neither P nor T", element="ISA15")
