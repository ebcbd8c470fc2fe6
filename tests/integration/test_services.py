"""The commands of docker-compose.yml, started natively: all become healthy and a DAG runs on them."""

import json
import os
import re
import shlex
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
PORT = "18080"

pytestmark = pytest.mark.slow


def environment(home: Path) -> dict[str, str]:
    """The services' own environment, with SQLite for PostgreSQL and this machine's paths."""
    values = {
        name: re.sub(r"\$\{\w+:[?-]([^}]*)\}", r"\1", str(value))
        for name, value in SERVICES["scheduler"]["environment"].items()
    }
    return {
        **os.environ,
        **values,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{PORT}/execution/",
        "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of this test that is long enough",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "KETACLAIMS_DATA_ROOT": str(home / "data"),
        "KETACLAIMS_PSEUDONYM_SECRET": "a secret of this test that is long enough",
        "PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}",
    }


def command_of(name: str) -> list[str]:
    return [part.replace("8080", PORT) for part in SERVICES[name]["command"]]


def wait_until(check, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "not ready in time"
        time.sleep(2)


def health() -> dict:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v2/monitor/health", timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return {}


def test_services_become_healthy_and_run_a_dag(tmp_path):
    settings = environment(tmp_path)
    (tmp_path / "data" / "landing").mkdir(parents=True)
    subprocess.run(command_of("init"), env=settings, check=True, timeout=120)
    started = []
    try:
        for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
            log = (tmp_path / f"{name}.log").open("wb")
            started.append(
                subprocess.Popen(
                    command_of(name), env=settings, stdout=log, stderr=log, start_new_session=True
                )
            )
        parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
        wait_until(lambda: all(health().get(part, {}).get("status") == "healthy" for part in parts), 150)

        def airflow(arguments: str) -> str:
            return subprocess.run(
                ["airflow", *shlex.split(arguments)],
                env=settings,
                capture_output=True,
                text=True,
                check=False,
            ).stdout

        wait_until(lambda: "ingest_remittances" in airflow("dags list -o plain"), 60)
        airflow("dags trigger ingest_remittances --run-id by_hand")
        wait_until(lambda: "success" in airflow("dags state ingest_remittances by_hand"), 120)
    finally:
        for process in started:  # a task at work would wait for the API server, so nothing is asked politely
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
