"""Two months of the demo closed with the models built on PostgreSQL, and with DuckDB alone."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest

from orchestration.close.release import RESTRICTED, SERVING
from orchestration.engines import engine_of
from orchestration.errors import CrmMartsError
from orchestration.postgres.engine import fetch_into
from orchestration.postgres.server import PostgresError
from orchestration.settings import Settings
from tests.conftest import Installation
from tests.crm_files import project_settings
from tests.mart_differences import differing_relations
from tests.postgres_server import connect, running_server
from tests.samples import write_demo_loads

pytestmark = [pytest.mark.slow, pytest.mark.engines]
FIRST, SECOND = "2026-09", "2026-10"
KEPT_LOADS = ("20260902", "20261002", "20261102")
# The server's publication stands beside the schemas that the models are built in.
ON_SERVER = {
    "CRM_MARTS_ENGINE": "postgres",
    "CRM_MARTS_POSTGRES__PUBLISH": "true",
    "CRM_MARTS_POSTGRES__MARTS_SCHEMA": "published",
    "CRM_MARTS_POSTGRES__RESTRICTED_SCHEMA": "published_names",
}


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    with running_server() as variables:
        yield variables


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, server: dict[str, str]
) -> tuple[Installation, Installation]:
    """September closed, then October, whose loads bring late rows of September: on each engine."""
    home = tmp_path_factory.mktemp("engines")
    raw = {"CRM_MARTS_RAW_DIR": str(home / "raw")}
    write_demo_loads(home / "raw", KEPT_LOADS)
    found = (
        Installation(home / "duckdb", raw),
        Installation(home / "postgres", {**raw, **server, **ON_SERVER}),
    )
    for installation in found:
        installation.close(FIRST)
        installation.close(SECOND)
    return found


@pytest.fixture
def settings(
    both: tuple[Installation, Installation],
    server: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """Settings of the installation whose models are built on the server."""
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    own = {"engine": "postgres", "raw_dir": both[1].home / "raw", "data_dir": both[1].data}
    return project_settings().model_copy(update=own)


def _release(installation: Installation) -> Path:
    return (installation.data / "published" / "current").resolve()


def _assert_equal_releases(both: tuple[Installation, Installation]) -> None:
    duck, postgres = map(_release, both)
    for file in (SERVING, RESTRICTED):
        assert differing_relations(duck / file, postgres / file) == {}, file


def _manifests(installation: Installation) -> dict[str, dict[str, Any]]:
    paths = sorted(installation.data.glob("editions/*/*/manifest.json"))
    return {"/".join(path.parts[-3:-1]): json.loads(path.read_text("utf-8")) for path in paths}


def _said(installation: Installation, *command: str) -> str:
    done = installation.run(*command)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.replace(str(installation.home), "").splitlines()
    return "\n".join(line for line in lines if not line.startswith("PostgreSQL: "))


def test_every_row_that_readers_see_is_the_same(both: tuple[Installation, Installation]) -> None:
    _assert_equal_releases(both)
    with both[1].published() as db:
        months = db.sql("select distinct close_month from rpt_client_growth").fetchall()
    assert len(months) == 2


def test_a_release_that_differs_is_told(
    both: tuple[Installation, Installation], tmp_path: Path
) -> None:
    duck, spoilt = _release(both[0]) / SERVING, tmp_path / SERVING
    shutil.copyfile(_release(both[1]) / SERVING, spoilt)
    with duckdb.connect(str(spoilt)) as db:
        db.execute("set TimeZone = 'UTC'; use marts")
        db.execute(
            """update rpt_manager_load set main_client_count = main_client_count + 1
               where manager_id = (select min(manager_id) from rpt_manager_load)
                   and client_class = 'all' and close_month = date '2026-10-01'"""
        )
        db.execute("alter table rpt_plan_fulfilment alter column fact_count type integer")
        db.execute("delete from dim_periods where period_kind = 'quarter'")
    found = differing_relations(duck, spoilt)
    assert found.pop("marts.rpt_manager_load") == 2
    assert found.pop("marts.rpt_plan_fulfilment") == -1
    assert found.pop("marts.dim_periods") >= 1
    assert all(name.startswith(("marts_history.", "serving.")) for name in found), found


def test_editions_have_the_same_hashes(both: tuple[Installation, Installation]) -> None:
    duck, postgres = map(_manifests, both)
    assert list(duck) == list(postgres) == [f"{FIRST}/001", f"{SECOND}/001"]
    for name in duck:
        assert duck[name]["configuration"].pop("engine") == "duckdb"
        assert postgres[name]["configuration"].pop("engine") == "postgres"
        assert duck[name] == postgres[name], name


def test_the_commands_say_the_same(both: tuple[Installation, Installation]) -> None:
    for command in (["status"], ["quarantine", "--all"], ["restatements", "--limit", "1000"]):
        duck, postgres = (_said(installation, *command) for installation in both)
        assert duck == postgres
        assert duck.count("\n") > 3, command
    assert f"{FIRST}: edition 2 is pending" in _said(both[1], "status")


def test_an_edition_of_the_server_is_replayed_on_duckdb(
    both: tuple[Installation, Installation],
) -> None:
    assert "all equal" in _said(both[1], "replay", SECOND)


def test_the_same_checks_see_the_same_rows(both: tuple[Installation, Installation]) -> None:
    duck, postgres = map(_checks, both)
    assert duck == postgres
    warned = [check for check in postgres if not check["passed"]]
    assert len([check for check in warned if check["failing_keys"]]) >= 3


def _checks(installation: Installation) -> list[dict[str, Any]]:
    """Every check of the last close; its failing rows come in no order."""
    page = installation.data / "quality" / f"{SECOND}.json"
    checks: list[dict[str, Any]] = json.loads(page.read_text("utf-8"))["checks"]
    for check in checks:
        check["failing_keys"].sort()
    return sorted(checks, key=lambda check: (check["asset"], check["name"]))


def test_a_failed_test_names_its_rows_and_publishes_nothing(
    both: tuple[Installation, Installation],
) -> None:
    released = _release(both[1])
    # Between the share of rows without a key, which the raw door judges, and that of all unusable.
    red = both[1].run("close", SECOND, CRM_MARTS_CHECKS__QUARANTINE_BLOCK_SHARE="0.0025")
    assert red.returncode == 1, red.stdout + red.stderr
    assert "quarantined_share_is_small" in red.stderr
    assert "source demo, table_name Document_" in red.stderr
    assert _release(both[1]) == released


def test_the_engine_may_change(both: tuple[Installation, Installation]) -> None:
    again = both[1].run("close", SECOND, CRM_MARTS_ENGINE="duckdb")
    assert "unchanged" in again.stdout, again.stderr


def test_the_server_shows_what_the_files_show(
    both: tuple[Installation, Installation], server: dict[str, str]
) -> None:
    connection = connect(server)
    with connection, connection.cursor() as cursor, both[1].published() as db:
        for mart in ("rpt_client_growth", "rpt_interaction_register"):
            cursor.execute(f"select close_month, count(*) from published.{mart} group by 1")
            counts = f"select close_month, count(*) from {mart} group by 1"
            assert sorted(cursor.fetchall()) == sorted(db.sql(counts).fetchall())
    connection.close()


def test_a_restatement_is_published_alike(both: tuple[Installation, Installation]) -> None:
    for installation in both:
        assert "edition 2 published" in _said(installation, "restate", FIRST)
    _assert_equal_releases(both)
    duck, postgres = (_manifests(i)[f"{FIRST}/002"]["marts"] for i in both)
    assert duck == postgres
    with both[1].published() as db:
        causes = db.sql("select distinct cause from rpt_restatements").fetchall()
    assert ("late entry",) in causes


def test_what_is_sent_is_seen_whole_or_not_at_all(
    settings: Settings, server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, reader = engine_of(settings), connect(server)
    reader.autocommit = True
    with reader.cursor() as cursor:
        before = _tables_on(cursor)
        assert {"marts", "raw_onec", "run"} <= {schema for schema, _ in before}
        monkeypatch.setattr("orchestration.postgres.history.BATCH_ROWS", 0)  # refused on the way
        with pytest.raises(Exception, match=r"(?i)rows|batch"):
            engine.send(settings)
        assert _tables_on(cursor) == before
        monkeypatch.undo()
    reader.close()


def _tables_on(cursor: "psycopg2.extensions.cursor") -> set[tuple[str, str]]:
    cursor.execute("select schemaname, tablename from pg_tables where schemaname !~ '^pg_'")
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
    mixed = {**ON_SERVER, **server, "CRM_MARTS_POSTGRES__MARTS_SCHEMA": "marts"}
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
