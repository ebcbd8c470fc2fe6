"""Codes and ids as reports and spreadsheets mangle them, to their one written form.

A repair that cannot be undone is not made: digits lost to scientific notation, and a ten-digit NDC without
hyphens (5-4-1, 5-3-2 or 4-4-2?), stay bad values. Forms: fact base "EHR exports", section 6.
"""

import re

from ketaclaims.ehr.bad_text import BadTextError

_FLOAT_TAIL = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"\d[eE]\+\d+|\d\.\d+[eE]\+?\d+")
_PROCEDURE = re.compile(r"(?=.*\d)[A-Z0-9]{5}")
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
_ICD = re.compile(r"([A-TV-Z]\d[0-9A-Z])\.?([0-9A-Z]{0,4})", re.IGNORECASE)
_SNOMED = re.compile(r"\d{6,18}")
_BETWEEN_DX = re.compile(r"[;|,\n/]")
_DESCRIPTION = re.compile(r"\s*[-\u2013\u2014:]\s+|\s+[-\u2013\u2014:]\s*|\s+")
_NDC = re.compile(r"(\d{4,5})-(\d{3,4})-(\d{1,2})")
_BP = re.compile(r"(\d{2,3})\s*/\s*(\d{2,3})(?:\s+\(?[A-Za-z][A-Za-z ,]*\)?)?")
_POINTERS = frozenset(str(number) for number in range(1, 13))  # 837P: dx1..dx12
HIGHEST_MMHG = 300


def plain_id(text: str) -> str:
    """An id; the ``.0`` a spreadsheet adds to a number goes. LOST_DIGITS for scientific notation."""
    if _SCIENTIFIC.fullmatch(text):
        raise BadTextError("LOST_DIGITS")
    whole = _FLOAT_TAIL.fullmatch(text)
    return whole.group(1) if whole else text


def padded(text: str, width: int) -> str:
    """A numeric code of a fixed width, with the zeros a spreadsheet took; others as they are."""
    code = plain_id(text)
    if code.isdigit() and len(code) > width:
        raise BadTextError("BAD_CODE")
    return code.zfill(width) if code.isdigit() else code


def procedure(text: str) -> str:
    """A CPT/HCPCS/HIPPS code: ``9921 4`` to 99214, 104 to 00104, ``j0013 `` to J0013."""
    code = padded("".join(text.split()).upper(), 5)
    if not _PROCEDURE.fullmatch(code):
        raise BadTextError("BAD_CODE")
    return code


def procedures(text: str) -> str:
    """Several codes in one cell as a list split by ``;``."""
    return ";".join(procedure(each) for each in re.split(r"[;,|\n/]", text) if each.strip())


def modifiers(text: str) -> list[str]:
    """The modifiers of a cell: ``JZ,25``, ``25/59``, ``JZ 25``, ``25.0``."""
    found = [
        part.zfill(2) if part.isdigit() else part.upper()
        for each in re.split(r"[^0-9A-Za-z.]+", text)
        if each
        for part in plain_id(each).split(".")
        if part
    ]
    if not all(_MODIFIER.fullmatch(each) for each in found):
        raise BadTextError("BAD_MODIFIER")
    return found


def pointers(text: str) -> list[str]:
    """Diagnosis pointers of a cell: ``1,2``, ``A:B``, ``12`` (one digit each)."""
    found = [
        str(ord(mark.upper()) - ord("A") + 1) if mark.isalpha() else mark for mark in re.sub(r"\W", "", text)
    ]
    if not all(mark in _POINTERS for mark in found):
        raise BadTextError("BAD_POINTER")
    return found


def diagnoses(text: str) -> list[tuple[str, str]]:
    """(system, code) of each diagnosis of a cell: several split by ``; | ,``, each perhaps with a text.

    ``F332`` and ``f33.2 - MDD`` are F33.2; a SNOMED number is kept apart, never made an ICD code.
    """
    found: list[tuple[str, str]] = []
    for piece in (each.strip() for each in _BETWEEN_DX.split(text)):
        code = _DESCRIPTION.split(piece, maxsplit=1)[0]
        icd = _ICD.fullmatch(code)
        if icd:
            found.append(("icd10cm", _dotted(icd.group(1), icd.group(2))))
        elif _SNOMED.fullmatch(code):
            found.append(("snomed", code))
        elif piece and not (found and piece[0].isalpha()):  # words after a comma belong to the code before
            raise BadTextError("BAD_DIAGNOSIS")
    return found


def icd_diagnoses(text: str) -> list[str]:
    """ICD-10-CM codes of a cell; a SNOMED code there is a bad value: a claim carries ICD only."""
    found = diagnoses(text)
    if any(system != "icd10cm" for system, _ in found):
        raise BadTextError("SNOMED_NOT_ICD")
    return [code for _, code in found]


def _dotted(category: str, rest: str) -> str:
    return (f"{category}.{rest}" if rest else category).upper()


def ndc(text: str) -> str:
    """An NDC of eleven digits. Hyphens tell where a zero is missing (to 5-4-2); without them nothing does."""
    code = plain_id(text)
    if len(code) == 11 and code.isdigit():
        return code
    if len(code) == 10 and code.isdigit():
        raise BadTextError("AMBIGUOUS_NDC")
    parts = _NDC.fullmatch(code)
    if not parts or sum(map(len, parts.groups())) not in (10, 11):
        raise BadTextError("BAD_NDC")
    labeler, product, package = parts.groups()
    return labeler.zfill(5) + product.zfill(4) + package.zfill(2)


def blood_pressure(text: str) -> tuple[str, str]:
    """Systolic and diastolic mmHg of ``120/80`` or ``120 / 80 sitting``; more than 300 is no pressure."""
    found = _BP.fullmatch(text)
    if not found or max(int(found.group(1)), int(found.group(2))) > HIGHEST_MMHG:
        raise BadTextError("BAD_BLOOD_PRESSURE")
    return found.group(1), found.group(2)
