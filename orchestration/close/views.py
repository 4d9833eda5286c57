"""Views of the serving file: closed months beside what is known now, which no mart holds."""

from pathlib import Path

import duckdb

from orchestration.close.columns import FORMER
from orchestration.raw.kept import literal

VIEWS_DIR = Path(__file__).with_name("views")
SCHEMA = "serving"

# What the views add to the columns of the marts, which keep their own descriptions.
ADDED_COLUMNS = {
    "owner_now_id": "Main manager of the client now.",
    "responsible_now_id": "Responsible for the interaction now.",
    "is_edited_after_close": "A load after the month's as_of brought a change of the interaction, "
    "or no longer had it.",
    "is_deleted_now": "The interaction is deleted now.",
}


def create_views(db: duckdb.DuckDBPyConnection, columns: dict[str, str]) -> None:
    """Make all views anew in the database `serving`; `columns` describes columns by their names.

    The SQL of each stands in views/<view>.sql, its first comment is the view's own.
    """
    described = columns | ADDED_COLUMNS
    db.execute(f'create schema if not exists serving."{SCHEMA}"')
    for file in sorted(VIEWS_DIR.glob("*.sql")):
        query = file.read_text(encoding="utf-8")
        view = f'serving."{SCHEMA}"."{file.stem}"'
        db.execute(f"create or replace view {view} as\n{query}")
        title = query.splitlines()[0].removeprefix("-- ")
        db.execute(f"comment on view {view} is {literal(title)}")
        for name, *_ in db.execute(f"describe {view}").fetchall():
            text = described.get(name, FORMER)
            db.execute(f'comment on column {view}."{name}" is {literal(text)}')
