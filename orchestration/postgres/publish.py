"""Publication to PostgreSQL: the release that files show becomes the server's, all at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.close.release import RESTRICTED, SERVING, current_release
from orchestration.errors import CrmMartsError
from orchestration.postgres.relations import (
    Relation,
    create_schema,
    create_table,
    describe,
    missing_columns,
    present,
    released,
)
from orchestration.postgres.rows import replace_rows
from orchestration.postgres.server import PostgresError, connected, transaction
from orchestration.postgres.views import put_view, released_views
from orchestration.raw.kept import literal
from orchestration.settings import Postgres, Settings

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

# Of PostgreSQL alone: the release that it shows.
RELEASE = "published_release"
EDITIONS = "editions"
COMPLETION = (
    "The release for readers of files is published, PostgreSQL shows what it showed before; "
    "crm-marts publish-postgres completes it."
)


@dataclass(frozen=True)
class Published:
    """What the server shows now, and how many rows were written to it; 0 when it showed that."""

    release: str
    rows: int


def publish_to_postgres(settings: Settings, *, all_months: bool = False) -> Published:
    """Bring the server to the current release. With `all_months` every row is written anew.

    Raises CrmMartsError when it is not configured or nothing is published, PostgresError when the
    server keeps what it showed.
    """
    if not settings.postgres.publish:
        raise CrmMartsError(
            "publication to PostgreSQL is off",
            place="[postgres] in crm_marts.toml",
            remedy="Set publish = true.",
        )
    release = current_release(settings)
    if release is None:
        raise CrmMartsError("nothing is published yet", remedy="Close a month first.")
    try:
        return publish_release(settings.postgres, release, all_months=all_months)
    except PostgresError as error:
        raise PostgresError(
            error.problem,
            place=error.place,
            remedy=f"{error.remedy} {COMPLETION}".lstrip(),
            is_transient=error.is_transient,
        ) from None


def shown_release(names: Postgres) -> int | None:
    """Number of the release that the server shows, None before the first publication.

    Raises PostgresError when it cannot be asked.
    """
    table = f"{names.marts_schema}.{RELEASE}"
    with connected() as server, transaction(server, "status") as cursor:
        cursor.execute("select to_regclass(%s) is not null", [table])
        if not cursor.fetchall()[0][0]:
            return None
        cursor.execute(f"select release from {table}")
        return int(cursor.fetchall()[0][0])


def publish_release(names: Postgres, release: Path, *, all_months: bool = False) -> Published:
    """Bring the server to a release, in one transaction; columns are added in one before it.

    Adding a column needs a moment without readers of the table, replacing rows does not.
    """
    with _opened(release) as db, connected() as server:
        tables, views = _tables(db, names), released_views(db, names.serving_schema)
        with transaction(server, names.marts_schema) as cursor:
            _add_columns(cursor, tables)
        with transaction(server, names.marts_schema) as cursor:
            existing = present(cursor, [*tables, *views])
            if not all_months and _shows(cursor, db, tables, existing):
                return Published(release.name, 0)
            changed = None if all_months else _changed_months(cursor, db, tables, existing)
            for schema in sorted({relation.schema for relation in [*tables, *views]}):
                create_schema(cursor, schema)
            rows = 0
            for table in tables:
                if table.target not in existing:
                    create_table(cursor, table)
                describe(cursor, table, existing.get(table.target), "table")
                rows += replace_rows(cursor, db, table, changed)
            for view in views:
                put_view(cursor, view, existing.get(view.target), names.marts_schema)
    return Published(release.name, rows)


@contextmanager
def _opened(release: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute(f"attach {literal(release / SERVING)} as release (read_only)")
        db.execute(f"attach {literal(release / RESTRICTED)} as personal (read_only)")
        db.execute("create schema shown")
        db.execute(f"create table shown.{RELEASE} as select {int(release.name)} as release")
        db.execute(f"comment on table shown.{RELEASE} is 'The release that all tables show.'")
        title = "Its number, the name of its folder among the published files."
        db.execute(f"comment on column shown.{RELEASE}.release is {literal(title)}")
        yield db


def _tables(db: duckdb.DuckDBPyConnection, names: Postgres) -> list[Relation]:
    tables = released(db, "release", "marts", names.marts_schema)
    if names.restricted_schema:
        tables += released(db, "personal", "restricted", names.restricted_schema)
    return [*tables, *released(db, "memory", "shown", names.marts_schema)]


def _add_columns(cursor: "cursor", tables: list[Relation]) -> None:
    existing = present(cursor, tables)
    for table in (table for table in tables if table.target in existing):
        for column in missing_columns(table, existing[table.target]):
            cursor.execute(f'alter table {table.target} add column "{column.name}" {column.type}')


def _shows(
    cursor: "cursor",
    db: duckdb.DuckDBPyConnection,
    tables: list[Relation],
    existing: dict[str, Relation],
) -> bool:
    """Whether the server has every table, and shows the release's number and editions."""
    if any(table.target not in existing for table in tables):
        return False
    return not any(_differing(cursor, db, tables, name) for name in (RELEASE, EDITIONS))


def _changed_months(
    cursor: "cursor",
    db: duckdb.DuckDBPyConnection,
    tables: list[Relation],
    existing: dict[str, Relation],
) -> set[str] | None:
    """Months whose edition on the server is another than the release's; None: all may be."""
    if not any(relation.name == EDITIONS for relation in existing.values()):
        return None
    return {month for month, *_ in _differing(cursor, db, tables, EDITIONS)}


def _differing(
    cursor: "cursor", db: duckdb.DuckDBPyConnection, tables: list[Relation], name: str
) -> set[tuple[Any, ...]]:
    """Rows of one small table that stand in the release alone, or on the server alone."""
    table = next(table for table in tables if table.name == name)
    rows = set(db.execute(f"select {table.column_list} from {table.source}").fetchall())
    cursor.execute(f"select {table.column_list} from {table.target}")
    return rows ^ set(cursor.fetchall())
