"""The same models on PostgreSQL: they build, pass their tests, and come to the same rows."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest

from orchestration.close.marts import Mart, marts_of
from orchestration.close.period import Month, run_period, write_run_period
from orchestration.dbt import parsed_project
from orchestration.postgres.history import copy_history, postgres_name
from orchestration.raw.landing import land, landed_loads
from orchestration.settings import Settings, Source
from tests.conftest import Installation
from tests.crm_files import settings_environment, small_settings
from tests.dolibarr_samples import deliver
from tests.mart_differences import Engine, differences
from tests.postgres_server import connect, running_server
from tests.samples import write_demo_loads, write_load
from tests.test_traps import TRAPS, spell_as_people_do, trap_sources
from tests.test_unit_cases import declared_tests

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

# A quarter's end in which Dolibarr's demo company was at work, and the newest month of 1C's demo.
# In March the sources with the traps of real data, of every other CRM.
MONTHS = ("2018-06", "2026-03", "2026-10")
DEMO_LOADS = ("20260802", "20260902", "20261002", "20261102")
SHOP_LOADS = ("2026-10-02T00:10:00Z", "2026-11-02T00:10:00Z")
SOURCES = f"""[sources.demo]
crm = "onec"
timezone = "Europe/Moscow"

[sources.plans]
crm = "files"

[sources.shop]
crm = "dolibarr"
timezone = "UTC"

{trap_sources()}"""


def deliver_sources(raw_dir: Path) -> None:
    write_demo_loads(raw_dir, DEMO_LOADS)
    for extracted_at in SHOP_LOADS:
        deliver(raw_dir, "csv_v9.0.0", extracted_at)
    for name, trap in TRAPS.items():
        trap.deliver(raw_dir, name)
        write_load(raw_dir, name, SHOP_LOADS[-1], trap.tables, crm=trap.crm)
    spell_as_people_do(raw_dir)


def dbt(installation: Installation, *arguments: str) -> str:
    done = installation.run("dbt", *arguments, "--no-use-colors")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    with running_server() as variables:
        yield variables


@pytest.fixture(scope="module")
def connection(server: dict[str, str]) -> Iterator["psycopg2.extensions.connection"]:
    connection = connect(server)
    connection.autocommit = True  # no lock outlives its query
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """All sources landed."""
    sources = tomllib.loads(SOURCES)["sources"]
    parsed = {name: Source(**block) for name, block in sources.items()}
    found = small_settings(tmp_path_factory.mktemp("engines"), **parsed)
    deliver_sources(found.raw_dir)
    land(found)
    return found


@pytest.fixture(scope="module")
def marts(settings: Settings) -> list[Mart]:
    return marts_of(parsed_project(settings))


@pytest.fixture(scope="module")
def installation(
    settings: Settings,
    marts: list[Mart],  # parsed before, so that dbt need not
    server: dict[str, str],
    connection: "psycopg2.extensions.connection",
) -> Installation:
    """All months built on both engines; the data tests of the last passed on PostgreSQL."""
    home = settings.raw_dir.parent
    found = Installation(home, settings_environment(home, SOURCES))
    on_postgres = {**server, "CRM_MARTS_ENGINE": "postgres"}
    loads = landed_loads(settings)
    for month in MONTHS:
        write_run_period(settings, run_period(settings, Month.parse(month), loads))
        dbt(found, "build", "--exclude-resource-types", "test", "unit_test")
    found.variables.update(on_postgres)
    for month in MONTHS:
        write_run_period(settings, run_period(settings, Month.parse(month), loads))
        with connection, connection.cursor() as cursor:
            copy_history(settings, cursor)
        tests = [] if month == MONTHS[-1] else ["test"]
        dbt(found, "build", "--exclude-resource-types", *tests, "unit_test")
    return found


@pytest.fixture(scope="module")
def engines(
    settings: Settings, installation: Installation, connection: "psycopg2.extensions.connection"
) -> Iterator[tuple[Engine, Engine]]:
    def query(sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    with duckdb.connect(str(settings.building_db), read_only=True) as db:
        yield (
            Engine("DuckDB", lambda sql: db.execute(sql).fetchall()),
            Engine("PostgreSQL", query),
        )


def test_every_row_is_copied(
    settings: Settings, installation: Installation, connection: "psycopg2.extensions.connection"
) -> None:
    with duckdb.connect(str(settings.history_db), read_only=True) as db, connection.cursor() as pg:
        tables = db.sql(
            "select table_schema, table_name from information_schema.tables order by all"
        ).fetchall()
        assert len(tables) >= 25
        for schema, table in tables:
            name, copied = f'"{schema}"."{table}"', f'"{schema}"."{postgres_name(table)}"'
            columns = db.sql(f"from {name}").columns
            cells = ", ".join(f"coalesce(cast(\"{column}\" as varchar), '~')" for column in columns)
            row_hash = f"select md5(concat_ws(chr(31), {cells})) from "
            pg.execute(row_hash + copied)
            assert sorted(db.sql(row_hash + name).fetchall()) == sorted(pg.fetchall()), table


def test_every_mart_has_the_same_rows(marts: list[Mart], engines: tuple[Engine, Engine]) -> None:
    empty = [
        mart.name
        for mart in marts
        if engines[1].query(f'select count(*) from "{mart.schema}"."{mart.name}"') == [(0,)]
    ]
    assert not empty
    found = [line for mart in marts for line in differences(mart, *engines)]
    assert not found, f"{len(found)} differences\n" + "\n".join(found[:20])


def test_all_unit_tests_pass(installation: Installation) -> None:
    output = dbt(installation, "test", "--select", "test_type:unit")
    assert f"PASS={len(declared_tests())} WARN=0 ERROR=0 SKIP=0" in output


def test_what_is_no_date_is_null(installation: Installation) -> None:
    # PostgreSQL's cast is not safe, so patterns know the calendar.
    dates = {
        "2024-02-29": "2024-02-29 00:00:00",
        "2000-02-29T14:30": "2000-02-29 14:30:00",
        "2026-03-05 14:30:00.5Z": "2026-03-05 14:30:00.5",
        "0001-01-01": "0001-01-01 00:00:00",
        "9999-12-31 23:59:59.999999": "9999-12-31 23:59:59.999999",
        "5.3.2026 8:05": "2026-03-05 08:05:00",
        "2026-03-05T14:30:00+03:00": "2026-03-05 14:30:00",
    }
    no_dates = ["2023-02-29", "1900-02-29", "2026-02-30", "2026-04-31", "2026-13-01", "0000-01-01"]
    texts = [*dates, *no_dates, "2026-03-05T24:00:00", "2026-03-05 23:59:60", "03/05/2026", ""]
    texts += ["31.02.2026", "05.03.26"]
    rows = ", ".join(f"({place}, '{text}')" for place, text in enumerate(texts))
    query = (
        "select place, cast({{ parse_timestamp('written') }} as varchar) as read_as "
        f"from (values {rows}) as dates (place, written) order by place"
    )
    output = dbt(installation, "show", "--inline", query, "--output", "json", "--limit", "50", "-q")
    assert [row["read_as"] for row in json.loads(output)["show"]] == [
        dates.get(text) for text in texts
    ]


def test_the_server_has_to_be_named(tmp_path: Path) -> None:
    unnamed = Installation(tmp_path).run("status", CRM_MARTS_ENGINE="postgres", PGUSER="anna")
    assert unnamed.returncode == 2
    assert "needs PGHOST, PGPASSWORD, PGDATABASE in the environment" in unnamed.stderr


def test_a_row_that_differs_is_named(
    marts: list[Mart],
    engines: tuple[Engine, Engine],
    connection: "psycopg2.extensions.connection",
) -> None:
    [mart] = [mart for mart in marts if mart.name == "rpt_client_growth"]
    connection.autocommit = False
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                """update marts.rpt_client_growth set new_client_count = 99, growth_share = null
                   where period_kind = 'month' and period_start = '2026-10-01'
                       and characteristic = 'all'"""
            )
            cursor.execute(
                """delete from marts.rpt_client_growth
                   where period_kind = 'quarter' and period_start = '2018-04-01'
                       and characteristic = 'all'"""
            )
        found = list(differences(mart, *engines))
    finally:
        connection.rollback()
        connection.autocommit = True
    assert len(found) == 3, found
    assert re.fullmatch(
        r"rpt_client_growth \(month, 2026-10-01, all, all\): new_client_count is '\d+' on DuckDB, "
        r"'99' on PostgreSQL",
        found[0],
    )
    assert re.search(r"growth_share is '0.\d{4}' on DuckDB, None on PostgreSQL$", found[1])
    assert found[2] == "rpt_client_growth (quarter, 2018-04-01, all, all) stands on DuckDB alone"
    assert not list(differences(mart, *engines))


def test_the_server_ends_with_a_failing_test() -> None:
    with pytest.raises(ZeroDivisionError), running_server() as variables:
        connect(variables).close()
        raise ZeroDivisionError
    with pytest.raises(psycopg2.OperationalError, match="refused"):
        connect(variables)
