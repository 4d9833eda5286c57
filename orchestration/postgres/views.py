"""The views of the schema serving on the server."""

import re
from typing import TYPE_CHECKING

import duckdb

from orchestration.close.views import SCHEMA, VIEWS_DIR
from orchestration.postgres.relations import Column, Relation, describe, released

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

PROBE = "pg_temp.crm_marts_probe"


def released_views(db: duckdb.DuckDBPyConnection, schema: str) -> list[Relation]:
    """Views of the release that the code still defines, as they are called on the server."""
    views = released(db, "release", SCHEMA, schema)
    return [view for view in views if (VIEWS_DIR / f"{view.name}.sql").is_file()]


def put_view(
    cursor: "cursor", view: Relation, existing: Relation | None, marts_schema: str
) -> None:
    """Make a view where there is none, or where its definition is another; describe it.

    A view reads with its reader's rights, so that grants and row policies of the marts hold. One
    that stays as it is keeps its readers undisturbed; columns that are new to it come last.
    """
    known = [column.name for column in existing.columns] if existing else []
    ordered = sorted(view.columns, key=lambda column: _place(column, known))
    query = _query(view, ordered, marts_schema)
    cursor.execute(f"create view {PROBE} as {query}")
    cursor.execute(
        "select pg_get_viewdef(%s::regclass) = pg_get_viewdef(to_regclass(%s))",
        [PROBE, view.target],
    )
    if cursor.fetchall() != [(True,)]:
        cursor.execute(
            f"create or replace view {view.target} with (security_invoker = true) as {query}"
        )
    cursor.execute(f"drop view {PROBE}")
    describe(cursor, view, existing, "view")


def _place(column: Column, known: list[str]) -> int:
    return known.index(column.name) if column.name in known else len(known)


def _query(view: Relation, columns: list[Column], marts_schema: str) -> str:
    definition = (VIEWS_DIR / f"{view.name}.sql").read_text(encoding="utf-8")
    named = re.sub(r"\bmarts\.", f'"{marts_schema}".', definition)
    listed = ", ".join(f'"{column.name}"' for column in columns)
    return f"with definition as (\n{named}) select {listed} from definition"
