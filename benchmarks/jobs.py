"""One measured piece of work per process: ``python benchmarks/jobs.py JOB SOURCE OUT CORE`` prints JSON.

CPU seconds are those of the whole process, start and imports included; memory is its high-water mark. Each
job returns what it counted, so that a tool that skips work is found out.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

Counted = dict[str, Any]


def ours(source: Path, out: Path) -> Counted:
    """Read, check, and write the twelve tables as zstd Parquet, as the pipeline does."""
    from ketaclaims.raw.contract import ReadContext
    from ketaclaims.raw.sink import ParquetSink
    from ketaclaims.x12.remit_reader import read_remittances

    sink = ParquetSink(out, "bench")
    sink.start("0" * 64)
    spent = 0.0

    def write(table: str, batch: Any) -> None:
        nonlocal spent
        began = time.process_time()
        sink(table, batch)
        spent += time.process_time() - began

    reading = read_remittances(source, ReadContext("0" * 64, "bench"), write)
    began = time.process_time()
    sink.close()
    spent += time.process_time() - began
    return {**_ours(reading), "writing": spent, "rows": sum(sink.totals.values())}


def ours_read(source: Path, out: Path) -> Counted:
    """Read and check, every table as Arrow; nothing is written, as by oxedi."""
    from ketaclaims.raw.contract import ReadContext
    from ketaclaims.x12.remit_reader import read_remittances

    rows = 0

    def count(table: str, batch: Any) -> None:
        nonlocal rows
        rows += batch.num_rows

    reading = read_remittances(source, ReadContext("0" * 64, "bench"), count)
    return {**_ours(reading), "rows": rows}


def _ours(reading: Any) -> Counted:
    if reading.report.status != "clean":
        raise SystemExit(f"the generated file was read as {reading.report.status}")
    return {"claims": reading.totals.n_clp, "paid": f"{reading.totals.clp04 / 100:.2f}"}


def oxedi_whole(source: Path, out: Path) -> Counted:
    """The Rust reader, the whole file at once, every table as Arrow; nothing is written."""
    import oxedi

    return _counted([oxedi.parse_file(str(source))])


def oxedi_stream(source: Path, out: Path) -> Counted:
    """The Rust reader, one transaction at a time, every table as Arrow; nothing is written."""
    import oxedi

    return _counted(oxedi.stream(source.read_bytes()))


def _counted(batches: Iterable[Any]) -> Counted:
    import pyarrow as pa
    import pyarrow.compute as pc

    claims, paid = 0, Decimal(0)
    for batch in batches:
        tables = {name: pa.table(batch.tables[name]) for name in batch.tables}
        if "claims" in tables:
            claims += tables["claims"].num_rows
            paid += pc.sum(tables["claims"]["payment_amount"]).as_py() or 0
    return {"claims": claims, "paid": f"{paid:.2f}"}


def to_csv(source: Path, out: Path) -> Counted:
    """Not measured: the rows of ``ours`` as CSV, what ``csv_to_parquet`` starts from."""
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    out.mkdir(exist_ok=True)
    for path in sorted(source.glob("*.parquet")):
        table = pq.ParquetFile(path)
        with csv.CSVWriter(out / f"{path.stem}.csv", table.schema_arrow) as writer:
            for batch in table.iter_batches():
                writer.write_batch(batch)
    return {"bytes": sum(path.stat().st_size for path in out.iterdir())}


def csv_to_parquet(source: Path, out: Path) -> Counted:
    """The floor: the same rows from CSV to zstd Parquet by pyarrow, types given, no checks."""
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    from ketaclaims.x12.tables import REMIT_TABLES

    out.mkdir(exist_ok=True)
    pa.set_cpu_count(1)
    rows = 0
    for path in sorted(source.glob("*.csv")):
        schema = REMIT_TABLES[path.stem]
        types = csv.ConvertOptions(column_types=schema, strings_can_be_null=True)
        reader = csv.open_csv(path, convert_options=types, read_options=csv.ReadOptions(use_threads=False))
        with pq.ParquetWriter(out / f"{path.stem}.parquet", schema, compression="zstd") as writer:
            for batch in reader:
                rows += batch.num_rows
                writer.write_batch(batch)
    return {"rows": rows}


def edi_835_parser(source: Path, out: Path) -> Counted:
    """A pure-Python reader into objects and a data frame; one transaction a file."""
    import edi_835_parser as parser

    sets = parser.parse(str(source), debug=True)
    sets.to_dataframe()
    return {"claims": sum(len(one.claims) for one in sets)}


def openx12(source: Path, out: Path) -> Counted:
    """A pure-Python reader into one dictionary: floats, payments merged, separators fixed."""
    from openx12 import x835

    era = x835.parse(source.read_text())
    return {"claims": len(era.claims), "paid": f"{sum(c['claim_payment_amount'] for c in era.claims):.2f}"}


def pyx12_segments(source: Path, out: Path) -> Counted:
    """Segments only: pyx12's tokeniser, CLP counted."""
    from pyx12.x12file import X12Reader

    return {"claims": sum(segment.get_seg_id() == "CLP" for segment in X12Reader(str(source)))}


JOBS: dict[str, Callable[[Path, Path], Counted]] = {
    job.__name__: job
    for job in (
        ours,
        ours_read,
        oxedi_whole,
        oxedi_stream,
        to_csv,
        csv_to_parquet,
        edi_835_parser,
        openx12,
        pyx12_segments,
    )
}


def peak_megabytes() -> float:
    """VmHWM, in 10**6 bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main() -> None:
    name, source, out, core = sys.argv[1:5]
    os.sched_setaffinity(0, {int(core)})
    counted = JOBS[name](Path(source), Path(out))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "peak_mb": peak_megabytes(), **counted}))


if __name__ == "__main__":
    main()
