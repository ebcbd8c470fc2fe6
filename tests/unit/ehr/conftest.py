from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ketaclaims.ehr.csv_reader import read_ehr_csv
from ketaclaims.ehr.xlsx_reader import read_ehr_xlsx
from ketaclaims.raw.contract import InputReport, ReadContext


@dataclass
class Reading:
    report: InputReport
    batches: dict[str, list[pa.RecordBatch]] = field(default_factory=dict)

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [row for batch in self.batches.get(table, []) for row in batch.to_pylist()]

    @property
    def bad(self) -> list[tuple[int, str | None, str]]:
        return [
            (r["_row_number"], r["column_name"], r["reason_code"]) for r in self.rows("quarantined_record")
        ]

    @property
    def codes(self) -> list[str]:
        return [issue.code for issue in self.report.issues]


Read = Callable[..., Reading]


def reading_of(reader: Any, source: Path, **context: Any) -> Reading:
    batches: dict[str, list[pa.RecordBatch]] = {}
    report = reader(
        source,
        ReadContext(file_sha256="a" * 64, commit_id="c1", **context),
        lambda table, batch: batches.setdefault(table, []).append(batch),
    )
    return Reading(report, batches)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def run(content: str | bytes, **context: Any) -> Reading:
        source = tmp_path / "export.bin"
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        return reading_of(read_ehr_csv, source, **context)

    return run


@pytest.fixture
def read_xlsx(tmp_path: Path) -> Read:
    """Reads a workbook (of openpyxl) or the bytes of one, for clinic c1."""

    def run(content: Any, **context: Any) -> Reading:
        source = tmp_path / "export.bin"
        if isinstance(content, bytes):
            source.write_bytes(content)
        else:
            with source.open("wb") as out:
                content.save(out)
        return reading_of(read_ehr_xlsx, source, **({"clinic_id": "c1"} | context))

    return run
