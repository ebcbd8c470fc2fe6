"""Rows as they are pushed: one file per table, counted per input, refused without their lineage."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ketaclaims.errors import KetaclaimsError
from ketaclaims.raw import sink as sink_module
from ketaclaims.raw.sink import ParquetSink


def rows(file_sha256: str, values: list[int], commit_id: str = "batch") -> pa.RecordBatch:
    count = len(values)
    return pa.RecordBatch.from_pydict(
        {"_file_sha256": [file_sha256] * count, "_commit_id": [commit_id] * count, "value": values}
    )


def test_inputs_share_a_file_and_are_counted_apart(tmp_path: Path) -> None:
    sink = ParquetSink(tmp_path / "out", "batch")
    counted = []
    for name, values in (("a", [1, 2]), ("b", []), ("c", [3])):
        sink.start(name)
        if values:
            sink("line", rows(name, values))
        counted.append(dict(sink.counts))
    sink.close()
    assert counted == [{"line": 2}, {}, {"line": 1}]
    assert dict(sink.totals) == {"line": 3}
    assert pq.read_table(tmp_path / "out" / "line.parquet")["value"].to_pylist() == [1, 2, 3]


def test_small_batches_share_row_groups_and_large_ones_do_not_pile_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink_module, "ROW_GROUP_BYTES", 8 * 10)  # values; lineage is not held per row
    sink = ParquetSink(tmp_path, "batch")
    sink.start("a")
    for value in range(25):
        sink("line", rows("a", [value]))
    sink.close()
    file = pq.ParquetFile(tmp_path / "line.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [10, 10, 5]


def test_many_small_batches_wait_as_few_and_keep_their_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink_module, "_MOST_WAITING", 4)
    sink = ParquetSink(tmp_path, "batch")
    owners = [name for name in "abacc" for _ in range(3)]
    for value, name in enumerate(owners):
        sink.start(name)
        sink("line", rows(name, [value]))
        assert len(sink._waiting["line"]) < 4
    sink.close()
    table = pq.read_table(tmp_path / "line.parquet")
    assert table["_file_sha256"].to_pylist() == owners
    assert table["value"].to_pylist() == list(range(15))


def test_rows_come_back_as_pushed_however_they_are_encoded(tmp_path: Path) -> None:
    text, decimal = pa.string(), pa.decimal128(18, 2)
    kinds = {"_file_sha256": text, "_commit_id": text, "_segment_number": pa.int64(), "code": text}
    schema = pa.schema({**kinds, "name": text, "amount": decimal, "day": pa.date32()})
    sink = ParquetSink(tmp_path, "batch")
    pushed = []
    for name in ("a", "b", "a"):
        sink.start(name)
        columns = {"code": ["45", None, "45"] * 40, "name": [f"{name}{n}" for n in range(119)] + [""]}
        amounts = [None, *map(Decimal, ("-0.01", "9999999999999999.99"))] * 40
        days = [date(2026, 1, 1), None, date(1900, 1, 1)] * 40
        lineage = {"_file_sha256": [name] * 120, "_commit_id": ["batch"] * 120, "_segment_number": range(120)}
        batch = pa.RecordBatch.from_pydict({**lineage, **columns, "amount": amounts, "day": days}, schema)
        sink("line", batch)
        pushed.append(batch)
    sink.close()
    read = pq.read_table(tmp_path / "line.parquet")
    assert read.schema.equals(schema)
    assert read.equals(pa.Table.from_batches(pushed))


@pytest.mark.parametrize(
    "batch",
    [
        rows("other", [1]),
        rows("a", [1], "other"),
        rows("a", [1]).drop_columns(["_commit_id"]),
        rows("a", [1]).rename_columns(["_file_sha256", "_commit_id", "renamed"]),
    ],
)
@pytest.mark.parametrize("written", [False, True])
def test_rows_nobody_could_join_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: pa.RecordBatch, written: bool
) -> None:
    monkeypatch.setattr(sink_module, "ROW_GROUP_BYTES", 1 if written else 1_000_000)
    sink = ParquetSink(tmp_path, "batch")
    sink.start("a")
    sink("line", rows("a", [1]))
    with pytest.raises(KetaclaimsError, match="BAD_ROWS"):
        sink("line", batch)
    sink.abandon()
