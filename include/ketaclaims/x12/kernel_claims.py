"""Compiled reading of the segments that carry a claim's money: CLP, CAS, SVC (as ``claim_segments``)."""

from ketaclaims.x12.cells import (
    ADJUSTED,
    C_ADJUSTED,
    C_SEQ,
    CLAIMS,
    L_ADJUSTED,
    L_CHARGE,
    L_PAID,
    LINE,
    LOWER,
    LX,
    N_CAS,
    N_CLAIM,
    N_LINE,
    NULL,
    PATIENT,
    R_CAS,
    R_CLAIM,
    R_LINE,
    REMARKS,
    REVERSAL,
    SEQ,
    T_CAS,
    T_CAS_N,
    T_CLP,
    T_CLP03,
    T_CLP04,
    T_CLP05,
    T_REVERSAL,
    T_SVC,
    T_SVC02,
    T_SVC03,
    key,
)
from ketaclaims.x12.kernel_jit import plain_njit
from ketaclaims.x12.kernel_state import code, head, keep
from ketaclaims.x12.kernel_text import cell, filled, is_digits, is_one_of, tail_filled
from ketaclaims.x12.kernel_values import is_bad, number

_GROUPS = tuple(key(text) for text in ("CO", "OA", "PI", "PR"))
_PR, _CODE_REVERSAL = key("PR"), key("22")
_STATUSES = tuple(key(text) for text in ("1", "2", "3", "4", "19", "20", "21", "22", "23", "25"))


@plain_njit
def _clp_money(src, state, row):
    charge, paid, share = number(src, 3, 2), number(src, 4, 2), number(src, 5, 2)
    if charge == NULL or paid == NULL or is_bad(share, src, 5):
        return False
    status = code(src, 2)
    is_reversal = status == _CODE_REVERSAL
    if is_reversal and (charge > 0 or paid > 0):
        return False
    row[5], row[6], row[7] = charge, paid, share
    state[REVERSAL] = is_reversal
    state[T_REVERSAL] += is_reversal
    state[T_CLP03] += charge
    state[T_CLP04] += paid
    if share != NULL:
        state[T_CLP05] += share
    return True


@plain_njit
def clp(src, tables, state, index):
    """A claim begins; its row is written and counted when it closes."""
    codes_lower = state[LOWER] & (1 << 2 | 1 << 6 | 1 << 8 | 1 << 9)
    if codes_lower or not (filled(src, 1) and filled(src, 7) and is_one_of(code(src, 2), _STATUSES)):
        return False
    state[CLAIMS] += 1
    state[T_CLP] += 1
    for at in range(LINE, REVERSAL):
        state[at] = 0
    row = tables[R_CLAIM, state[N_CLAIM]]
    head(row, state, index)
    for at in range(3, 24):
        row[at] = NULL
    if not _clp_money(src, state, row):
        return False
    row[3], row[4] = cell(src, 1), cell(src, 2)
    for at in range(6, 10):
        row[at + 2] = cell(src, at)
    row[18] = state[LX]
    if tail_filled(src, 10):
        keep(src, tables, state, index)
    return True


@plain_njit
def _close_line(tables, state):
    """Finish the open line; false where it does not add up."""
    if state[LINE] == 0:
        return True
    row = tables[R_LINE, state[N_LINE]]
    row[20] = state[ADJUSTED]
    row[21] = row[11] - state[ADJUSTED] - row[12]
    state[N_LINE] += 1
    state[L_ADJUSTED] += state[ADJUSTED]
    state[L_CHARGE] += row[11]
    state[L_PAID] += row[12]
    return row[21] == 0


@plain_njit
def close_claim(tables, state):
    """Finish the open claim; false where it does not add up (``Claim.check``)."""
    if not _close_line(tables, state):
        return False
    row = tables[R_CLAIM, state[N_CLAIM]]
    row[19], row[20] = state[C_ADJUSTED], state[L_ADJUSTED]
    row[23] = row[5] - state[C_ADJUSTED] - state[L_ADJUSTED] - row[6]
    if state[LINE] > 0:
        row[21], row[22] = state[L_CHARGE], state[L_PAID]
        if state[L_CHARGE] != row[5] or state[L_PAID] - state[C_ADJUSTED] != row[6]:
            return False
    state[N_CLAIM] += 1
    state[LINE] = -1
    is_share_right = row[7] == NULL or state[REVERSAL] == 1 or row[7] == state[PATIENT]
    return row[23] == 0 and is_share_right


@plain_njit
def _is_glued(src, position):
    """Whether the group code stands in front of the reason (``CO45``)."""
    start, end = src.from_[position], src.to[position]
    if end - start < 3:
        return False
    same = src.data[start] == src.data[src.from_[1]] and src.data[start + 1] == src.data[src.from_[1] + 1]
    return same and is_digits(src.data, start + 2, end)


@plain_njit
def _adjustment(src, tables, state, index, position):
    """One triplet; false where the handlers would say something of it."""
    amount, quantity = number(src, position + 1, 2), number(src, position + 2, 3)
    if amount == NULL or is_bad(quantity, src, position + 2):
        return False
    if not filled(src, position) or state[LOWER] >> position & 1 or _is_glued(src, position):
        return False
    is_line = state[LINE] > 0
    state[SEQ if is_line else C_SEQ] += 1
    state[ADJUSTED if is_line else C_ADJUSTED] += amount
    state[T_CAS_N] += 1
    state[T_CAS] += amount
    row = tables[R_CAS, state[N_CAS]]
    head(row, state, index)
    row[4] = src.line_word if is_line else src.claim_word
    row[5] = state[SEQ if is_line else C_SEQ]
    row[6], row[7], row[8], row[9] = cell(src, 1), cell(src, position), amount, quantity
    state[N_CAS] += 1
    if code(src, 1) == _PR:
        state[PATIENT] += amount
    return True


@plain_njit
def cas(src, tables, state, index):
    """Up to six adjustments of the open line, else of the claim; by position."""
    if state[LOWER] & 2 or not is_one_of(code(src, 1), _GROUPS):
        return False
    seen, hole, whole = 0, False, not tail_filled(src, 20)
    for position in range(2, 20, 3):
        if not (filled(src, position) or filled(src, position + 1) or filled(src, position + 2)):
            hole = True
            continue
        seen += 1
        whole &= not hole
        if not _adjustment(src, tables, state, index, position):
            return False
    if not whole or seen == 0:
        keep(src, tables, state, index)
    return True


@plain_njit
def _is_odd_procedure(src, state, k):
    """A composite that is lower-case, blank somewhere or parted by another mark than the declared one."""
    if state[LOWER] >> k & 1:
        return True
    parts = 0
    for at in range(src.from_[k], src.to[k]):
        byte = src.data[at]
        if byte == 32 or byte == 44:
            return True
        parts += byte == src.component
    return parts == 0 and filled(src, k)


@plain_njit
def _procedure(src, row):
    """Columns 5 to 10 from SVC01; whether that is all of it."""
    part, begin, modifiers, whole = 0, src.from_[1], 0, True
    end = src.to[1]
    for at in range(begin, end + 1):
        if at < end and src.data[at] != src.component:
            continue
        text = begin << 24 | (at - begin) if at > begin else NULL
        if part < 2:
            row[5 + part] = text
        elif text != NULL:
            whole &= part < 6 and modifiers == part - 2
            if part < 6:
                row[7 + modifiers] = text
            modifiers += 1
        part += 1
        begin = at + 1
    return whole


@plain_njit
def _second_part(src, k):
    """The text between the first and second component separator."""
    begin = -1
    for at in range(src.from_[k], src.to[k]):
        if src.data[at] == src.component:
            if begin >= 0:
                return begin << 24 | (at - begin) if at > begin else NULL
            begin = at + 1
    end = src.to[k]
    return begin << 24 | (end - begin) if begin >= 0 and end > begin else NULL


@plain_njit
def svc(src, tables, state, index):
    """A service line begins; its row is written here and counted when it closes."""
    if not _close_line(tables, state):
        return False
    charge, paid, units, original = number(src, 2, 2), number(src, 3, 2), number(src, 5, 3), number(src, 7, 3)
    if charge == NULL or paid == NULL or is_bad(units, src, 5) or is_bad(original, src, 7):
        return False
    if not filled(src, 1) or _is_odd_procedure(src, state, 1) or _is_odd_procedure(src, state, 6):
        return False
    state[LINE] += 1
    for at in (SEQ, ADJUSTED, REMARKS):
        state[at] = 0
    row = tables[R_LINE, state[N_LINE]]
    head(row, state, index)
    for at in range(4, 22):
        row[at] = NULL
    whole = _procedure(src, row)
    row[11], row[12], row[13], row[14] = charge, paid, cell(src, 4), units
    row[15], row[16] = _second_part(src, 6), original
    state[T_SVC] += 1
    state[T_SVC02] += charge
    state[T_SVC03] += paid
    if not whole or filled(src, 6) or tail_filled(src, 8):
        keep(src, tables, state, index)
    return True
