"""Which rules can be judged with the data given, per clinic, and which column or table the others lack.

Measured on the rows of the raw store that count, deleted records left out: a rule is evaluable when every
column its facts are made of holds a value somewhere in the clinic's data. That says nothing of single
subjects: those whose own inputs are missing are ``not_evaluable`` findings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import duckdb
import pyarrow as pa

from ketaclaims.ehr.schema import CanonicalTable, canonical_tables
from ketaclaims.quality.fact_inputs import (
    Alternatives,
    FactInputs,
    inputs_of,
    load_fact_inputs,
    rule_facts,
    undeclared,
)
from ketaclaims.quality.rules import Rule, load_catalogue
from ketaclaims.raw.ledger import open_ledger
from ketaclaims.settings import Settings

State = Literal["evaluable", "not_evaluable", "undeclared"]
Filled = Mapping[str, tuple[int, Mapping[str, int]]]  # table -> rows, filled values per column


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """One rule at one clinic. ``lacking``: a table never delivered, or a column never filled."""

    clinic_id: str
    rule_id: str
    code: str
    title: str
    state: State
    lacking: tuple[str, ...]
    least_filled_column: str | None
    least_filled_share: float | None  # of the table's rows, 0 to 1


def coverage(settings: Settings, clinic_id: str | None = None) -> list[RuleCoverage]:
    """Every rule of the catalogue at every clinic that delivered anything, or at one."""
    rules, declared = load_catalogue(), load_fact_inputs()
    facts = rule_facts(rules)
    clinics = filled_columns(settings)
    return [
        judge(clinic, rule, facts[rule.rule_id], declared, filled)
        for clinic, filled in sorted(clinics.items())
        if clinic_id in (None, clinic)
        for rule in rules
    ]


def judge(
    clinic_id: str, rule: Rule, facts: Iterable[str], declared: FactInputs, filled: Filled
) -> RuleCoverage:
    """One rule at one clinic."""
    facts = tuple(facts)
    unknown = undeclared(rule, facts, declared)
    inputs = [each for each in inputs_of(rule, facts, declared) if not any(c.startswith("(") for c in each)]
    lacking = tuple(dict.fromkeys(_lacking(each, filled) for each in inputs if _share(each, filled) == 0))
    shares = {" | ".join(each): _share(each, filled) for each in inputs}
    least = min(shares, key=lambda name: shares[name], default=None)
    state: State = "not_evaluable" if lacking else "undeclared" if unknown else "evaluable"
    return RuleCoverage(
        clinic_id,
        rule.rule_id,
        rule.code,
        rule.title,
        state,
        lacking or tuple(f"inputs of {fact}" for fact in unknown),
        least,
        None if least is None else shares[least],
    )


def _share(alternatives: Alternatives, filled: Filled) -> float:
    """Filled share of the best of the alternatives; 0 for what was never delivered."""
    return max(_share_of(column, filled) for column in alternatives)


def _share_of(column: str, filled: Filled) -> float:
    table, name = column.split(".")
    rows, values = filled.get(table, (0, {}))
    return values.get(name, 0) / rows if rows else 0.0


def _lacking(alternatives: Alternatives, filled: Filled) -> str:
    """The input as a person should ask for it: the whole table when no row of it ever came."""
    asked = [name if name.split(".")[0] in filled else name.split(".")[0] for name in alternatives]
    return " or ".join(dict.fromkeys(asked))


def filled_columns(settings: Settings) -> dict[str, dict[str, tuple[int, dict[str, int]]]]:
    """clinic_id -> table -> (rows that count, filled values per column), from the raw store."""
    found: dict[str, dict[str, tuple[int, dict[str, int]]]] = {}
    with open_ledger(settings) as ledger, duckdb.connect() as connection:
        active = ledger.rows(
            "select file_sha256, commit_id from active_inputs join commits using (commit_number)"
        )
        columns = list(zip(*active, strict=True)) or [(), ()]
        texts = [pa.array(values, pa.string()) for values in columns]
        connection.register("active_inputs", pa.table(dict(zip(("sha", "commit_id"), texts, strict=True))))
        for table in canonical_tables().values():
            files = ledger.rows(
                "select distinct relative_path from data_files join active_inputs using (commit_number)"
                " where table_name = ?",
                (table.name,),
            )
            paths = [str(settings.raw_dir / row[0]) for row in files]
            for clinic, rows, values in _counted(connection, table, paths) if paths else ():
                found.setdefault(clinic, {})[table.name] = (rows, values)
    return found


def _counted(
    connection: duckdb.DuckDBPyConnection, table: CanonicalTable, paths: list[str]
) -> Iterable[tuple[str, int, dict[str, int]]]:
    relation = connection.read_parquet(paths, union_by_name=True)
    names = [column.name for column in table.columns if column.name in relation.columns]
    counts = ", ".join(f'count("{name}")' for name in names)
    rows = connection.execute(
        f"select clinic_id, count(*), {counts} from read_parquet(?, union_by_name = true) as given"
        " semi join active_inputs on given._file_sha256 = active_inputs.sha"
        " and given._commit_id = active_inputs.commit_id"
        " where clinic_id is not null and not coalesce(is_deleted, false) group by clinic_id",
        [paths],
    ).fetchall()
    for clinic, count, *values in rows:
        yield clinic, count, dict(zip(names, values, strict=True))
