"""Marts on a PostgreSQL server: the release that files show, whole for every reader at any time."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import psycopg2
import pytest

from orchestration.close.release import RESTRICTED, SERVING
from orchestration.postgres import asset
from orchestration.postgres.publish import publish_release
from orchestration.postgres.server import PostgresError
from orchestration.settings import PROJECT_DIR, Postgres
from tests.conftest import COMMAND, Installation
from tests.crm_files import (
    CALLS,
    PARTNERS,
    USERS,
    project_settings,
    settings_environment,
    write_onec_load,
)
from tests.postgres_server import connect, running_server
from tests.test_restatements import (
    APRIL_CALLS,
    LATE,
    MARCH_CALLS,
    PARTNER_ROWS,
    SOURCE,
    USERS_ROWS,
)

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
NAMES = Postgres(publish=True)
PUBLISH = "CRM_MARTS_POSTGRES__PUBLISH"
FILES = {"marts": SERVING, "restricted": RESTRICTED}
# Files of releases that tests derive; their rows stand there as many times as their edition says.
COUNTED = ("marts.rpt_client_growth", "marts.dim_clients", "restricted.client_names")
Server = dict[str, str]
Connection = Any

# Looks at several marts within a transaction, then in one statement, and notes all it saw.
READER = """
import json, os, sys, time
import psycopg2
stop, report, tables = sys.argv[1], sys.argv[2], sys.argv[3:]
queries = ["select max(edition) from marts.editions"] + ["select count(*) from " + t for t in tables]
seen, faults, looks = [], [], 0
while not os.path.exists(stop):
    try:
        with psycopg2.connect("") as server, server.cursor() as cursor:
            server.set_session(isolation_level="REPEATABLE READ")
            found = []
            for query in queries:
                cursor.execute(query)
                found.append(cursor.fetchone()[0])
                time.sleep(0.01)
            server.commit()
            server.set_session(isolation_level="READ COMMITTED")
            cursor.execute("select " + ", ".join("(" + query + ")" for query in queries))
            for look in (found, list(cursor.fetchone())):
                if look not in seen:
                    seen.append(look)
        server.close()
        looks += 1
    except Exception as error:
        faults.append(repr(error))
json.dump({"looks": looks, "faults": faults, "seen": seen}, open(report, "w"))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as variables:
        yield variables


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Installation:
    """March closed and published to the server's first database as well."""
    home = tmp_path_factory.mktemp("published")
    found = Installation(home, {**settings_environment(home, SOURCE), **server, PUBLISH: "true"})
    people = {USERS: USERS_ROWS, PARTNERS: PARTNER_ROWS}
    write_onec_load(found.raw / "demo" / "20260402T000000Z", people | {CALLS: MARCH_CALLS})
    found.close("2026-03")
    return found


@pytest.fixture(scope="module")
def first(company: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of March, kept."""
    release = (company.data / "published" / "current").resolve()
    kept = tmp_path_factory.mktemp("releases") / release.name
    kept.mkdir()
    for file in FILES.values():
        shutil.copyfile(release / file, kept / file)
    return kept


@pytest.fixture
def database(
    server: Server, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """An empty database, which the environment names."""
    own = {**server, "PGDATABASE": request.node.name[:60]}
    with session(server) as cursor:
        cursor.execute(f'create database "{own["PGDATABASE"]}"')
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    yield own
    with session(server) as cursor:
        cursor.execute(f'drop database "{own["PGDATABASE"]}" with (force)')


@contextmanager
def session(server: Server, *, autocommit: bool = True, **more: str) -> Iterator[Any]:
    """A cursor of a session of its own; without autocommit its snapshot is repeatable."""
    with closing(connect({**server, **more})) as connection, connection.cursor() as cursor:
        connection.set_session(
            isolation_level=None if autocommit else "REPEATABLE READ", autocommit=autocommit
        )
        yield cursor


def ask(server: Server, query: str, **more: str) -> list[tuple[Any, ...]]:
    with session(server, **more) as cursor:
        cursor.execute(query)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def derive(release: Path, number: int, *changes: str) -> Path:
    """A later release with every row `number` times; changes are SQL over `db` and `personal`."""
    made = release.with_name(f"{number:06d}")
    shutil.copytree(release, made)
    with duckdb.connect() as db:
        db.execute(f"attach '{made / SERVING}' as db; attach '{made / RESTRICTED}' as personal")
        for database, schema, table in db.execute(
            """select database_name, schema_name, table_name from duckdb_tables()
               where schema_name in ('marts', 'restricted') and table_name <> 'editions'"""
        ).fetchall():
            name = f"{database}.{schema}.{table}"
            db.execute(f"create temp table copied as from {name}")
            for _ in range(number - 1):
                db.execute(f"insert into {name} from copied")
            db.execute("drop table copied")
        db.execute(f"update db.marts.editions set edition = {number}")
        for change in changes:
            db.execute(change)
    return made


@pytest.fixture
def second(first: Path) -> Iterator[Path]:
    made = derive(first, 2)
    yield made
    shutil.rmtree(made)


def counts(server: Server, **more: str) -> list[Any]:
    """What a reader sees: the edition, and rows of three tables."""
    parts = ["(select max(edition) from marts.editions)"]
    parts += [f"(select count(*) from {table})" for table in COUNTED]
    [found] = ask(server, f"select {', '.join(parts)}", **more)
    return list(found)


def expected(first: Path, number: int) -> list[int]:
    found = [number]
    for table in COUNTED:
        with duckdb.connect(str(first / FILES[table.split(".")[0]]), read_only=True) as db:
            [(count,)] = db.execute(f"select count(*) from {table}").fetchall()
            assert count
            found.append(count * number)
    return found


def differing_tables(server: Server, release: Path) -> list[str]:
    """Tables whose rows, types or descriptions are not the release's; none is left out."""
    found = []
    for schema, file in FILES.items():
        with duckdb.connect(str(release / file), read_only=True) as db, session(server) as cursor:
            db.execute("set TimeZone = 'UTC'")
            for relation in [schema, "serving"] if schema == "marts" else [schema]:
                for (name,) in db.execute(
                    "select distinct table_name from duckdb_columns() where schema_name = ?",
                    [relation],
                ).fetchall():
                    if not same(db, cursor, relation, name):
                        found.append(f"{relation}.{name}")
    return found


SPELLED = {"VARCHAR": "text", "TIMESTAMP": "timestamp without time zone"}


def same(db: duckdb.DuckDBPyConnection, cursor: Any, schema: str, name: str) -> bool:
    columns = db.execute(
        """select column_name, replace(lower(data_type), 'decimal', 'numeric'), comment
           from duckdb_columns() where schema_name = ? and table_name = ? order by column_index""",
        [schema, name],
    ).fetchall()
    cursor.execute(
        """select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
           from pg_attribute where attrelid = to_regclass(%s) and attnum > 0
           order by attnum""",
        [f'"{schema}"."{name}"'],
    )
    described = [(n, SPELLED.get(kind.upper(), kind), text) for n, kind, text in columns]
    query = f'select * from "{schema}"."{name}"'
    if described != cursor.fetchall():
        return False
    cursor.execute(query)
    return Counter(db.execute(query).fetchall()) == Counter(cursor.fetchall())


def test_a_close_publishes_every_row_with_types_and_descriptions(
    company: Installation, server: Server, first: Path
) -> None:
    assert differing_tables(server, first) == []
    [(tables,)] = ask(server, "select count(*) from pg_tables where schemaname = 'marts'")
    with duckdb.connect(str(first / SERVING), read_only=True) as db:
        [(files,)] = db.execute(
            "select count(*) from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
    assert tables == files + 1  # and published_release
    assert files > 20
    indexed = ask(
        server, "select count(*) from pg_indexes where indexdef like '%(close_month)'"
    )
    monthly = ask(
        server,
        """select count(*) from information_schema.columns
           where table_schema = 'marts' and column_name = 'close_month'""",
    )
    assert indexed == monthly
    bare = ask(
        server,
        """select relname from pg_class
           where relnamespace in ('marts'::regnamespace, 'serving'::regnamespace)
               and relkind in ('r', 'v') and coalesce(obj_description(oid, 'pg_class'), '') = ''""",
    )
    assert bare == []
