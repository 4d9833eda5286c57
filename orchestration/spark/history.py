"""Hands the raw history to Spark, whose models then read it as tables."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from orchestration.raw.kept import literal
from orchestration.settings import Settings

if TYPE_CHECKING:
    from pyhive.hive import Connection


def spark_name(name: str) -> str:
    """Give a table that the metastore cannot name, such as a Cyrillic one, another name.

    The macro raw_table reads it under the same name.
    """
    if re.fullmatch("[A-Za-z0-9_]+", name):
        return name
    return f"raw_{hashlib.md5(name.encode()).hexdigest()[:12]}"


@contextmanager
def connected(host: str, port: str) -> Iterator["Connection"]:
    """A connection to the Thrift server."""
    from pyhive import hive

    connection = hive.connect(host=host, port=int(port), username="crm_marts")
    try:
        yield connection
    finally:
        connection.close()


def send_history(settings: Settings, connection: "Connection") -> None:
    """Replace schemas raw_<crm>, ends_<crm>, landing and run by what DuckDB's files hold.

    DuckDB writes Parquet into a folder that the cluster reads as well.
    """
    folder = settings.data_dir / "spark" / "raw"
    shutil.rmtree(folder, ignore_errors=True)
    with duckdb.connect() as db, connection.cursor() as cursor:
        db.execute(f"attach {literal(settings.history_db)} as history (read_only)")
        db.execute(f"attach {literal(settings.work_db)} as work (read_only)")
        relations = db.execute(
            """select table_catalog, table_schema, table_name from information_schema.tables
               where table_catalog = 'history' or (table_catalog = 'work' and table_schema = 'run')
               order by all"""
        ).fetchall()
        for schema in sorted({schema for _, schema, _ in relations}):
            cursor.execute(f"drop database if exists {schema} cascade")
            cursor.execute(f"create database {schema}")
        for database, schema, table in relations:
            name = spark_name(table)
            files = folder / schema / name
            files.mkdir(parents=True)
            db.execute(
                f'copy (from {database}."{schema}"."{table}") '
                f"to {literal(files / 'rows.parquet')} (format parquet)"
            )
            cursor.execute(
                f"create table {schema}.{name} using parquet location '{files.as_uri()}'"
            )
