"""A PostgreSQL server as the engine that builds the models.

The database is the close's own: schemas of raw history, layers and marts are made and replaced.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.close.leftovers import scratch_warehouse
from orchestration.engines import OWNED, built_relations, owner, refuse_another_owner
from orchestration.errors import CrmMartsError
from orchestration.postgres.history import copy_history
from orchestration.postgres.publish import RELEASE
from orchestration.postgres.relations import Relation, duckdb_type, present
from orchestration.postgres.server import PostgresError, connected, transaction
from orchestration.raw.kept import literal
from orchestration.settings import BUILT_SCHEMAS, Settings

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

# Every value is quoted, null alone is not: no text can be taken for it.
WRITTEN = r"format csv, force_quote *, null '\N'"
READ = r"""header = false, auto_detect = false, delim = ',', quote = '"', escape = '"',
    nullstr = '\N', allow_quoted_nulls = false"""
# Of one row, in bytes: a quarantined one has the text of a whole line.
LONGEST_ROW = 256 * 1024 * 1024


class PostgresEngine:
    """Builds all models anew for each month."""

    keeps_builds = False

    def send(self, settings: Settings) -> None:
        """Replace the models' sources, and take away the marts of the last build, all at once.

        The marts may be those of other code, whose columns and constraints the present rows would
        meet. Raises CrmMartsError where the schema of the marts holds a publication, or the
        database another data folder's models.
        """
        with _transaction("send") as cursor:
            _refuse_publication(cursor)
            cursor.execute("select obj_description(to_regnamespace(%s)::oid)", [OWNED])
            [(found,)] = cursor.fetchall()
            refuse_another_owner(settings, found, "PGDATABASE")
            for schema in BUILT_SCHEMAS:
                cursor.execute(f'drop schema if exists "{schema}" cascade')
            copy_history(settings, cursor)
            cursor.execute(f'comment on schema "{OWNED}" is %s', [owner(settings)])

    def fetch(self, settings: Settings) -> None:
        """Copy the contract's tables and the marts; of each file all are there, or none.

        They go through a file on disk, so that a table may be larger than memory.
        """
        built = built_relations(settings)
        with _transaction("fetch") as cursor, scratch_warehouse(settings) as folder:
            for database in (settings.work_db, settings.building_db):
                names = [(one.schema, one.name) for one in built if one.database == database]
                fetch_into(database, cursor, names, folder / "rows.csv")

    def rows(self, settings: Settings, query: str) -> list[dict[str, Any]]:
        """Ask the server."""
        with _transaction("query") as cursor:
            cursor.execute(query)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def _transaction(purpose: str) -> Iterator["cursor"]:
    """A transaction on the server; while months are built its errors leave nothing published."""
    try:
        with connected() as server, transaction(server, purpose) as cursor:
            yield cursor
    except PostgresError as error:
        raise CrmMartsError(
            error.problem, place=error.place, remedy=error.remedy, is_transient=error.is_transient
        ) from None


def _refuse_publication(cursor: "cursor") -> None:
    for schema in BUILT_SCHEMAS:
        cursor.execute("select to_regclass(%s) is not null", [f"{schema}.{RELEASE}"])
        if cursor.fetchall() == [(True,)]:
            raise CrmMartsError(
                f"the schema {schema} of this database shows published marts to readers, and "
                "would hold those being built",
                place="PGDATABASE",
                remedy="Name a database of their own for the models.",
            )


def fetch_into(database: Path, cursor: "cursor", names: list[tuple[str, str]], file: Path) -> None:
    """Copy relations (schema, name) into a database file in one transaction, through `file`."""
    relations = [Relation(schema, name, "", ()) for schema, name in names]
    there = present(cursor, relations)
    with duckdb.connect(str(database)) as db:
        db.execute("begin")
        for schema in sorted({schema for schema, _ in names}):
            db.execute(f'create schema if not exists "{schema}"')
        for relation in relations:
            _fetch_table(db, cursor, there[relation.target], file)
        db.execute("commit")


def _fetch_table(
    db: duckdb.DuckDBPyConnection, cursor: "cursor", relation: Relation, file: Path
) -> None:
    types = {
        column.name: duckdb_type(column.type, f"{relation.target}, column {column.name}")
        for column in relation.columns
    }
    with file.open("wb") as rows:
        cursor.copy_expert(
            f"copy (select {relation.column_list} from {relation.target}) to stdout ({WRITTEN})",
            rows,
        )
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    read = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in types.items())
    db.execute(f"create or replace table {relation.target} ({columns})")
    db.execute(
        f"""insert into {relation.target} from read_csv({literal(file)}, columns = {{{read}}},
            {READ}, max_line_size = {LONGEST_ROW}, buffer_size = {LONGEST_ROW})"""
    )
