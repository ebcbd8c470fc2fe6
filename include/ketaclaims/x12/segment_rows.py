"""Row building shared by the segment handlers."""

from ketaclaims.x12.claims import Claim, Line
from ketaclaims.x12.transaction import Transaction


def key_of(t: Transaction) -> tuple[int, int | None, int | None, int | None]:
    """Position columns of a row at the cursor."""
    at = t.cursor
    return at.segment_number, at.st_index, at.claim_index, at.line_index


def remark(t: Transaction, source: str, qualifier: str, code: str, *, is_claim_level: bool) -> None:
    """One remark code; numbered within its claim or line."""
    segment, st_index, claim_index, line_index = key_of(t)
    claim = t.claim
    sequence = 1
    if claim is not None:
        holder: Claim | Line = claim if is_claim_level or claim.line is None else claim.line
        holder.remarks += 1
        sequence = holder.remarks
    line = None if is_claim_level else line_index
    row = (segment, st_index, claim_index, line, source, sequence, qualifier or None, code)
    t.tables["remit_remark"].append(row)


def party(t: Transaction, values: tuple[str | None, ...]) -> None:
    """A party belongs to its claim even when it is named after a line."""
    segment, st_index, claim_index, _ = key_of(t)
    t.tables["remit_party"].append((segment, st_index, claim_index, None, *values))


def codes(e: list[str], *positions: int) -> tuple[str | None, ...]:
    """Code elements in upper case, null where empty."""
    return tuple(e[position].upper() or None for position in positions)
