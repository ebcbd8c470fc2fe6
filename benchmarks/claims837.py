"""``python benchmarks/claims837.py``: measure the reader of 837P claims and peers; writes its part of
docs/benchmarks.md. Sizes in MB: ``--sizes 20 200``.

Files are generated without any of the reader's code: claims of one to four lines as ketamine clinics send
them, each with its subscriber. Every measurement is a process of its own on one core.
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
CLAIMS_PER_TRANSACTION = 100
PYX12_MOST_MB = 20  # it reads far slower than the others
HEAD = (
    f"ISA*00*{'':10}*00*{'':10}*ZZ*{'CLINIC':15}*ZZ*{'PAYER':15}*260105*1200*^*00501*000000001*0*P*:",
    "GS*HC*CLINIC*PAYER*20260105*1200*1*X*005010X222A1",
)
OPEN = (
    "BHT*0019*00*{at}*20260105*1200*CH",
    "NM1*41*2*CLINIC*****46*1999999984",
    "PER*IC*DESK*TE*5555550100",
    "NM1*40*2*PAYER*****46*60054",
    "HL*1**20*1",
    "NM1*85*2*CLINIC*****XX*1999999984",
    "N3*1 MAIN ST",
    "N4*SPRINGFIELD*IL*627010001",
    "REF*EI*123456789",
)
LINES = (
    ("HC:J0013:JZ", "1290", "84", True),
    ("HC:99214:25", "185.5", "1", False),
    ("HC:96372", "45", "1", False),
    ("HC:90837:95", "210", "1", False),
)
PATHS = {
    "ours": "read, check, fifteen zstd Parquet tables",
    "split": "Python `split`: elements of every segment, thrown away",
    "pandas": "pandas `read_csv` (`~` rows, `*` cells), text columns",
    "pyarrow": "pyarrow `read_csv` streamed, one text per segment, line breaks for `~`",
    "pyarrow_parquet": "the same to zstd Parquet",
    "pyx12": "pyx12 `X12Reader`: segments with envelope checks, thrown away",
}


def claim(number: int, draw: random.Random) -> list[str]:
    """Segments of one subscriber and one claim of theirs."""
    day, sold = f"202601{draw.randrange(1, 29):02}", draw.sample(LINES, draw.choice((1, 1, 2, 2, 3, 4)))
    total = sum(float(price) for _, price, _, _ in sold)
    segments = [
        f"HL*{number % CLAIMS_PER_TRANSACTION + 2}*1*22*0",
        f"SBR*P*18*G{draw.randrange(9000)}******CI",
        f"NM1*IL*1*PERSON{draw.randrange(20_000)}*ALEX****MI*W{draw.randrange(10**9):09}",
        *("N3*2 ELM ST", "N4*SPRINGFIELD*IL*62701", f"DMG*D8*19{draw.randrange(40, 99)}0101*F"),
        "NM1*PR*2*AETNA*****PI*60054",
        f"CLM*K{number}*{total:g}***11:B:1*Y*A*Y*Y",
        *([f"REF*G1*PA{draw.randrange(10**6)}"] if draw.random() < 0.5 else []),
        "HI*ABK:F332*ABF:R45851",
        f"NM1*82*1*RENDER*DANA****XX*1{draw.randrange(900):09}",
    ]
    for at, (service, price, units, is_drug) in enumerate(sold, start=1):
        segments += [f"LX*{at}", f"SV1*{service}*{price}*UN*{units}***1:2", f"DTP*472*D8*{day}"]
        segments.append(f"REF*6R*L{number}-{at}")
        segments += ["LIN**N4*50458002803", "CTP****3*UN"] if is_drug else []
    return segments


def write(path: Path, size: int) -> tuple[int, int]:
    """A file of at least ``size`` bytes; returns its claims and segments."""
    draw = random.Random(7)
    count = written = transactions = claims = 0
    with path.open("w", encoding="ascii") as out:

        def put(segments: list[str]) -> int:
            out.write("".join(f"{segment}~\n" for segment in segments))
            return sum(map(len, segments)) + 2 * len(segments)

        written += put(list(HEAD))
        while written < size:
            transactions += 1
            body = [segment.format(at=transactions) for segment in OPEN]
            for _ in range(CLAIMS_PER_TRANSACTION):
                body += claim(claims, draw)
                claims += 1
            trailer = f"SE*{len(body) + 2}*{transactions:04}"
            written += put([f"ST*837*{transactions:04}*005010X222A1", *body, trailer])
            count += len(body) + 2
        put([f"GE*{transactions}*1", "IEA*1*000000001"])
    return claims, count + 4


def ours(source: Path, out: Path) -> int:
    from ketaclaims.raw.contract import ReadContext
    from ketaclaims.raw.sink import ParquetSink
    from ketaclaims.x12.p837.reader import read_claims

    sink = ParquetSink(out, "bench")
    sink.start("0" * 64)
    reading = read_claims(source, ReadContext("0" * 64, "bench"), sink)
    sink.close()
    if reading.report.status != "clean" or reading.totals.n_balanced != reading.totals.n_clm:
        raise SystemExit(f"the generated file was read as {reading.report.status}")
    return reading.totals.n_clm


def split(source: Path, out: Path) -> int:
    claims = 0
    for segment in source.read_text(encoding="ascii").split("~\n"):
        claims += segment.split("*")[0] == "CLM"
    return claims


def pandas(source: Path, out: Path) -> int:
    import pandas as pd

    columns = range(17)
    options = {"sep": "*", "lineterminator": "~", "names": columns, "dtype": str, "keep_default_na": False}
    return int(pd.read_csv(source, **options)[0].str.endswith("CLM").sum())


def pyarrow(source: Path, out: Path) -> int:
    return _pyarrow(source, None)


def pyarrow_parquet(source: Path, out: Path) -> int:
    return _pyarrow(source, out)


def _pyarrow(source: Path, out: Path | None) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    from pyarrow import csv

    reader = csv.open_csv(
        source,
        read_options=csv.ReadOptions(use_threads=False, column_names=["segment"]),
        parse_options=csv.ParseOptions(delimiter="\x01", quote_char=False),
        convert_options=csv.ConvertOptions(column_types={"segment": pa.string()}),
    )
    writer = pq.ParquetWriter(out, reader.schema, compression="zstd") if out else None
    claims = 0
    for batch in reader:
        claims += pc.sum(pc.starts_with(batch.column(0), "CLM*")).as_py() or 0
        if writer:
            writer.write_batch(batch)
    if writer:
        writer.close()
    return claims


def pyx12(source: Path, out: Path) -> int:
    from pyx12.x12file import X12Reader

    claims = 0
    with source.open(encoding="ascii") as stream:
        for segment in X12Reader(stream):
            claims += segment.get_seg_id() == "CLM"
    return claims


JOBS = {
    "ours": ours,
    "split": split,
    "pandas": pandas,
    "pyarrow": pyarrow,
    "pyarrow_parquet": pyarrow_parquet,
}
JOBS["pyx12"] = pyx12


def measure(job: str, source: Path, claims: int, times: int) -> tuple[float, float]:
    """CPU seconds of the fastest run, peak MB of the largest. SystemExit when it did not read every claim."""
    runs = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "--job", job, str(source), str(Path(folder) / "out")]
            environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "include"), "OMP_NUM_THREADS": "1"}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
        if runs[-1]["claims"] != claims:
            raise SystemExit(f"{job} found {runs[-1]['claims']} of {claims} claims")
    cpu, peak = min(run["cpu"] for run in runs), max(run["peak_mb"] for run in runs)
    print(f"  {job}: {cpu:.1f} CPU-s, {peak:.0f} MB", flush=True)
    return cpu, peak


def report(scratch: Path, sizes: list[int], times: int) -> Iterator[str]:
    command = f"python benchmarks/claims837.py --sizes {' '.join(map(str, sizes))}"
    yield f"`{command}`, {time.strftime('%Y-%m-%d')}."
    yield "As above: one process a measurement, one core, CPU seconds with start and imports, the fastest of"
    yield "repeated runs. Only ours knows what a segment means; the others hand over its text."
    for size in sizes:
        source = scratch / "claims.837"
        claims, segments = write(source, size * 1_000_000)
        megabytes = source.stat().st_size / 1e6
        print(f"{megabytes:.0f} MB", flush=True)
        yield f"\n### {megabytes:.0f} MB of 837P: {claims:,} claims, {segments:,} segments\n"
        yield "| work | CPU seconds | MB per CPU second | segments per CPU second | peak memory, MB |"
        yield "|---|---|---|---|---|"
        for job in JOBS:
            if job == "pyx12" and size > PYX12_MOST_MB:
                continue
            cpu, peak = measure(job, source, claims, times)
            cells = f"{cpu:.1f} | {megabytes / cpu:.1f} | {segments / cpu:,.0f} | {peak:.0f}"
            yield f"| {PATHS[job]} | {cells} |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[20, 200])
    options.add_argument("--times", type=int, default=2, help="runs of each job; the fastest counts")
    options.add_argument("--job", nargs=3, metavar=("JOB", "SOURCE", "OUT"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.job:
        job, source, out = given.job
        os.sched_setaffinity(0, {0})
        claims = JOBS[job](Path(source), Path(out))
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        print(json.dumps({"cpu": cpu, "peak_mb": peak, "claims": claims}))
        return
    with tempfile.TemporaryDirectory() as folder:
        parts = list(report(Path(folder), given.sizes, given.times))
    write_section("837P reader", parts)


if __name__ == "__main__":
    main()
