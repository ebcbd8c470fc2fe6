"""What changed rules, policies or codes would say of the history, beside what the present ones say.

Both sides are judged in full on copies inside the data root, so the real warehouse, findings and publication
stay as they are; the copies are removed in the end.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb

from ketaclaims import locks
from ketaclaims.errors import KetaclaimsError
from ketaclaims.orchestration.environment import PROJECT_ROOT, TELEMETRY_OFF
from ketaclaims.settings import Settings

_PARTS = ("include/ketaclaims/orchestration/replay.py", "dbt_project/dbt_project.yml", "expectations/suites")
LOCK_WAIT_SECONDS = 600.0

_FLIPS = """
    create temp table flip as
    select
        coalesce(was.rule_id, becomes.rule_id) as rule_id,
        coalesce(was.clinic_id, becomes.clinic_id) as clinic_id,
        coalesce(was.subject, becomes.subject) as subject,
        coalesce(was.subject_key, becomes.subject_key) as subject_key,
        coalesce(was.status, 'clean') as was,
        coalesce(becomes.status, 'clean') as becomes,
        coalesce(was.dollars_at_stake, 0) as was_amount,
        coalesce(becomes.dollars_at_stake, 0) as becomes_amount,
        becomes.status = 'fail' and was.status is distinct from 'fail' and paid.subject_key is not null
            as is_false_hold
    from read_parquet(?) as was
    full join read_parquet(?) as becomes using (rule_id, clinic_id, subject, subject_key)
    left join read_parquet(?) as paid
        on
            paid.subject = coalesce(was.subject, becomes.subject)
            and paid.clinic_id = coalesce(was.clinic_id, becomes.clinic_id)
            and paid.subject_key = coalesce(was.subject_key, becomes.subject_key)
    where was.status is distinct from becomes.status or was.dollars_at_stake <> becomes.dollars_at_stake
"""
_BY_RULE = """
    select
        rule_id,
        count(*) filter (becomes = 'fail' and was <> 'fail'),
        count(*) filter (was = 'fail' and becomes <> 'fail'),
        count(*) filter (becomes = 'not_evaluable' and was <> 'not_evaluable'),
        count(*) filter (was = 'not_evaluable' and becomes <> 'not_evaluable'),
        count(*) filter (was = becomes),
        cast(sum(was_amount) as decimal(18, 2)),
        cast(sum(becomes_amount) as decimal(18, 2)),
        count(*) filter (is_false_hold)
    from flip
    group by rule_id
    order by rule_id
"""
_FLIP_COLUMNS = (
    "rule_id", "clinic_id", "subject", "subject_key", "was", "becomes", "was_amount", "becomes_amount",
    "is_false_hold",
)  # fmt: skip


class RuleFlips(NamedTuple):
    """What changes for one rule; amounts are USD at stake of the findings that change, once per record."""

    rule_id: str
    new_fails: int
    gone_fails: int
    to_not_evaluable: int
    from_not_evaluable: int
    repriced: int  # the same verdict, other money: another rule carries it now, or the fee changed
    amount_before: Decimal
    amount_after: Decimal
    false_holds: int  # new fails on claims the payer paid in full


@dataclass(frozen=True, slots=True)
class Simulation:
    """The flips of one simulation: by rule, and each of them (identifiers inside)."""

    as_of_date: date
    by_rule: tuple[RuleFlips, ...]
    flips: tuple[tuple[object, ...], ...]
    flip_columns: tuple[str, ...] = _FLIP_COLUMNS


def simulate(settings: Settings, project: Path, say: Callable[[str], None]) -> Simulation:
    """Judge the history with the files of ``project`` and with those of this checkout; what differs.

    Raises NO_WAREHOUSE, NO_PROJECT, NOTHING_JUDGED, LOCKED, and SIMULATION_FAILED naming the side that could
    not be built or judged.
    """
    changed = project.absolute()
    missing = [part for part in _PARTS if not (changed / part).exists()]
    if missing:
        raise KetaclaimsError(
            "NO_PROJECT",
            f"it lacks {', '.join(missing)}",
            where=str(project),
            next_step="Give a whole checkout of this repository, e.g. made by `git worktree add`.",
        )
    with _workspace(settings) as folder:
        as_of_date = _copy(settings, folder)
        for side, checkout in (("present", PROJECT_ROOT), ("changed", changed)):
            say(f"Judging the history with the {side} files")
            _run(folder / side, checkout, side, as_of_date)
        say("Comparing the verdicts")
        return _compare(folder, as_of_date)


@contextmanager
def _workspace(settings: Settings) -> Iterator[Path]:
    """A private folder on the disk of the data root, removed in the end."""
    if not settings.warehouse_file.exists():
        raise KetaclaimsError(
            "NO_WAREHOUSE",
            "there is no warehouse yet",
            where=str(settings.warehouse_file),
            next_step="Run the pipeline first.",
        )
    folder = Path(tempfile.mkdtemp(prefix=".simulation-", dir=settings.data_root.absolute()))  # 0700
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _copy(settings: Settings, folder: Path) -> date:
    """Copy warehouse and manifests to both sides as of one moment; returns the business date last judged."""
    lock = settings.warehouse_file.with_suffix(".lock")
    with locks.held(lock, "The warehouse", wait_seconds=LOCK_WAIT_SECONDS):
        with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
            as_of_date = _last_judged(connection)
        for side in ("present", "changed"):
            raw, warehouse = folder / side / "raw", folder / side / "warehouse"
            raw.mkdir(parents=True)
            warehouse.mkdir()
            shutil.copytree(settings.raw_dir / "commits", raw / "commits")
            (raw / "data").symlink_to(settings.raw_dir / "data")  # only read: nothing is committed
            shutil.copyfile(settings.warehouse_file, warehouse / "warehouse.duckdb")
    return as_of_date


def _last_judged(connection: duckdb.DuckDBPyConnection) -> date:
    try:
        row = connection.execute("select max(judged_as_of) from quality.judged_row").fetchone()
    except duckdb.Error:
        row = None
    if row is None or row[0] is None:
        raise KetaclaimsError(
            "NOTHING_JUDGED",
            "no rule has judged anything yet",
            where="the warehouse",
            next_step="Run the pipeline to its end first.",
        )
    judged: date = row[0]
    return judged


def _run(data_root: Path, checkout: Path, side: str, as_of_date: date) -> None:
    environment = {
        **os.environ,
        **TELEMETRY_OFF,
        "PYTHONPATH": str(checkout / "include"),
        "KETACLAIMS_DATA_ROOT": str(data_root),
        "KETACLAIMS_LANDING": str(data_root / "landing"),
    }
    command = [
        sys.executable,
        "-m",
        "ketaclaims.orchestration.replay",
        as_of_date.isoformat(),
        str(data_root),
    ]
    # dbt and libraries may print values; only our own message is passed on
    result = subprocess.run(
        command, env=environment, cwd=data_root, capture_output=True, text=True, check=False
    )
    if result.returncode:
        ours = result.stderr.strip().splitlines()[-1:] if result.returncode == 2 else []
        raise KetaclaimsError(
            "SIMULATION_FAILED",
            "".join(ours) or f"the process ended with {result.returncode}",
            where=f"the {side} files",
            next_step="Mend the files; `make test` in that checkout names what is out of step.",
        )


def _compare(folder: Path, as_of_date: date) -> Simulation:
    with duckdb.connect() as connection:
        connection.execute(
            _FLIPS,
            [
                str(folder / "present" / "verdict.parquet"),
                str(folder / "changed" / "verdict.parquet"),
                str(folder / "present" / "paid.parquet"),
            ],
        )
        by_rule = tuple(RuleFlips(*row) for row in connection.execute(_BY_RULE).fetchall())
        columns = ", ".join(_FLIP_COLUMNS)
        flips = connection.execute(f"select {columns} from flip order by all").fetchall()
    return Simulation(as_of_date, by_rule, tuple(flips))
