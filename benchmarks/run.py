"""``make bench``: measure the 835 reader and its peers in one run, and write docs/benchmarks.md.

Every measurement is a process of its own on one core, one after the other. Only ratios within one run mean
anything; the page says so.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from generate import write_of_claims, write_of_size
from page import write_section

HERE = Path(__file__).resolve().parent
PEER_MEGABYTES = 20
MANY_CLAIMS = 1_000_000
HUGE_MEGABYTES = 2000
ROUNDS = 2
PEERS = {
    "edi_835_parser": "edi-835-parser: objects and a data frame, one transaction a file",
    "openx12": "openx12: one dictionary, amounts as floats, payments merged into one, `~*:` only",
    "pyx12_segments": "pyx12: segments only, no claims",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: CPU seconds (``writing``: of them in Parquet), peak memory, what it counted.

    ``fault`` says why there is none.
    """

    cpu: float = 0.0
    peak_mb: float = 0.0
    claims: int | None = None
    paid: str | None = None
    rows: int | None = None
    writing: float = 0.0
    fault: str = ""


def start(job: str, source: Path, out: Path, core: int, python: str) -> subprocess.Popen[str]:
    command = [python, str(HERE / "jobs.py"), job, str(source), str(out), str(core)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "include"), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process: subprocess.Popen[str]) -> Measured:
    output, errors = process.communicate()
    if process.returncode:
        return Measured(fault=(errors.strip().splitlines() or ["no message"])[-1])
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    names = ("cpu", "peak_mb", "claims", "paid", "rows", "writing")
    return Measured(**{name: found[name] for name in names if name in found})


def measure(job: str, source: Path, out: Path, python: str = sys.executable) -> Measured:
    """Run one job in its own process; its output folder is gone afterwards, unless it feeds the next job."""
    shutil.rmtree(out, ignore_errors=True)
    result = finish(start(job, source, out, 0, python))
    print(f"  {job}: {result.fault or f'{result.cpu:.1f} CPU-s, {result.peak_mb:.0f} MB'}", flush=True)
    return result


def best(job: str, source: Path, out: Path, times: int, python: str = sys.executable) -> Measured:
    """The fastest of several runs: what disturbs a run only ever makes it slower."""
    return min((measure(job, source, out, python) for _ in range(times)), key=lambda run: run.cpu)


def ratio(other: Measured, mine: Measured) -> str:
    return f"{other.cpu / mine.cpu:.2f}" if mine.cpu and other.cpu else "-"


def row(what: str, size: float, run: Measured, against: Measured) -> str:
    if run.fault:
        return f"| {what} | left out: {run.fault[:80]} | | | |"
    return f"| {what} | {run.cpu:.1f} | {size / run.cpu:.1f} | {run.peak_mb:.0f} | {ratio(run, against)} |"


HEAD = (
    "| {what} | CPU seconds | MB per CPU second | peak memory, MB | CPU against ours |\n|---|---|---|---|---|"
)


def sizes_part(scratch: Path, megabytes: int, times: int) -> Iterator[str]:
    print(f"{megabytes} MB", flush=True)
    source, tables, rows = scratch / "sized.835", scratch / "tables", scratch / "csv"
    claims = write_of_size(source, megabytes)
    size = source.stat().st_size / 1e6
    mine = best("ours", source, tables, times)
    read = best("ours_read", source, scratch / "none", times)
    measure("to_csv", tables, rows)
    floor = best("csv_to_parquet", rows, scratch / "floor", times)
    theirs = {job: best(job, source, scratch / "none", times) for job in ("oxedi_whole", "oxedi_stream")}
    for name, run in {"ours": mine, "ours_read": read, **theirs}.items():
        if not run.fault and (run.claims, run.paid) != (claims, mine.paid):
            raise SystemExit(f"{name} did not read every claim")
    if not floor.fault and floor.rows != mine.rows:
        raise SystemExit("the CSV floor is not of the same rows")
    yield f"\n### {megabytes} MB, {claims:,} claims, {mine.rows or 0:,} rows\n"
    yield HEAD.format(what="work")
    yield row("ours: read, check, twelve zstd Parquet tables", size, mine, mine)
    yield row("ours: read and check only, the same rows as Arrow", size, read, mine)
    yield row("oxedi `parse_file`: read only", size, theirs["oxedi_whole"], mine)
    yield row("oxedi `stream`: read only", size, theirs["oxedi_stream"], mine)
    yield row("pyarrow: the same rows, CSV to zstd Parquet, no checks", size, floor, mine)
    yield from against_oxedi(mine, read, theirs["oxedi_whole"])
    for folder in (tables, rows, scratch / "floor"):
        shutil.rmtree(folder, ignore_errors=True)
    source.unlink()


def against_oxedi(mine: Measured, read: Measured, oxedi: Measured) -> Iterator[str]:
    """What is fair to compare, and what no reader that also writes could reach."""
    if oxedi.fault:
        return
    wanted = oxedi.cpu / 4
    yield (
        f"\nRead only against read only, oxedi takes {ratio(oxedi, read)} times our CPU. Of our"
        f" {mine.cpu:.1f} s, {mine.writing:.1f} s are writing Parquet. Four times oxedi's speed would be"
        f" {wanted:.2f} s in all: writing alone takes {mine.writing / wanted:.1f} times that."
    )


def huge_part(scratch: Path, megabytes: int) -> Iterator[str]:
    """Memory at a size the others are not asked to hold."""
    print(f"{megabytes} MB", flush=True)
    source = scratch / "huge.835"
    claims = write_of_size(source, megabytes)
    size = source.stat().st_size / 1e6
    mine = measure("ours", source, scratch / "tables")
    if mine.claims != claims:
        raise SystemExit(mine.fault or "not every claim was read")
    yield f"\n### {megabytes:,} MB, {claims:,} claims, {mine.rows or 0:,} rows\n"
    yield HEAD.format(what="work")
    yield row("ours: read, check, twelve zstd Parquet tables", size, mine, mine)
    shutil.rmtree(scratch / "tables", ignore_errors=True)
    source.unlink()


def peers_part(scratch: Path, peers: str) -> Iterator[str]:
    print("pure-Python peers", flush=True)
    source = scratch / "peers.835"
    claims = write_of_claims(source, 1, PEER_MEGABYTES * 5_000)
    size = source.stat().st_size / 1e6
    mine = measure("ours", source, scratch / "tables")
    yield f"\n### Pure-Python readers, {size:.0f} MB in one transaction, {claims:,} claims\n"
    yield HEAD.format(what="work")
    yield row("ours: read, check, twelve zstd Parquet tables", size, mine, mine)
    for job, what in PEERS.items():
        run = measure(job, source, scratch / "none", peers)
        note = "" if run.fault or run.claims == claims else f" (found {run.claims} claims)"
        yield row(what + note, size, run, mine)
    source.unlink()


def one_or_many_part(scratch: Path, claims: int) -> Iterator[str]:
    print(f"one ST of {claims:,} claims, or {claims // 1000:,} of 1,000", flush=True)
    yield f"\n### {claims:,} claims: one transaction, or {claims // 1000:,} of 1,000\n"
    yield "| file | CPU seconds | CPU seconds per 1,000 claims | peak memory, MB |\n|---|---|---|---|"
    for name, payments in (("one transaction", 1), (f"{claims // 1000:,} transactions", claims // 1000)):
        source = scratch / "many.835"
        write_of_claims(source, payments, claims // payments)
        run = measure("ours", source, scratch / "tables")
        if run.claims != claims:
            raise SystemExit(run.fault or "not every claim was read")
        per_thousand = run.cpu / claims * 1000
        size = source.stat().st_size / 1e6
        yield f"| {name}, {size:.0f} MB | {run.cpu:.1f} | {per_thousand:.4f} | {run.peak_mb:.0f} |"
        source.unlink()


def together(scratch: Path, sources: list[Path]) -> tuple[float, float]:
    """Read files at once, a core each: elapsed seconds, and CPU seconds of the slowest."""
    began = time.perf_counter()
    running = [
        start("ours", source, scratch / f"tables-{core}", core, sys.executable)
        for core, source in enumerate(sources)
    ]
    finished = [finish(process) for process in running]
    elapsed = time.perf_counter() - began
    for core in range(len(sources)):
        shutil.rmtree(scratch / f"tables-{core}", ignore_errors=True)
    if any(one.fault for one in finished):
        raise SystemExit("a file of the pair was not read")
    return elapsed, max(one.cpu for one in finished)


def two_cores_part(scratch: Path, megabytes: int) -> Iterator[str]:
    print("two files on two cores", flush=True)
    sources = [scratch / "first.835", scratch / "second.835"]
    for seed, source in enumerate(sources):
        write_of_size(source, megabytes, seed)
    rounds = [[together(scratch, chosen) for chosen in (sources[:1], sources)] for _ in range(ROUNDS)]
    elapsed, cpu = ([min(each[at][k] for each in rounds) for at in range(2)] for k in range(2))
    yield f"\n### Two files of {megabytes} MB on two cores\n"
    yield "| files | elapsed seconds | CPU seconds of the slower |\n|---|---|---|"
    yield f"| one | {elapsed[0]:.1f} | {cpu[0]:.1f} |"
    yield f"| two at once, a core each | {elapsed[1]:.1f} | {cpu[1]:.1f} |"
    yield (
        f"\nTogether {elapsed[1] / elapsed[0]:.2f} times as long as one alone, "
        f"{cpu[1] / cpu[0]:.2f} times the CPU each.\n"
    )


def start_part(scratch: Path) -> Iterator[str]:
    """What each costs before it reads; a run beforehand compiles and caches what is compiled at first use."""
    print("start", flush=True)
    source = scratch / "small.835"
    write_of_size(source, 1)
    measure("ours", source, scratch / "tables")
    yield "\n### Start: 1 MB, most of it spent before reading\n"
    yield "| work | CPU seconds | peak memory, MB |\n|---|---|---|"
    for name, job in (("ours", "ours"), ("oxedi `parse_file`", "oxedi_whole")):
        run = measure(job, source, scratch / "tables")
        yield (
            f"| {name} | left out: {run.fault[:80]} | |"
            if run.fault
            else (f"| {name} | {run.cpu:.1f} | {run.peak_mb:.0f} |")
        )
    source.unlink()


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores, {models[0] if models else 'unknown processor'}"


def introduction(command: str) -> str:
    return f"""Made by `{command}` on {date.today()}; {machine()}; Python {sys.version.split()[0]}. Written by
`benchmarks/run.py`, do not edit.

One run, each measurement a process of its own on one core, one after the other; of repeated runs the fastest
counts. CPU seconds include starting Python and its imports, not a first compilation. The files are generated
(`benchmarks/generate.py`): realistic professional claims that balance. Only the ratios within a run carry
over to another machine, and a busy neighbour moves them too{busy()}.
A peer that is not installed is left out; the claims each tool found are checked against the generator.
"""


def busy() -> str:
    load = os.getloadavg()[0]
    return f" (load average when the run began: {load:.1f})"


def measurements(scratch: Path, options: argparse.Namespace) -> Iterator[Iterator[str]]:
    """The parts of the page in their order; each is on the page before the next begins."""
    sizes = [int(size) for size in options.sizes.split(",")]
    yield start_part(scratch)
    for megabytes in sizes:
        yield sizes_part(scratch, megabytes, options.times)
    if options.huge:
        yield huge_part(scratch, HUGE_MEGABYTES)
    yield two_cores_part(scratch, min(sizes))
    yield peers_part(scratch, options.peers)
    yield one_or_many_part(scratch, options.claims)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="20,200", help="megabytes, comma-separated")
    parser.add_argument("--huge", action="store_true", help="our memory at 2,000 MB as well")
    parser.add_argument("--times", type=int, default=2, help="runs per measurement")
    parser.add_argument("--claims", type=int, default=MANY_CLAIMS, help="claims of the one-or-many part")
    parser.add_argument("--peers", default=sys.executable, help="Python with benchmarks/requirements.txt")
    parser.add_argument("--scratch", type=Path, help="folder for generated files (some GB)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ketaclaims-bench-", dir=options.scratch) as folder:
        scratch = Path(folder)
        chosen = " ".join(argument for argument in sys.argv[1:] if not argument.startswith(("--peers", "/")))
        parts = [introduction("make bench" + (f' BENCH="{chosen}"' if chosen else ""))]
        for part in measurements(scratch, options):
            parts += part
            write_section("835 reader", parts)


if __name__ == "__main__":
    main()
