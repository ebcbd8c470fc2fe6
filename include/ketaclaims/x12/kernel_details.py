"""Compiled reading of the segments that describe a claim or line (as ``detail_segments``)."""

from ketaclaims.x12.cells import (
    C_REMARKS,
    LINE,
    LOWER,
    N_AMOUNT,
    N_CLAIM,
    N_DATE,
    N_LINE,
    N_PARTY,
    N_REF,
    N_REMARK,
    NULL,
    R_AMOUNT,
    R_CLAIM,
    R_DATE,
    R_LINE,
    R_PARTY,
    R_REF,
    R_REMARK,
    REMARKS,
    T_LQ,
    key,
)
from ketaclaims.x12.kernel_jit import plain_njit
from ketaclaims.x12.kernel_state import code, head, keep, set_first
from ketaclaims.x12.kernel_text import cell, filled, is_one_of, tail_filled
from ketaclaims.x12.kernel_values import day_number, is_bad, number

_NM1, _REF, _DTM, _AMT, _QTY = key("NM1"), key("REF"), key("DTM"), key("AMT"), key("QTY")
_LQ, _MIA, _MOA = key("LQ"), key("MIA"), key("MOA")
_KEPT = tuple(key(text) for text in ("N2", "N3", "N4", "PER", "RDM", "TS2", "TS3", "NTE"))
_82, _XX, _6R, _F8, _G1, _B6 = key("82"), key("XX"), key("6R"), key("F8"), key("G1"), key("B6")
_232, _233, _050, _472, _150, _151 = (key(text) for text in ("232", "233", "050", "472", "150", "151"))
_MIA_REMARKS, _MOA_REMARKS = (5, 20, 21, 22, 23), (3, 4, 5, 6, 7)


@plain_njit
def _nm1(src, tables, state, index):
    if state[LOWER] & (1 << 1 | 1 << 8):
        return False
    row = tables[R_PARTY, state[N_PARTY]]
    head(row, state, index)
    row[3] = NULL  # a party belongs to its claim even when it is named after a line
    for at in range(10):
        row[4 + at] = cell(src, at)
    state[N_PARTY] += 1
    claim = tables[R_CLAIM, state[N_CLAIM]]
    if claim[17] == NULL and code(src, 1) == _82 and code(src, 8) == _XX:
        claim[17] = cell(src, 9)
    if tail_filled(src, 10):
        keep(src, tables, state, index)
    return True


@plain_njit
def _ref(src, tables, state, index):
    if state[LOWER] & 2:
        return False
    row = tables[R_REF, state[N_REF]]
    head(row, state, index)
    row[4], row[5], row[6] = cell(src, 1), cell(src, 2), cell(src, 3)
    state[N_REF] += 1
    qualifier, claim = code(src, 1), tables[R_CLAIM, state[N_CLAIM]]
    if state[LINE] > 0:
        line = tables[R_LINE, state[N_LINE]]
        if qualifier == _6R and line[4] == NULL:
            line[4] = row[5]
    elif qualifier == _F8 and claim[15] == NULL:
        claim[15] = row[5]
    elif qualifier == _G1 and claim[16] == NULL:
        claim[16] = row[5]
    if tail_filled(src, 4):
        keep(src, tables, state, index)
    return True


@plain_njit
def _set_date(tables, state, qualifier, day):
    """Give a date to what it dates; the first of a kind stands."""
    claim, line = tables[R_CLAIM, state[N_CLAIM]], tables[R_LINE, state[N_LINE]]
    if qualifier == _232:
        set_first(claim, 12, day)
    elif qualifier == _233:
        set_first(claim, 13, day)
    elif qualifier == _050:
        set_first(claim, 14, day)
    elif state[LINE] > 0:
        if qualifier in (_472, _150):
            set_first(line, 17, day)
        if qualifier in (_472, _151):
            set_first(line, 18, day)


@plain_njit
def _dtm(src, tables, state, index):
    day = day_number(src, 2)
    if state[LOWER] & 2 or is_bad(day, src, 2):
        return False
    row = tables[R_DATE, state[N_DATE]]
    head(row, state, index)
    row[4], row[5], row[6] = cell(src, 1), day, cell(src, 2)
    state[N_DATE] += 1
    if day != NULL:
        _set_date(tables, state, code(src, 1), day)
    if tail_filled(src, 3):
        keep(src, tables, state, index)
    return True


@plain_njit
def _figure(src, tables, state, index, places):
    """AMT (two places) or QTY (three)."""
    value = number(src, 2, places)
    if state[LOWER] & 2 or is_bad(value, src, 2):
        return False
    if places == 2 and state[LINE] > 0 and code(src, 1) == _B6:
        set_first(tables[R_LINE, state[N_LINE]], 19, value)
    if places == 2 and value != NULL:
        value *= 10
    row = tables[R_AMOUNT, state[N_AMOUNT]]
    head(row, state, index)
    row[4], row[5], row[6] = cell(src, 0), cell(src, 1), value
    state[N_AMOUNT] += 1
    if value == NULL or tail_filled(src, 3):
        keep(src, tables, state, index)
    return True


@plain_njit
def _remark(src, tables, state, index, k, qualifier, is_claim_level):
    holder = C_REMARKS if is_claim_level or state[LINE] == 0 else REMARKS
    state[holder] += 1
    row = tables[R_REMARK, state[N_REMARK]]
    head(row, state, index)
    if is_claim_level:
        row[3] = NULL
    row[4], row[5], row[6], row[7] = cell(src, 0), state[holder], qualifier, cell(src, k)
    state[N_REMARK] += 1


@plain_njit
def _lq(src, tables, state, index):
    if state[LOWER] & (1 << 1 | 1 << 2) or not (filled(src, 1) and filled(src, 2)):
        return False
    state[T_LQ] += 1
    _remark(src, tables, state, index, 2, cell(src, 1), False)
    if tail_filled(src, 3):
        keep(src, tables, state, index)
    return True


@plain_njit
def _remarks(src, tables, state, index, positions):
    """The remark codes of an MIA or MOA; its figures are kept as text."""
    codes, hole, whole = 0, False, True
    for k in positions:
        if state[LOWER] >> k & 1:
            return False
        if filled(src, k):
            _remark(src, tables, state, index, k, NULL, True)
            codes += 1
            whole &= not hole
        else:
            hole = True
    others = 0
    for k in range(1, src.extent[0]):
        others += filled(src, k)
    if not whole or codes == 0 or others > codes:
        keep(src, tables, state, index)
    return True


@plain_njit
def detail(kind, src, tables, state, index):
    """Read one segment; false where only the handlers can."""
    if kind == _DTM:
        return _dtm(src, tables, state, index)
    if kind == _REF:
        return _ref(src, tables, state, index)
    if kind == _NM1:
        return _nm1(src, tables, state, index)
    if kind == _AMT:
        return _figure(src, tables, state, index, 2)
    if kind == _QTY:
        return _figure(src, tables, state, index, 3)
    if kind == _LQ:
        return _lq(src, tables, state, index)
    if kind == _MIA:
        return _remarks(src, tables, state, index, _MIA_REMARKS)
    if kind == _MOA:
        return _remarks(src, tables, state, index, _MOA_REMARKS)
    if is_one_of(kind, _KEPT):
        keep(src, tables, state, index)
        return True
    return False
