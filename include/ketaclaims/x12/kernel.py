"""Compiled reading of regular claims: segment bytes → cells of the remit tables, one pass, no objects.

Only what the handlers of ``segments`` would take without a word is taken here: whole claims (CLP up to the
next LX, CLP, PLB or SE) that are plain ASCII in upper-case codes, readable and balanced to the cent. A claim
with anything else about it is left to those handlers, so every diagnostic has one home.

A row is a line of an int64 matrix in the order of the table's columns after the lineage. A cell is a number,
or text as ``start << LENGTH_BITS | length`` into the block, or NULL.
"""

from ketaclaims.x12.cells import AT_ODD, AT_OTHER, FULL, LINE, LX, N_CAS, N_REMARK, STOP, key
from ketaclaims.x12.kernel_claims import cas, close_claim, clp, svc
from ketaclaims.x12.kernel_details import detail
from ketaclaims.x12.kernel_jit import plain_njit
from ketaclaims.x12.kernel_state import keep
from ketaclaims.x12.kernel_text import canonical, cell, split_elements

_CLP, _LX, _PLB, _SE, _CAS, _SVC = (key(text) for text in ("CLP", "LX", "PLB", "SE", "CAS", "SVC"))
_TS2, _TS3 = key("TS2"), key("TS3")


@plain_njit
def _take(kind, src, tables, state, index):
    """Read one segment; false where only the handlers can."""
    if kind == _CLP:
        return clp(src, tables, state, index)
    if kind == _LX:
        state[LX] = cell(src, 1)
        keep(src, tables, state, index)
        return True
    if kind == _CAS:
        return cas(src, tables, state, index)
    if kind == _SVC:
        return svc(src, tables, state, index)
    return detail(kind, src, tables, state, index)


@plain_njit
def _copy(source, target):
    for at in range(len(source)):
        target[at] = source[at]


@plain_njit
def _has_room(tables, state, used):
    """Room for one more segment: six rows of adjustments at most, one or two of anything else."""
    rows = tables.shape[1]
    return used < rows and state[N_CAS] + 6 <= rows and state[N_REMARK] + 5 <= rows


@plain_njit
def read_claims(src, scan, tables, state, saved, first, used):
    """Read claims and LX from segment ``first`` on; returns the first segment not taken, the why in STOP.

    ``used`` segments have already put rows into the tables. ``saved`` is room to step back to the begin of
    a claim. In ``state`` BASE, ST, CLAIMS and LX come in; rows, sums and canonical text are added to.
    """
    index, begin, is_open = first, first, False
    state[LINE] = -1
    _copy(state, saved)
    saved[STOP] = AT_ODD
    while index < len(scan.starts):
        kind = split_elements(src, scan, state, index)
        if kind in (_CLP, _LX, _PLB, _SE):
            if is_open and not close_claim(tables, state):
                break
            begin, is_open = index, kind == _CLP
            _copy(state, saved)
            saved[STOP] = AT_ODD if is_open or kind == _LX else AT_OTHER
            if not is_open and kind != _LX:
                break
        elif not is_open and kind != _TS2 and kind != _TS3:
            begin = index
            _copy(state, saved)
            saved[STOP] = AT_OTHER
            break
        if not _has_room(tables, state, used + index - first):
            saved[STOP] = FULL
            break
        if not _take(kind, src, tables, state, index):
            break
        canonical(src, scan.canon, state, kind)
        index += 1
    else:
        if not is_open:
            state[STOP] = AT_OTHER
            return index
    _copy(saved, state)
    return begin
