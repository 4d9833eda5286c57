"""Columns of published tables over versions of the models: added, widened, never lossy."""

import duckdb

from orchestration.close.marts import Mart
from orchestration.errors import CrmMartsError

FORMER = "Of an earlier version of the models; null in months that a later one closed."


def declared_rows(mart: Mart) -> str:
    """SQL of a relation without rows that has a mart's declared columns and types."""
    columns = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in mart.types.items())
    return f"(select {columns} where false)"


def describe_columns(db: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Columns of a relation and their types, as DuckDB writes them."""
    return {name: kind for name, kind, *_ in db.execute(f"describe from {relation}").fetchall()}


def fit_columns(
    db: duckdb.DuckDBPyConnection, table: str, rows: str, *, adopt: bool = False
) -> None:
    """Give a table the columns that hold its own rows and others', none of them altered.

    A column that it lacks is null in its own rows. One of another type keeps its type where that
    holds the others' values too (with `adopt` it takes theirs where that holds its own), else it
    gets a type for both. Raises CrmMartsError where there is none.
    """
    present = describe_columns(db, table)
    for name, kind in describe_columns(db, rows).items():
        if name not in present:
            db.execute(f'alter table {table} add column "{name}" {kind}')
        elif kind != present[name]:
            kinds = (kind, present[name]) if adopt else (present[name], kind)
            chosen = _type_for_both(db, name, {table: present[name], rows: kind}, kinds)
            if chosen != present[name]:
                db.execute(f'alter table {table} alter column "{name}" type {chosen}')


def _type_for_both(
    db: duckdb.DuckDBPyConnection, name: str, kind_of: dict[str, str], kinds: tuple[str, str]
) -> str:
    """The first type in which every value of the column comes back as it was."""
    union = " union all ".join(f'select "{name}" from {relation}' for relation in kind_of)
    for candidate in (*kinds, describe_columns(db, f"({union})")[name]):
        if not any(
            db.execute(
                f"""select 1 from {relation}
                    where try_cast(try_cast("{name}" as {candidate}) as {kind})
                        is distinct from "{name}" limit 1"""
            ).fetchall()
            for relation, kind in kind_of.items()
        ):
            return candidate
    raise CrmMartsError(
        f"column {name} is of type {kinds[0]} in one version of the models and of type "
        f"{kinds[1]} in another, and no type holds the values of both as they are",
        place=f"{next(iter(kind_of))}, {name}",
        remedy="A column that says something else now needs another name in the models. "
        "Nothing was published.",
    )
