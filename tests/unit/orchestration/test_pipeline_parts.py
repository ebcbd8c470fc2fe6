import json
import multiprocessing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ketaclaims import locks
from ketaclaims.errors import KetaclaimsError
from ketaclaims.settings import Settings


def hold(path: Path, taken, done):
    with locks.held(path, "The thing"):
        taken.set()
        done.wait(10)


def test_a_lock_names_its_holder_and_is_free_after_it(tmp_path):
    context = multiprocessing.get_context("spawn")
    taken, done = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(tmp_path / "a.lock", taken, done))
    holder.start()
    assert taken.wait(20)
    in_use = pytest.raises(KetaclaimsError, match=rf"LOCKED: The thing is in use by process {holder.pid}\b")
    with in_use, locks.held(tmp_path / "a.lock", "The thing"):
        pytest.fail("two holders")
    holder.kill()
    holder.join()
    with locks.held(tmp_path / "a.lock", "The thing", wait_seconds=5):
        assert (tmp_path / "a.lock").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("parameter", "run_type", "logical", "expected"),
    [
        ("2026-03-31", "backfill", datetime(2026, 1, 5, tzinfo=UTC), "2026-03-31"),
        (None, "backfill", datetime(2026, 1, 5, tzinfo=UTC), "2026-01-05"),
        (None, "asset_triggered", None, datetime.now(UTC).date().isoformat()),
        (None, "scheduled", datetime(2026, 1, 5, tzinfo=UTC), datetime.now(UTC).date().isoformat()),
    ],
)
def test_the_business_date_of_a_run(monkeypatch, parameter, run_type, logical, expected):
    from ketaclaims.orchestration import pipeline

    monkeypatch.delenv("KETACLAIMS_AS_OF_DATE", raising=False)
    assert pipeline.business_date(parameter, run_type, logical) == expected


def test_a_date_before_the_served_publication_is_a_look_back(tmp_path):
    from ketaclaims.orchestration import pipeline

    settings = Settings(data_root=tmp_path)
    assert not pipeline.is_historical(settings, date(2020, 1, 1))
    current = settings.published_dir / "current"
    current.mkdir(parents=True)
    (current / "publication.json").write_text(json.dumps({"as_of_date": "2026-02-15"}))
    assert pipeline.is_historical(settings, date(2026, 2, 14))
    assert not pipeline.is_historical(settings, date(2026, 2, 15))


@pytest.mark.parametrize(("severity", "blocks"), [("critical", True), ("warning", False)])
def test_only_a_failure_that_blocks_publishing_is_told_as_one(tmp_path, monkeypatch, severity, blocks):
    from airflow.sdk.exceptions import AirflowFailException

    from ketaclaims.orchestration import pipeline
    from ketaclaims.quality import contracts

    monkeypatch.setenv("KETACLAIMS_DATA_ROOT", str(tmp_path))
    failure = contracts.ContractFailure("contract_x", "marts.x", "expect_y", ("z",), severity, 3)
    result = contracts.ContractResult("marts", 1, (failure,))
    monkeypatch.setattr(contracts, "check_contracts", lambda *_: result)
    if blocks:
        with pytest.raises(AirflowFailException, match=r"contract_x: expect_y\(z\), 3 rows"):
            pipeline.check_contracts("marts")
    else:
        pipeline.check_contracts("marts")
    told = json.loads((tmp_path / "quality" / "contract_failures_marts.json").read_text())
    assert bool(told) is blocks
