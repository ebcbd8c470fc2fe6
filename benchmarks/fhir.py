"""``python benchmarks/fhir.py``: the FHIR reader beside plain JSON reading; its part of docs/benchmarks.md.

Every job is a process of its own on one core, one after the other; CPU seconds include imports. The others
only read: none of them gives canonical rows, decides on units or keeps what it does not know.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from generate_fhir import write_fhir
from page import write_section

HERE = Path(__file__).resolve().parent
CHUNK_LINES = 20_000

Counted = dict[str, Any]


def ours(source: Path, out: Path) -> Counted:
    from ketaclaims.ehr.fhir.reader import read_fhir
    from ketaclaims.raw.contract import ReadContext
    from ketaclaims.raw.sink import ParquetSink

    sink = ParquetSink(out, "bench")
    sink.start("0" * 64)
    report = read_fhir(source, ReadContext("0" * 64, "bench", clinic_id="C1"), sink)
    sink.close()
    if report.status != "clean":
        raise SystemExit(f"the generated file was read as {report.status}")
    return {"resources": sum(report.rows.values())}  # the generated resources give one row each


def json_loads(source: Path, out: Path) -> Counted:
    with source.open("rb") as stream:
        return {"resources": sum(1 for line in stream if json.loads(line))}


def msgspec_decode(source: Path, out: Path) -> Counted:
    import msgspec

    decode = msgspec.json.Decoder().decode
    with source.open("rb") as stream:
        return {"resources": sum(1 for line in stream if decode(line))}


def pandas_chunks(source: Path, out: Path) -> Counted:
    import pandas as pd

    with pd.read_json(source, lines=True, chunksize=CHUNK_LINES, convert_dates=False) as chunks:
        return {"resources": sum(len(chunk) for chunk in chunks)}


def pandas_normalize(source: Path, out: Path) -> Counted:
    import pandas as pd

    def chunks() -> Iterator[list[Any]]:
        held: list[Any] = []
        with source.open("rb") as stream:
            for line in stream:
                held.append(json.loads(line))
                if len(held) == CHUNK_LINES:
                    yield held
                    held = []
        yield held

    return {"resources": sum(len(pd.json_normalize(held)) for held in chunks())}


def pyarrow_whole(source: Path, out: Path) -> Counted:
    import pyarrow as pa
    from pyarrow import json as pj

    pa.set_cpu_count(1)
    options = pj.ReadOptions(use_threads=False, block_size=8_000_000)
    return {"resources": pj.read_json(source, read_options=options).num_rows}


JOBS: dict[str, tuple[Callable[[Path, Path], Counted], str]] = {
    "ours": (ours, "ours: map, check, account, canonical zstd Parquet tables"),
    "json_loads": (json_loads, "json.loads: dictionaries, thrown away"),
    "msgspec_decode": (msgspec_decode, "msgspec: dictionaries, thrown away"),
    "pandas_chunks": (pandas_chunks, "pandas.read_json in chunks: nested cells as they are"),
    "pandas_normalize": (
        pandas_normalize,
        "json.loads + pandas.json_normalize in chunks: lists not unfolded",
    ),
    "pyarrow_whole": (pyarrow_whole, "pyarrow.json.read_json: nested columns, the file at once"),
}


def work(name: str, source: Path, out: Path) -> None:
    """The measured process."""
    os.sched_setaffinity(0, {0})
    counted = JOBS[name][0](source, out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6
    print(json.dumps({"cpu": cpu, "peak_mb": peak, **counted}))


def measure(name: str, source: Path, out: Path) -> Counted:
    shutil.rmtree(out, ignore_errors=True)
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "include"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--job", name, "--source", str(source), "--out", str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"fault": (done.stderr.strip().splitlines() or ["no message"])[-1][:80]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def table(source: Path, out: Path, resources: int, times: int) -> Iterator[str]:
    size = source.stat().st_size / 1e6
    yield f"\n### {size:.0f} MB of NDJSON, {resources:,} resources\n"
    yield "| work | CPU seconds | MB per CPU second | resources per CPU second | peak memory, MB |"
    yield "|---|---|---|---|---|"
    for name, (_, what) in JOBS.items():
        run = min((measure(name, source, out) for _ in range(times)), key=lambda one: one.get("cpu", 1e9))
        print(f"  {name}: {run}", flush=True)
        if "fault" in run:
            yield f"| {what} | left out: {run['fault']} | | | |"
            continue
        if run["resources"] != resources:
            raise SystemExit(f"{name} did not read every resource")
        cpu, rate = run["cpu"], resources / run["cpu"]
        yield f"| {what} | {cpu:.1f} | {size / cpu:.1f} | {rate:,.0f} | {run['peak_mb']:.0f} |"


def introduction() -> str:
    load = os.getloadavg()[0]
    return f"""Made by `python benchmarks/fhir.py` on {date.today()}, load average {load:.1f} when it began.
Each measurement is a process of its own on one core; of repeated runs the fastest counts; CPU seconds include
starting Python and its imports. The file is generated (`benchmarks/generate_fhir.py`): visits,
administrations, blood pressures, scores, diagnoses, orders and procedures as a practice's bulk export mixes
them. Only ours gives canonical rows; the others show what reading alone costs.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="20,200", help="megabytes, comma-separated")
    parser.add_argument("--times", type=int, default=2, help="runs per measurement")
    parser.add_argument("--job", choices=sorted(JOBS), help="internal: the measured process")
    parser.add_argument("--source", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.job:
        work(options.job, options.source, options.out)
        return
    parts = [introduction()]
    with tempfile.TemporaryDirectory(prefix="ketaclaims-bench-") as folder:
        for megabytes in map(int, options.sizes.split(",")):
            source = Path(folder) / "bulk.ndjson"
            resources = write_fhir(source, megabytes)
            parts += table(source, Path(folder) / "tables", resources, options.times)
    write_section("FHIR reader", parts)


if __name__ == "__main__":
    main()
