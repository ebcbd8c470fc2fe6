"""``python benchmarks/reports.py``: measure the readers of EHR reports and peers; writes its part of
docs/benchmarks.md. Sizes in MB: ``--sizes 20 200``.

Files are generated: claim lines as canonical CSV, the same lines as a vendor's charges report, and (20 MB
and less) that report as a workbook. Every measurement is a process of its own on one core.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from page import write_section

HERE = Path(__file__).resolve().parent
WORKBOOK_ROWS = 30_000
CLAIM_LINE = (
    "clinic_id,claim_id,version,line_no,line_control,dos_from,dos_to,code,mod1,mod2,mod3,mod4,units,charge,"
    "dx_ptr1,dx_ptr2,dx_ptr3,dx_ptr4,rev_code,ndc11,ndc_qty,ndc_uom,noc_text,rendering_npi,encounter_id,"
    "administration_id"
)
CHARGES = (
    "Claim ID,Line,Patient ID,Encounter ID,Case ID,Patient Control Number,Billing Provider NPI,"
    "Rendering Provider NPI,Service Location ID,Place of Service Code,Service Start Date,Procedure Code,"
    "Procedure Modifier 1,Procedure Modifier 2,Procedure Modifier 3,Procedure Modifier 4,Units,Total Charges,"
    "Diagnosis 1,Diagnosis 2,Diagnosis 3,Diagnosis 4,NDC,Revenue Code,Claim Status"
)
PATHS = {
    "canonical": "canonical claim lines: read, check, zstd Parquet",
    "vendor": "vendor charges report: read, convert, repair, check, three zstd Parquet tables",
    "pandas": "pandas `read_csv`, text columns: read only",
    "pyarrow": "pyarrow `read_csv` streamed, text columns: read only",
    "pyarrow_parquet": "pyarrow `read_csv` streamed to zstd Parquet, text columns, no checks",
    "workbook": "vendor charges report as .xlsx: read, convert, repair, check, Parquet",
    "pandas_workbook": "pandas `read_excel`, text columns: read only",
}


def lines(kind: str) -> Iterator[str]:
    """Endless data lines of one file; the same for the same kind."""
    rng = random.Random(7)
    for claim in range(10**9):
        day, npi, patient = rng.randrange(1, 29), 1_000_000_000 + rng.randrange(900), rng.randrange(20_000)
        for line in (1, 2):
            code, mod, units, cents = rng.choice([("J0013", "JZ", 84, 129_000), ("99214", "25", 1, 18_550)])
            if kind == "canonical":
                yield (
                    f"c1,K{claim},1,{line},L{claim}-{line},2026-01-{day:02d},2026-01-{day:02d},{code},{mod},,,,"
                    f"{units},{cents / 100:.2f},1,2,,,0636,50458002803,3,UN,,{npi},E{claim},A{claim}\n"
                )
            else:
                yield (
                    f"K{claim},{line},P{patient},E{claim},C{patient},N{claim},1000000001,{npi},S1,11,"
                    f'01/{day:02d}/2026,{code},{mod},,,,{units},"${cents / 100:,.2f}",F33.2,R45.851,,,'
                    f"50458-028-03,0636,Billed\n"
                )


def write(path: Path, kind: str, size: int) -> int:
    """A file of at least ``size`` bytes; returns its data rows."""
    written = rows = 0
    with path.open("w", encoding="utf-8") as out:
        out.write((CLAIM_LINE if kind == "canonical" else CHARGES) + "\n")
        for line in lines(kind):
            out.write(line)
            written += len(line)
            rows += 1
            if written >= size:
                return rows
    raise AssertionError("lines never end")


def write_workbook(path: Path, rows: int) -> int:
    import csv

    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Charges")
    sheet.append(CHARGES.split(","))
    source = lines("vendor")
    for _ in range(rows):
        sheet.append(next(csv.reader([next(source)])))
    book.save(path)
    return rows


def work(job: str, source: Path, out: Path) -> int:
    """Do one job; returns the rows it read."""
    if job in ("canonical", "vendor", "workbook"):
        return _ours(job, source, out)
    if job == "pandas":
        import pandas as pd

        return len(pd.read_csv(source, dtype=str, keep_default_na=False))
    if job == "pandas_workbook":
        import pandas as pd

        return len(pd.read_excel(source, dtype=str))
    return _pyarrow(source, out if job == "pyarrow_parquet" else None)


def _ours(job: str, source: Path, out: Path) -> int:
    from ketaclaims.ehr.csv_reader import read_ehr_csv
    from ketaclaims.ehr.xlsx_reader import read_ehr_xlsx
    from ketaclaims.raw.contract import ReadContext
    from ketaclaims.raw.sink import ParquetSink

    sink = ParquetSink(out, "bench")
    sink.start("0" * 64)
    reader = read_ehr_xlsx if job == "workbook" else read_ehr_csv
    report = reader(source, ReadContext("0" * 64, "bench", clinic_id="c1"), sink)
    sink.close()
    if report.status != "clean" or report.quarantined_rows:
        raise SystemExit(f"the generated file was read as {report.status}")
    return report.rows["claim_line"]


def _pyarrow(source: Path, out: Path | None) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv

    with source.open(encoding="utf-8") as text:
        names = text.readline().strip().split(",")
    options = csv.ConvertOptions(column_types={name: pa.string() for name in names})
    read = csv.ReadOptions(use_threads=False)
    reader = csv.open_csv(source, read_options=read, convert_options=options)
    rows = 0
    writer = pq.ParquetWriter(out, reader.schema, compression="zstd") if out else None
    for batch in reader:
        rows += batch.num_rows
        if writer:
            writer.write_batch(batch)
    if writer:
        writer.close()
    return rows


def measure(job: str, source: Path, times: int) -> tuple[float, float, int]:
    """CPU seconds of the fastest run, peak MB of the largest, rows."""
    runs = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "--job", job, str(source), str(Path(folder) / "out")]
            environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "include"), "OMP_NUM_THREADS": "1"}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    cpu, peak, rows = min(r["cpu"] for r in runs), max(r["peak_mb"] for r in runs), runs[0]["rows"]
    print(f"  {job}: {cpu:.1f} CPU-s, {peak:.0f} MB, {rows:,} rows", flush=True)
    return cpu, peak, rows


def part(jobs: list[tuple[str, Path, int]], times: int) -> Iterator[str]:
    """A table of jobs with their files and rows. SystemExit when one did not read every row."""
    yield "| work | CPU seconds | MB per CPU second | rows per CPU second | peak memory, MB |"
    yield "|---|---|---|---|---|"
    for job, source, rows in jobs:
        cpu, peak, read = measure(job, source, times)
        if read != rows:
            raise SystemExit(f"{job} read {read} of {rows} rows")
        size = source.stat().st_size / 1e6
        yield f"| {PATHS[job]} | {cpu:.1f} | {size / cpu:.1f} | {rows / cpu:,.0f} | {peak:.0f} |"


def report(scratch: Path, sizes: list[int], times: int) -> Iterator[str]:
    yield f"`python benchmarks/reports.py --sizes {' '.join(map(str, sizes))}`, {time.strftime('%Y-%m-%d')}."
    yield "As above: one process a measurement, one core, CPU seconds with start and imports, the fastest of"
    yield "repeated runs. Only our rows check every value; the others read text and check nothing."
    for size in sizes:
        print(f"{size} MB", flush=True)
        canonical, vendor = scratch / "canonical.csv", scratch / "vendor.csv"
        rows, vendor_rows = (write(p, p.stem, size * 1_000_000) for p in (canonical, vendor))
        yield f"\n### {size} MB of CSV: {rows:,} canonical lines, {vendor_rows:,} rows of a vendor's report\n"
        others = ("pandas", "pyarrow", "pyarrow_parquet")
        jobs = [("canonical", canonical, rows), ("vendor", vendor, vendor_rows)]
        yield from part([*jobs, *((job, canonical, rows) for job in others)], times)
    book = scratch / "charges.xlsx"
    rows = write_workbook(book, WORKBOOK_ROWS)
    yield f"\n### A workbook of {rows:,} rows, {book.stat().st_size / 1e6:.1f} MB packed\n"
    yield from part([("workbook", book, rows), ("pandas_workbook", book, rows)], times)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[20, 200])
    options.add_argument("--times", type=int, default=2, help="runs of each job; the fastest counts")
    options.add_argument("--job", nargs=3, metavar=("JOB", "SOURCE", "OUT"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.job:
        job, source, out = given.job
        os.sched_setaffinity(0, {0})
        rows = work(job, Path(source), Path(out))
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        print(json.dumps({"cpu": cpu, "peak_mb": peak, "rows": rows}))
        return
    with tempfile.TemporaryDirectory() as folder:
        parts = list(report(Path(folder), given.sizes, given.times))
    write_section("Report readers", parts)


if __name__ == "__main__":
    main()
