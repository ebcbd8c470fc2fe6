"""The data dictionary: every published table and every audit model with its columns, from dbt's own files."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ketaclaims.errors import KetaclaimsError
from ketaclaims.orchestration.environment import DBT_PROJECT

HEAD = """# Data dictionary

Made from the dbt models by `make docs`. Marts are published (`data/published/current`): `plain` columns as
they are, `pseudonymise` ones as keyed hashes that still join, `withhold` ones not at all. Audit models stay
in the private warehouse; they hold the facts the rules judge. Money is USD.
"""
LAYERS = {"marts": "Marts", "audit": "Audit models"}
TOPIC_FACTS = re.compile(r"int_ehr__(line|claim|encounter|administration|prior_auth)_\w+_facts")


def as_markdown(manifest: Mapping[str, Any]) -> str:
    """The page; one section per model, in the order of layers and names."""
    parts = [HEAD]
    for schema, title in LAYERS.items():
        models = [
            n for n in manifest["nodes"].values() if n["resource_type"] == "model" and n["schema"] == schema
        ]
        parts.append(f"\n## {title}\n")
        for model in sorted(models, key=lambda node: node["name"]):
            parts.extend(_model(model))
    topics = [n for n in manifest["nodes"].values() if TOPIC_FACTS.fullmatch(n["name"])]
    parts.append("\n## Facts by topic\n\nThe audit models take over these columns.\n")
    for model in sorted(topics, key=lambda node: node["name"]):
        parts.extend(_model(model))
    return "".join(parts)


def _model(model: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n### {model['name']}\n{_line(model['description'])}\n\n"
    yield "| column | type | privacy | meaning |\n|---|---|---|---|\n"
    for column in model["columns"].values():
        privacy = column.get("config", {}).get("meta", {}).get("privacy", "private")
        kind, meaning = column.get("data_type") or "", _line(column["description"])
        yield f"| `{column['name']}` | {kind} | {privacy} | {meaning} |\n"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def parsed_manifest(target: Path) -> dict[str, Any]:
    """dbt's manifest of the project as it stands, parsed into ``target`` without a warehouse."""
    from dbt.cli.main import dbtRunner

    arguments = ["parse", "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--quiet"]
    outcome = dbtRunner().invoke([*arguments, "--target-path", str(target), "--log-path", str(target)])
    if not outcome.success:
        raise KetaclaimsError("PARSE_FAILED", "dbt cannot parse the project.", where=str(DBT_PROJECT))
    manifest: dict[str, Any] = json.loads((target / "manifest.json").read_text())
    return manifest
