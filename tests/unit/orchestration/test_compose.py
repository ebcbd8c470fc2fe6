"""docker-compose.yml: what can be checked without a Docker engine."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
# keys of the compose specification that the file may use
SERVICE_KEYS = {
    "build",
    "cap_drop",
    "command",
    "depends_on",
    "environment",
    "healthcheck",
    "image",
    "mem_limit",
}
SERVICE_KEYS |= {"mem_limit", "ports", "restart", "security_opt", "user", "volumes"}
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period"}
AIRFLOW = ["init", "api-server", "scheduler", "dag-processor", "triggerer"]


def test_services_and_keys_stand_in_the_compose_specification():
    assert set(COMPOSE) == {"x-airflow", "services", "volumes"}
    assert sorted(SERVICES) == sorted([*AIRFLOW, "postgres"])
    for service in SERVICES.values():
        assert set(service) <= SERVICE_KEYS
        assert set(service.get("healthcheck", {})) <= HEALTH_KEYS
        assert {volume.split(":")[0] for volume in service["volumes"]} <= {"./data", *COMPOSE["volumes"]}
        assert set(service.get("depends_on", {})) <= set(SERVICES)


def test_every_long_running_service_has_a_health_check():
    assert [name for name, service in SERVICES.items() if "healthcheck" not in service] == ["init"]


def test_no_literal_secret_and_only_loopback_ports():
    for name, value in COMPOSE["x-airflow"]["environment"].items():
        if re.search("SECRET|KEY|PASSWORD|CONN", name):
            assert ":?" in value, name
    assert ":?" in SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"]
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_images_are_pinned():
    images = {service["image"] for service in SERVICES.values()}
    assert images == {"ketaclaims:0.1.0", "${POSTGRES_IMAGE:-postgres:16.10-bookworm}"}
    assert "latest" not in TEXT
    assert re.search(
        r"^ARG BASE_IMAGE=python:\d+\.\d+\.\d+-", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )


@pytest.mark.parametrize("name", [name for name in AIRFLOW if name != "init"])
def test_service_commands_are_airflow_commands(name):
    from airflow.cli.cli_parser import get_parser

    arguments = get_parser().parse_args(SERVICES[name]["command"][1:])
    assert arguments.subcommand == SERVICES[name]["command"][1]


def test_the_compose_tool_accepts_the_file():
    tool = shutil.which("docker-compose")
    if tool is None:
        pytest.skip("no docker-compose on this machine")
    secrets = re.findall(r"\$\{(\w+):\?", TEXT)
    result = subprocess.run(
        [tool, "config", "-q"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **dict.fromkeys(secrets, "x")},
        check=False,
    )
    assert result.returncode == 0
