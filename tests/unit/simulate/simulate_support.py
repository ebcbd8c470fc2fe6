"""Read a simulation back from disk without any code of the simulator."""

import csv
import io
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True)
class Simulation:
    """A simulation on disk, read back without any code of the simulator."""

    root: Path

    def truth(self, name: str) -> list[dict[str, str]]:
        return read_csv(self.root / "truth" / f"{name}.csv")

    def exports(self, clinic: str, table: str) -> list[dict[str, str]]:
        files = sorted(
            (self.root / "landing" / "ehr" / clinic).glob(f"{table}_20*.csv"), key=lambda p: p.stat().st_mtime
        )
        return [row for file in files for row in read_csv(file)]

    def newest(self, clinic: str, table: str, *key: str) -> list[dict[str, str]]:
        return list({tuple(row[k] for k in key): row for row in self.exports(clinic, table)}.values())

    @property
    def clinics(self) -> list[str]:
        return sorted(path.name for path in (self.root / "landing" / "ehr").iterdir())

    @property
    def remits(self) -> dict[str, bytes]:
        found = {}
        for path in sorted((self.root / "landing" / "remits").iterdir()):
            content = path.read_bytes()
            if path.suffix == ".zip":
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    (member,) = archive.namelist()
                    content = archive.read(member)
            found[path.name] = content
        return found

    def judged_claims(self, clinic: str) -> dict[str, dict[str, str]]:
        """Newest version of each claim that is not replaced."""
        newest: dict[str, dict[str, str]] = {}
        for row in self.newest(clinic, "claim", "claim_id", "version"):
            if row["claim_id"] not in newest or int(row["version"]) > int(newest[row["claim_id"]]["version"]):
                newest[row["claim_id"]] = row
        return {key: row for key, row in newest.items() if row["status"] != "replaced"}


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@dataclass(frozen=True)
class Transaction:
    """One ST as lists of elements, envelope left out."""

    segments: list[list[str]]
    component: str
    control: str

    def first(self, *head: str) -> list[str]:
        return next(s for s in self.segments if s[: len(head)] == list(head))

    @property
    def trace(self) -> str:
        return self.first("TRN")[2]


def transactions(content: bytes) -> list[Transaction]:
    text = content.decode("ascii")
    element, component, terminator = text[3], text[104], text[105]
    assert text[:3] == "ISA"
    segments = [s.strip("\r\n").split(element) for s in text.split(terminator) if s.strip("\r\n")]
    isa, iea, ge = segments[0], segments[-1], segments[-2]
    assert [len(x) for x in isa[1:]] == [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1]
    assert iea == ["IEA", "1", isa[13]] and isa[15] == "P"
    found, current = [], []
    for segment in segments[2:-2]:
        current.append(segment)
        if segment[0] == "SE":
            assert segment == ["SE", str(len(current)), current[0][2]]
            found.append(Transaction(current, component, isa[13]))
            current = []
    assert current == [] and ge[1] == str(len(found))
    return found


def money(text: str) -> Decimal:
    return Decimal(text or "0")
