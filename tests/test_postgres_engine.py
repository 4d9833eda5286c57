"""What is sent to a PostgreSQL server that builds the models, what it refuses, what comes back."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg2
import pytest

from orchestration.close.period import Month, run_period, write_run_period
from orchestration.engines import engine_of
from orchestration.errors import CrmMartsError
from orchestration.postgres.engine import fetch_into
from orchestration.postgres.server import PostgresError
from orchestration.raw.landing import land, landed_loads
from orchestration.settings import Settings
from tests.conftest import Installation
from tests.crm_files import project_settings
from tests.postgres_server import connect, running_server
from tests.samples import write_demo_loads

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    with running_server() as variables:
        yield variables


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A load of the demo, ready for its month to be built on the server."""
    home = tmp_path_factory.mktemp("landed")
    folders = {"raw_dir": home / "raw", "data_dir": home / "data", "settle_seconds": 0}
    settings = project_settings().model_copy(update={**folders, "engine": "postgres"})
    write_demo_loads(settings.raw_dir, ("20261102",))
    land(settings)
    write_run_period(settings, run_period(settings, Month.parse("2026-10"), landed_loads(settings)))
    return settings


@pytest.fixture
def settings(landed: Settings, server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    return landed


def test_what_is_sent_is_seen_whole_or_not_at_all(
    settings: Settings, server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, reader = engine_of(settings), connect(server)
    reader.autocommit = True
    with reader.cursor() as cursor:
        assert _tables_on(cursor) == set()
        engine.send(settings)
        before = _tables_on(cursor)
        assert {"raw_onec", "ends_onec", "run"} <= {schema for schema, _ in before}
        monkeypatch.setattr("orchestration.postgres.history.BATCH_ROWS", 0)  # refused on the way
        with pytest.raises(Exception, match=r"(?i)rows|batch"):
            engine.send(settings)
        assert _tables_on(cursor) == before
    reader.close()


def _tables_on(cursor: "psycopg2.extensions.cursor") -> set[tuple[str, str]]:
    cursor.execute("select schemaname, tablename from pg_tables where schemaname !~ '^pg_|^inf'")
    return set(cursor.fetchall())


def test_a_database_that_shows_marts_is_not_built_in(
    settings: Settings, server: dict[str, str]
) -> None:
    connection = connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("create schema if not exists marts; create table marts.published_release ()")
        with pytest.raises(CrmMartsError, match="the schema marts of this database shows publish"):
            engine_of(settings).send(settings)
        cursor.execute("drop table marts.published_release")
    connection.close()


def test_a_publication_has_schemas_of_its_own(tmp_path: Path, server: dict[str, str]) -> None:
    mixed = {
        **server,
        "CRM_MARTS_ENGINE": "postgres",
        "CRM_MARTS_POSTGRES__PUBLISH": "true",
        "CRM_MARTS_POSTGRES__MARTS_SCHEMA": "marts",
        "CRM_MARTS_POSTGRES__RESTRICTED_SCHEMA": "published_names",
    }
    refused = Installation(tmp_path, mixed).run("status")
    assert refused.returncode == 2
    assert "give the publication schemas of other names than marts" in refused.stderr


def test_without_the_server_nothing_is_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    with pytest.raises(CrmMartsError) as lost:
        engine_of(settings).send(settings)
    assert not isinstance(lost.value, PostgresError)  # which says that files are published
    assert lost.value.is_transient
    assert "Look whether the server runs" in str(lost.value)


ODD_TEXTS = ["", None, r"\N", "NULL", '"', '""', "a,b", "a\nb", "a\r\nb", "a\rb", "\\", "'", " x "]


def test_odd_values_are_fetched_as_they_are(server: dict[str, str], tmp_path: Path) -> None:
    connection = connect(server)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            """create schema odd;
               create table odd.cells (id bigint, text text, amount numeric(18, 4), flag boolean,
                   moment timestamp, day date, number integer);
               create table odd.one_column (text text)"""
        )
        row = "12345678901234.5678", "t", "2026-01-01 10:00:00.123456", "9999-12-31", -5
        for place, text in enumerate([*ODD_TEXTS, "ё" * 5_000_000]):
            cursor.execute(
                "insert into odd.cells values (%s, %s, %s, %s, %s, %s, %s)", [place, text, *row]
            )
            cursor.execute("insert into odd.one_column values (%s)", [text])
        cursor.execute("insert into odd.cells default values")
        names = [("odd", "cells"), ("odd", "one_column")]
        fetch_into(tmp_path / "fetched.duckdb", cursor, names, tmp_path / "rows.csv")
        with duckdb.connect(str(tmp_path / "fetched.duckdb")) as db:
            for _, name in names:
                cursor.execute(f"select * from odd.{name}")
                found = db.sql(f"from odd.{name}").fetchall()
                assert sorted(cursor.fetchall(), key=str) == sorted(found, key=str)
            types = {str(kind) for kind in db.sql("from odd.cells").types}
        assert types == {
            *("BIGINT", "VARCHAR", "DECIMAL(18,4)", "BOOLEAN", "TIMESTAMP", "DATE", "INTEGER"),
        }
        cursor.execute("create table odd.unsized (amount numeric)")
        with pytest.raises(PostgresError, match=re.escape("the type numeric is none that DuckDB")):
            fetch_into(
                tmp_path / "fetched.duckdb", cursor, [("odd", "unsized")], tmp_path / "rows.csv"
            )
        cursor.execute("drop schema odd cascade")
    connection.close()
