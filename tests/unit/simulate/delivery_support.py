"""Read other deliveries of a simulation back without code of the simulator or of the readers."""

import csv
import io
import json
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pyx12.params
import pyx12.x12file
import pyx12.x12n_document

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ENCODINGS = {b"\xff\xfe": "utf-16", b"\xef\xbb": "utf-8-sig"}


def landed(root: Path, pattern: str) -> list[Path]:
    """Exports of all clinics, oldest first."""
    found = (root / "landing" / "ehr").rglob(pattern)
    return sorted(found, key=lambda path: (path.stat().st_mtime, path.name))


def segments(path: Path) -> list[list[str]]:
    """Segments as lists of elements, split by pyx12; it raises on a broken envelope."""
    with path.open(encoding="ascii", newline="") as stream:
        source = pyx12.x12file.X12Reader(stream)
        found = [[seg.get_seg_id(), *(e.format(source.subele_term) for e in seg.elements)] for seg in source]
        assert source.pop_errors() == []
    return found


def is_valid_837(content: str) -> bool:
    """Whether pyx12 finds nothing wrong under its map of the implementation guide."""
    parameters = pyx12.params.params()
    return bool(pyx12.x12n_document.x12n_document(parameters, io.StringIO(content), None, None))


@dataclass(frozen=True)
class BilledLine:
    """One SV1 with what its claim says around it."""

    pcn: str
    frequency: str
    code: str
    charge: str
    units: str
    references: tuple[tuple[str, str], ...]
    ndc: str


def billed_lines(all_segments: list[list[str]]) -> list[BilledLine]:
    """Every service line of an interchange."""
    claim: list[str] = []
    claim_refs: list[tuple[str, str]] = []
    found: list[BilledLine] = []
    for segment in all_segments:
        name = segment[0]
        if name == "CLM":
            claim, claim_refs = segment, []
        elif name == "REF" and claim and segment[1] in ("G1", "F8"):
            claim_refs.append((segment[1], segment[2]))
        elif name == "SV1":
            code = segment[1].split(segment[1][2])[1]
            frequency = claim[5].split(claim[5][2])[2]
            found.append(BilledLine(claim[1], frequency, code, segment[2], segment[4], tuple(claim_refs), ""))
        elif name == "REF" and segment[1] == "6R":
            found[-1] = BilledLine(
                **{**vars(found[-1]), "references": (*found[-1].references, ("6R", segment[2]))}
            )
        elif name == "LIN":
            found[-1] = BilledLine(**{**vars(found[-1]), "ndc": segment[3]})
    return found


def resources(root: Path) -> dict[str, list[dict]]:
    """Resources by type; the file's name says the type."""
    found: dict[str, list[dict]] = {}
    for path in landed(root, "*.ndjson"):
        kind = path.name.partition(".")[0]
        lines = path.read_text(encoding="utf-8").splitlines()
        found.setdefault(kind, []).extend(json.loads(line) for line in lines)
    return found


def report(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV in whatever encoding and delimiter; totals rows and footers included."""
    content = path.read_bytes()
    text = content.decode(ENCODINGS.get(content[:2]) or ("cp1252" if b"\x96" in content else "utf-8"))
    first = text.splitlines()[0]
    delimiter = Counter(c for c in first if c in ",;\t").most_common(1)[0][0]
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def sheet(path: Path) -> list[dict[str, str]]:
    """Cells of the only sheet as text under its header."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        root = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in root.iter(f"{SHEET}row"):
        cells = {}
        for cell in row.iter(f"{SHEET}c"):
            column = cell.attrib["r"].rstrip("0123456789")
            cells[column] = "".join(cell.itertext())
        rows.append(cells)
    header = rows[0]
    return [{name: row.get(column, "") for column, name in header.items()} for row in rows[1:]]
