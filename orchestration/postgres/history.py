"""The raw history and the run's period on PostgreSQL, where the models read them as tables."""

import hashlib
import io
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from pyarrow import csv

from orchestration.engines import model_sources
from orchestration.postgres.relations import TYPES
from orchestration.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

NAME_BYTES, BATCH_ROWS = 63, 20_000


def postgres_name(name: str) -> str:
    """Give a table whose name is longer than PostgreSQL's 63 bytes a short one.

    The macro raw_table reads it under the same name.
    """
    if len(name.encode()) <= NAME_BYTES:
        return name
    return f"{name[:13]}_{hashlib.md5(name.encode()).hexdigest()[:8]}"


def copy_history(settings: Settings, target: "cursor") -> None:
    """Replace schemas raw_<crm>, ends_<crm>, landing and run by what DuckDB's files hold.

    In batches of bounded size; the caller's transaction makes it one.
    """
    with model_sources(settings) as (db, relations):
        for schema in sorted({schema for _, schema, _ in relations}):
            target.execute(f'drop schema if exists "{schema}" cascade; create schema "{schema}"')
        for database, schema, table in relations:
            _copy(db, f'{database}."{schema}"."{table}"', target, schema, table)


def _copy(
    db: duckdb.DuckDBPyConnection, relation: str, target: "cursor", schema: str, table: str
) -> None:
    source = db.sql(f"from {relation}")
    columns = ", ".join(
        f'"{name}" {TYPES[str(kind)]}'
        for name, kind in zip(source.columns, source.types, strict=True)
    )
    name = f'"{schema}"."{postgres_name(table)}"'
    target.execute(f"create table {name} ({columns})")
    target.execute(f"comment on table {name} is %s", [table])
    for batch in source.to_arrow_reader(BATCH_ROWS):
        target.copy_expert(f"copy {name} from stdin (format csv)", _as_csv(batch))
    target.execute(f"analyze {name}")


def _as_csv(batch: pa.RecordBatch) -> io.BytesIO:
    """A null is an empty cell and an empty text a quoted one, as COPY takes them."""
    buffer = io.BytesIO()
    csv.write_csv(batch, buffer, csv.WriteOptions(include_header=False))
    buffer.seek(0)
    return buffer
