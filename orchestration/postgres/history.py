"""The raw history and the run's period on PostgreSQL, where the models read them as tables."""

import hashlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from pyarrow import csv

from orchestration.raw.kept import literal
from orchestration.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

# Types that landing and the run's period use, and what they are called there.
TYPES = {
    "VARCHAR": "text",
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}
NAME_BYTES, BATCH_ROWS = 63, 20_000


def postgres_name(name: str) -> str:
    """Give a table whose name is longer than PostgreSQL's 63 bytes a short one.

    The macro raw_table reads it under the same name.
    """
    if len(name.encode()) <= NAME_BYTES:
        return name
    return f"{name[:13]}_{hashlib.md5(name.encode()).hexdigest()[:8]}"


def copy_history(settings: Settings, target: "cursor") -> int:
    """Replace schemas raw_<crm>, landing and run by what DuckDB's files hold; rows copied.

    In batches of bounded size; the caller's transaction makes it one.
    """
    rows = 0
    with duckdb.connect() as db:
        db.execute(f"attach {literal(settings.history_db)} as history (read_only)")
        db.execute(f"attach {literal(settings.work_db)} as work (read_only)")
        relations = list(_relations(db))
        for schema in sorted({schema for _, schema, _ in relations}):
            target.execute(f'drop schema if exists "{schema}" cascade; create schema "{schema}"')
        for database, schema, table in relations:
            rows += _copy(db, f'{database}."{schema}"."{table}"', target, schema, table)
    return rows


def _relations(db: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str]]:
    """Database, schema and name of everything that the models take as a source."""
    yield from db.execute(
        """select table_catalog, table_schema, table_name from information_schema.tables
           where table_catalog = 'history' or (table_catalog = 'work' and table_schema = 'run')
           order by all"""
    ).fetchall()


def _copy(
    db: duckdb.DuckDBPyConnection, relation: str, target: "cursor", schema: str, table: str
) -> int:
    source = db.sql(f"from {relation}")
    columns = ", ".join(
        f'"{name}" {TYPES[str(kind)]}'
        for name, kind in zip(source.columns, source.types, strict=True)
    )
    name = f'"{schema}"."{postgres_name(table)}"'
    target.execute(f"create table {name} ({columns})")
    target.execute(f"comment on table {name} is %s", [table])
    rows = 0
    for batch in source.to_arrow_reader(BATCH_ROWS):
        target.copy_expert(f"copy {name} from stdin (format csv)", _as_csv(batch))
        rows += batch.num_rows
    target.execute(f"analyze {name}")
    return rows


def _as_csv(batch: pa.RecordBatch) -> io.BytesIO:
    """A null is an empty cell and an empty text a quoted one, as COPY takes them."""
    buffer = io.BytesIO()
    csv.write_csv(batch, buffer, csv.WriteOptions(include_header=False))
    buffer.seek(0)
    return buffer
