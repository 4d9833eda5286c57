"""What is wrong with a CRM's folder of models itself, beside its rows."""

from collections.abc import Iterator
from difflib import get_close_matches

import duckdb

from orchestration.checks.conformance import Finding
from orchestration.settings import contract_tables

# Beside the contract's columns a model carries when its versions were known.
VERSION_COLUMNS = {"known_from", "known_to", "is_latest", "is_baseline", "loaded_at"}
VERSIONED = {"clients": "client_versions", "interactions": "interaction_versions"}
LIKENESS = 0.65


def folder_findings(db: duckdb.DuckDBPyConnection, crm: str) -> Iterator[Finding]:
    """Judge the built models of a CRM, which stand in schema staging of `db`."""
    yield _finding(
        "quarantine is complete",
        list(_forgotten(db, crm)),
        f"Name each staging model in {crm}__quarantine.sql: a forgotten one loses its unusable "
        "rows.",
    )
    yield _finding(
        "names of the contract",
        [*_misspelt_tables(db, crm), *_misspelt_columns(db, crm)],
        "A model or column that the contract does not have reaches no report; its names stand in "
        "models/canonical/_canonical__models.yml.",
    )


def _finding(name: str, details: list[str], remedy: str) -> Finding:
    return Finding(name, "FIX" if details else "ok", details, remedy)


def _columns(db: duckdb.DuckDBPyConnection, schema: str) -> dict[str, set[str]]:
    rows = db.execute(
        """select table_name, list(column_name) from duckdb_columns()
           where schema_name = ? and not internal group by table_name order by table_name""",
        [schema],
    ).fetchall()
    return {table: set(columns) for table, columns in rows}


def _forgotten(db: duckdb.DuckDBPyConnection, crm: str) -> Iterator[str]:
    for model, columns in _columns(db, "staging").items():
        if model.startswith(f"stg_{crm}__") and {"quarantine_reason", "_line"} <= columns:
            [(count,)] = db.execute(
                f"""select count(*) from staging.{model} as staged
                    anti join canonical.quarantine as kept
                        on staged._load_id = kept.load_id and staged._file = kept.file_name
                        and staged._line = kept.line_number
                    where staged.quarantine_reason is not null"""
            ).fetchall()
            if count:
                yield f"{model}: {count:,} unusable rows are not in {crm}__quarantine"


def _misspelt_tables(db: duckdb.DuckDBPyConnection, crm: str) -> Iterator[str]:
    yielded = contract_tables(crm)
    contract = set(_columns(db, "canonical")) - set(VERSIONED.values())
    missing = sorted(contract - set(yielded))
    for name in yielded:
        if name not in contract and (like := get_close_matches(name, missing, 1, LIKENESS)):
            yield f"{crm}__{name}: the contract has no table {name}; did you mean {like[0]}?"


def _misspelt_columns(db: duckdb.DuckDBPyConnection, crm: str) -> Iterator[str]:
    contract, built = _columns(db, "canonical"), _columns(db, "staging")
    for table in contract_tables(crm):
        known = contract.get(VERSIONED.get(table, table), set()) | VERSION_COLUMNS
        given = built.get(f"{crm}__{table}", set())
        if table in contract:
            for column in sorted(given - known):
                if like := get_close_matches(column, sorted(known - given), 1, LIKENESS):
                    yield (
                        f"{crm}__{table}: the contract has no column {column}; "
                        f"did you mean {like[0]}?"
                    )
