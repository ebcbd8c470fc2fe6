"""835 inputs → one Parquet file per remit table, without the raw store."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ketaclaims.landing.private_files import create_private, private_dir, work_dir
from ketaclaims.raw.sink import ParquetSink
from ketaclaims.settings import Settings
from ketaclaims.x12.inspection import Input, read_input
from ketaclaims.x12.remit_reader import RemitReading
from ketaclaims.x12.tables import REMIT_TABLES

COMMIT_ID = "convert"


def convert_inputs(
    inputs: Iterable[Input], out: Path, settings: Settings
) -> Iterator[tuple[Input, RemitReading]]:
    """Read inputs into ``out/<table>.parquet``, every table, typed even when empty; yield each as it is read.

    The files are put in place, over older ones, once the last input is read.
    """
    private_dir(out)
    with work_dir(out) as draft:
        sink = ParquetSink(draft, COMMIT_ID)
        unwanted: set[str] = set()
        seen: set[str] = set()
        for given in inputs:
            sink.start(given.sha256)
            is_again = given.sha256 in seen  # the same bytes twice are one input
            reading = read_input(given, settings, None if is_again else sink, COMMIT_ID)
            seen.add(given.sha256)
            if reading.report.status == "rejected" and reading.report.rows:
                unwanted.add(given.sha256)
            yield given, reading
        sink.close()
        for table, schema in REMIT_TABLES.items():
            _finish(draft / f"{table}.parquet", schema, unwanted)
            (draft / f"{table}.parquet").replace(out / f"{table}.parquet")


def _finish(path: Path, schema: pa.Schema, unwanted: set[str]) -> None:
    """Make a missing table; take out rows of inputs that were rejected after they had been written."""
    if path.exists() and not unwanted:
        return
    clean = path.with_suffix(".clean")
    with create_private(clean) as target, pq.ParquetWriter(target, schema, compression="zstd") as writer:
        if path.exists():
            source = pq.ParquetFile(path)
            for batch in source.iter_batches():
                drop = pc.is_in(
                    batch.column("_file_sha256"), value_set=pa.array(sorted(unwanted), pa.string())
                )
                writer.write_batch(batch.filter(pc.invert(drop)))
    clean.replace(path)
