"""Deterministic 835 files of a wanted size, written without any of the reader's code.

Claims are drawn from a pool of templates (professional claims of one to four lines with names, dates,
adjustments, remarks, denials and claim-level adjustments, as ketamine clinics see them) and made unique by
their numbers. Every transaction balances: BPR02 is the sum of its CLP04 less its PLB.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

POOL_SIZE = 2_000
CLAIMS_PER_PAYMENT = 250
_NUMBER = b"########"  # stands for the claim's own number in a template
_SERVICES = (("J0013", 900_00), ("G2083", 1_180_00), ("99213", 150_00), ("96365", 210_00), ("90837", 190_00))
_DENIALS = (("197", "N54"), ("50", "N115"), ("16", "M119"), ("27", "N30"), ("18", "N522"))


@dataclass(frozen=True, slots=True)
class Template:
    """A claim as bytes, and what it pays (cents) and counts (segments)."""

    text: bytes
    paid: int
    segments: int


def amount(cents: int) -> str:
    """An X12 decimal: no trailing zeros, no point when whole."""
    whole, fraction = divmod(abs(cents), 100)
    text = f"{whole}.{fraction:02}".rstrip("0").rstrip(".")
    return f"-{text}" if cents < 0 else text


def _line(draw: random.Random, at: int, is_denied: bool) -> tuple[list[str], int, int, int]:
    """Segments, charge, paid and patient share of one service line."""
    code, price = draw.choice(_SERVICES)
    charge = price + draw.randrange(0, 50_00)
    modifier = draw.choice(["", "", ":25", ":59", ":JZ"])
    units = draw.choice(["1", "1", "1", "84", "0.5"])
    day = f"2026{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
    if is_denied:
        carc, rarc = draw.choice(_DENIALS)
        paid, share = 0, 0
        answer = [f"CAS*CO*{carc}*{amount(charge)}", f"REF*6R*KC{_NUMBER.decode()}L{at}", f"LQ*HE*{rarc}"]
    else:
        allowed = charge * draw.randint(40, 95) // 100
        share = allowed * draw.choice([0, 10, 20, 20]) // 100
        paid = allowed - share
        answer = [f"CAS*CO*45*{amount(charge - allowed)}"]
        answer += [f"CAS*PR*2*{amount(share)}"] if share else []
        answer += [f"REF*6R*KC{_NUMBER.decode()}L{at}", f"AMT*B6*{amount(allowed)}"]
    head = [f"SVC*HC:{code}{modifier}*{amount(charge)}*{amount(paid)}**{units}", f"DTM*472*{day}"]
    return head + answer, charge, paid, share


def template(draw: random.Random) -> Template:
    """One claim: about one in eight denied, one in ten with a claim-level adjustment."""
    is_denied = draw.random() < 0.125
    lines = [_line(draw, at, is_denied) for at in range(1, draw.choice([1, 1, 2, 2, 3, 4]) + 1)]
    charge, paid, share = (sum(line[at] for line in lines) for at in (1, 2, 3))
    sequestered = paid // 50 if not is_denied and draw.random() < 0.1 else 0
    paid -= sequestered
    number = _NUMBER.decode()
    status = "4" if is_denied else draw.choice(["1", "1", "1", "19"])
    owed = amount(share) if share else ""
    segments = [f"CLP*KC{number}*{status}*{amount(charge)}*{amount(paid)}*{owed}*MB*26{number}*11*1"]
    segments += [f"CAS*CO*253*{amount(sequestered)}"] if sequestered else []
    last, first = (
        draw.choice(["GARCIA", "O'HARA", "LEE", "VAN DER BERG"]),
        draw.choice(["ALEX", "SAM", "KIM"]),
    )
    segments.append(f"NM1*QC*1*{last}*{first}****MI*M{draw.randrange(10**8):08}")
    segments.append("NM1*82*1*RENDER*DANA****XX*1999999984")
    segments += ["MOA***MA01"] if draw.random() < 0.3 else []
    segments += [f"REF*G1*PA{draw.randrange(10**6)}"] if draw.random() < 0.2 else []
    segments += ["DTM*232*20260105", "DTM*050*20260120"]
    for line in lines:
        segments += line[0]
    return Template("".join(f"{s}~\n" for s in segments).encode(), paid, len(segments))


def small_template(draw: random.Random) -> Template:
    """A claim of one line and no more than needed, where a million are wanted."""
    lines, charge, paid, share = _line(draw, 1, False)
    number = _NUMBER.decode()
    clp = f"CLP*KC{number}*1*{amount(charge)}*{amount(paid)}*{amount(share)}*MB*26{number}*11*1"
    segments = [clp, f"NM1*QC*1*LEE*KIM****MI*M{draw.randrange(10**8):08}", *lines]
    return Template("".join(f"{s}~\n" for s in segments).encode(), paid, len(segments))


def _head(payment: int, paid: int) -> list[str]:
    return [
        f"ST*835*{payment:09}",
        f"BPR*I*{amount(paid)}*C*ACH*CCP*01*999999992*DA*1234567*1900000001**01*999988880*DA*98765*20260303",
        f"TRN*1*EFT{payment:09}*1900000001",
        "DTM*405*20260302",
        "N1*PR*FIRST EXAMPLE HEALTH PLAN*XV*90001",
        "N3*PO BOX 1",
        "N4*SPRINGFIELD*IL*62701",
        "PER*BL*PROVIDER LINE*TE*2175550101",
        "N1*PE*EXAMPLE KETAMINE CLINIC*XX*1234567893",
        "REF*TJ*870000001",
        "LX*1",
    ]


def _join(segments: list[str]) -> bytes:
    return "".join(f"{segment}~\n" for segment in segments).encode()


def _payment(payment: int, pool: list[Template], picks: list[int], first_claim: int) -> Iterator[bytes]:
    """One ST..SE; every tenth payment takes money back by a PLB."""
    claims_paid = sum(pool[pick].paid for pick in picks)
    taken_back = 1_250 if payment % 10 == 0 and claims_paid > 1_250 else 0
    head = _head(payment, claims_paid - taken_back)
    tail = [f"PLB*1234567893*20261231*WO:26{payment:08}*{amount(taken_back)}"] if taken_back else []
    count = len(head) + sum(pool[pick].segments for pick in picks) + len(tail) + 1
    yield _join(head)
    for number, pick in enumerate(picks, start=first_claim):
        yield pool[pick].text.replace(_NUMBER, b"%08d" % number)
    yield _join([*tail, f"SE*{count}*{payment:09}"])


def _write(path: Path, pool: list[Template], sizes: Iterator[list[int]]) -> int:
    """Write payments of the picked templates; the number of claims."""
    parties = f"ZZ*{'KCPAYERONE':15}*ZZ*{'KCCLINIC':15}"
    isa = f"ISA*00*{'':10}*00*{'':10}*{parties}*260302*0815*^*00501*000000001*0*P*:"
    claims = payment = 0
    with path.open("wb") as out:
        out.write(_join([isa, "GS*HP*KCPAYERONE*KCCLINIC*20260302*0815*1*X*005010X221A1"]))
        for payment, picks in enumerate(sizes, start=1):
            out.writelines(_payment(payment, pool, picks, claims + 1))
            claims += len(picks)
        out.write(_join([f"GE*{payment}*1", "IEA*1*000000001"]))
    return claims


def write_of_size(path: Path, megabytes: int, seed: int = 835) -> int:
    """Payments of 250 claims until ``megabytes`` (10**6) are reached; the number of claims."""
    draw = random.Random(seed)
    pool = [template(draw) for _ in range(POOL_SIZE)]

    def picks() -> Iterator[list[int]]:
        left = megabytes * 1_000_000
        while left > 0:
            chosen = draw.choices(range(POOL_SIZE), k=CLAIMS_PER_PAYMENT)
            left -= sum(len(pool[pick].text) for pick in chosen) + 500
            yield chosen

    return _write(path, pool, picks())


def write_of_claims(path: Path, payments: int, claims_each: int, seed: int = 221) -> int:
    """``payments`` payments of ``claims_each`` small claims; the number of claims."""
    draw = random.Random(seed)
    pool = [small_template(draw) for _ in range(POOL_SIZE)]
    picks = (draw.choices(range(POOL_SIZE), k=claims_each) for _ in range(payments))
    return _write(path, pool, picks)
