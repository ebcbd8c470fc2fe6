"""A small warehouse whose marts have exactly the columns the dbt contracts declare."""

import json
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import typer
import yaml
from typer.testing import CliRunner

from ketaclaims.publish import commands
from ketaclaims.settings import Settings

MARTS_YML = Path(__file__).parents[3] / "dbt_project" / "models" / "marts"
COMMITTED = 7  # newest commit number of the made-up raw store


def contract():
    """{mart: model entry} of every mart yml."""
    models = {}
    for file in sorted(MARTS_YML.rglob("*.yml")):
        for model in yaml.safe_load(file.read_text()).get("models", []):
            models[model["name"]] = model
    return models


def privacy_of(column):
    return column.get("config", {}).get("meta", {}).get("privacy")


def write_manifest(path, models):
    """The part of dbt's manifest.json that publishing reads."""
    nodes = {
        f"model.ketaclaims.{name}": {
            "resource_type": "model",
            "schema": "marts",
            "name": name,
            "alias": name,
            "description": model.get("description", ""),
            "columns": {column["name"]: column for column in model["columns"]},
        }
        for name, model in models.items()
    }
    path.write_text(json.dumps({"nodes": nodes}))
    return path


def build_warehouse(path, models, rows):
    """Write marts with the given rows ({mart: [{column: value}]}); columns not given are null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts; create schema raw")
        con.execute(f"create table raw.ledger_commit as select {COMMITTED} as commit_number")
        for name, model in models.items():
            columns = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in model["columns"])
            con.execute(f"create table marts.{name} ({columns})")
            for row in rows.get(name, []):
                names, marks = ", ".join(f'"{key}"' for key in row), ", ".join("?" for _ in row)
                con.execute(f"insert into marts.{name} ({names}) values ({marks})", list(row.values()))


def install(folder):
    """An empty warehouse with its manifest; ``fill(rows)`` and ``declare(models)`` replace them."""
    models = contract()
    settings = Settings(data_root=folder / "data", _env_file=None)
    manifest = write_manifest(folder / "manifest.json", models)

    def fill(rows):
        build_warehouse(settings.warehouse_file, models, rows)

    def declare(changed):
        write_manifest(manifest, changed)

    fill({})
    return SimpleNamespace(
        settings=settings,
        manifest=manifest,
        fill=fill,
        declare=declare,
        models=models,
        newest_commit=COMMITTED,
    )


@pytest.fixture
def installation(tmp_path):
    """An installation of this test alone."""
    return install(tmp_path)


@pytest.fixture(scope="module")
def shared_installation(tmp_path_factory):
    """An installation the tests of a module share: only for tests that change nothing."""
    return install(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def cli(monkeypatch):
    """The commands of this part on an installation."""
    app = typer.Typer()
    commands.register(app)
    monkeypatch.setenv("COLUMNS", "200")

    def call(installation, *args):
        monkeypatch.setenv("KETACLAIMS_DATA_ROOT", str(installation.settings.data_root))
        return CliRunner().invoke(app, list(args))

    return call
