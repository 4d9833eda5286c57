"""A Spark cluster as the engine that builds the models, reached through its Thrift server.

What goes to it and what comes back are Parquet files, in folders that the cluster and this machine
see under the same paths. The metastore's databases raw_<crm>, run, landing, reference and those of
the layers are the close's own.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

import duckdb

from orchestration.close.period import read_run_period
from orchestration.engines import (
    OWNED,
    Built,
    built_relations,
    model_sources,
    owner,
    refuse_another_owner,
)
from orchestration.errors import CrmMartsError
from orchestration.raw.kept import literal
from orchestration.settings import SPARK_VARIABLES, Settings

if TYPE_CHECKING:
    from pyhive import hive
    from pyhive.hive import Cursor

# Types that landing and the run's period use, and what they are called there.
TYPES = {
    "VARCHAR": "string",
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp_ntz",
}
# As in profiles.yml; with "" around names, as the other engines have them.
SESSION = (
    "set spark.sql.ansi.enabled = true",
    "set spark.sql.ansi.doubleQuotedIdentifiers = true",
    "set spark.sql.timestampType = TIMESTAMP_NTZ",
    "set spark.sql.session.timeZone = UTC",
)


class SparkEngine:
    """Builds all models anew for each month; of its marts the month's partition is overwritten."""

    keeps_builds = False

    def send(self, settings: Settings) -> None:
        """Replace the models' sources by Parquet that DuckDB writes.

        Raises CrmMartsError where the metastore has another data folder's models.
        """
        folder = settings.data_dir / "spark" / "sources"
        with thrift_cursor() as cursor:
            refuse_another_owner(settings, _comment(cursor, OWNED), "SPARK_HOST")
            shutil.rmtree(folder, ignore_errors=True)
            with model_sources(settings) as (db, relations):
                for schema in sorted({schema for _, schema, _ in relations}):
                    cursor.execute(f"drop database if exists {schema} cascade")
                    comment = owner(settings) if schema == OWNED else ""
                    cursor.execute(f"create database {schema} comment {literal(comment)}")
                for database, schema, table in relations:
                    rows = db.sql(f'from {database}."{schema}"."{table}"')
                    _send_table(cursor, rows, f"{schema}.{spark_name(table)}", folder / schema)

    def fetch(self, settings: Settings) -> None:
        """Copy the contract's tables and the month of the marts, from the files of the cluster."""
        month, built = read_run_period(settings).month.first_day, built_relations(settings)
        with thrift_cursor() as cursor:
            for database in (settings.work_db, settings.building_db):
                with duckdb.connect(str(database)) as db:
                    db.execute("begin")
                    for relation in (one for one in built if one.database == database):
                        _fetch_table(db, cursor, relation, month)
                    db.execute("commit")

    def rows(self, settings: Settings, query: str) -> list[dict[str, Any]]:
        """Ask the cluster."""
        with thrift_cursor() as cursor:
            cursor.execute(query)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def spark_name(name: str) -> str:
    """Give a table that the metastore cannot name, such as a Cyrillic one, another name.

    The macro raw_table reads it under the same name.
    """
    if re.fullmatch("[A-Za-z0-9_]+", name):
        return name
    return f"raw_{hashlib.md5(name.encode()).hexdigest()[:12]}"


@cache
def forgive_failing_closes() -> None:
    """Let a session that the server fails to close end nobody's work, ours or dbt's.

    Sessions that close at one moment meet in the server's one client of the metastore: one finds it
    closed, and for another the server lacks a class (LlapSigner). The session is gone all the same.
    """
    from pyhive import hive

    close = hive.Connection.close

    def close_or_leave(session: "hive.Connection") -> None:
        with suppress(hive.OperationalError):
            close(session)

    hive.Connection.close = close_or_leave


@contextmanager
def thrift_cursor() -> Iterator["Cursor"]:
    """A session on the Thrift server that the environment names; its errors are CrmMartsError."""
    from pyhive import hive
    from thrift.Thrift import TException

    forgive_failing_closes()
    host, port, user = (os.environ[name] for name in SPARK_VARIABLES)
    try:
        connection = hive.connect(host, int(port), username=user)
    except (OSError, TException):
        raise CrmMartsError(
            "no Thrift server answers",
            place=f"SPARK_HOST {host}, SPARK_PORT {port}",
            remedy="Start it, or name the one of your cluster.",
            is_transient=True,
        ) from None
    try:
        with connection.cursor() as cursor:
            for statement in SESSION:
                cursor.execute(statement)
            yield cursor
    except (hive.Error, TException) as error:
        # An error of Spark can quote cells of a row: only its class goes further.
        named = re.search(r"\[([A-Z_.]+)\]", str(error))
        raise CrmMartsError(
            f"Spark refused a statement: {named[1] if named else type(error).__name__}",
            place=f"SPARK_HOST {host}, SPARK_PORT {port}",
            remedy="The log of the Thrift server has the whole message.",
        ) from None
    finally:
        connection.close()


def _send_table(
    cursor: "Cursor", rows: duckdb.DuckDBPyRelation, relation: str, folder: Path
) -> None:
    files = folder / relation.partition(".")[2]
    files.mkdir(parents=True)
    rows.write_parquet(str(files / "rows.parquet"))
    columns = ", ".join(
        f'"{name}" {TYPES[str(kind)]}' for name, kind in zip(rows.columns, rows.types, strict=True)
    )
    cursor.execute(f"create table {relation} ({columns}) using parquet location '{files.as_uri()}'")


def _comment(cursor: "Cursor", database: str) -> str | None:
    cursor.execute(f"show databases like '{database}'")
    if not cursor.fetchall():
        return None
    cursor.execute(f"describe database {database}")
    return dict(cursor.fetchall())["Comment"] or None


def _fetch_table(
    db: duckdb.DuckDBPyConnection, cursor: "Cursor", built: Built, month: date
) -> None:
    """All rows of a table; of one that keeps months, those of the month.

    Spark puts the month behind the other columns; they come in the order of the model.
    """
    relation = f"{built.schema}.{built.name}"
    cursor.execute(f"describe formatted {relation}")
    told = [(name.strip(), kind) for name, kind, _ in cursor.fetchall()]
    ends = next(place for place, (name, _) in enumerate(told) if not name or name.startswith("#"))
    types = {name: _duckdb_type(kind, f"{relation}, column {name}") for name, kind in told[:ends]}
    [location] = [kind.strip() for name, kind in told if name == "Location"]
    folder = Path(unquote(urlparse(location).path))
    if not folder.is_dir():
        raise CrmMartsError(
            f"the cluster keeps {relation} where this machine has no folder",
            place=location,
            remedy="Let spark.sql.warehouse.dir be a folder that both see under the same path.",
        )
    db.execute(f'create schema if not exists "{built.schema}"')
    columns = ", ".join(f'"{name}" {types[name]}' for name in built.columns)
    db.execute(f"create or replace table {relation} ({columns})")
    if any(folder.rglob("*.parquet")):
        selected = ", ".join(f'"{name}"' for name in built.columns)
        of_month = f"where close_month = date '{month}'" if "close_month" in types else ""
        by_month = any(folder.glob("close_month=*"))
        options = ", hive_types = {'close_month': date}" if by_month else ""
        db.execute(
            f"""insert into {relation} select {selected}
                from read_parquet({literal(folder / "**" / "*.parquet")}{options})
                {of_month}"""
        )


def _duckdb_type(kind: str, place: str) -> str:
    known = {name: ours for ours, name in TYPES.items()} | {"int": "INTEGER"}
    if kind in known:
        return known[kind]
    if re.fullmatch(r"decimal\(\d+,\d+\)", kind):
        return kind
    raise CrmMartsError(f"Spark has the type {kind}, which no mart has", place=place)
