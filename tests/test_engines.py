"""The same models on DuckDB, PostgreSQL and Spark come to the same rows.

Of the demo and of random companies, and of every CRM with the traps of real data. Spark builds
these in `make test-servers` alone, for its time, while a worker of the cluster is killed; it closes
the demo and the companies in every run of the tests (test_closes_on_servers.py).
"""

import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import psycopg2
import pytest
from pydantic import ValidationError

from orchestration.close.marts import Mart, mart_rows, marts_of
from orchestration.close.period import Month, run_period, write_run_period
from orchestration.dbt import parsed_project, run_dbt
from orchestration.engines import engine_of
from orchestration.postgres.history import postgres_name
from orchestration.raw.kept import literal
from orchestration.raw.landing import land, landed_loads
from orchestration.settings import DBT_DIR, SPARK_VARIABLES, Settings, Source
from tests import demo_and_companies
from tests.commands import run_forked
from tests.conftest import Installation, started_cluster
from tests.crm_files import settings_environment, small_settings
from tests.dolibarr_samples import deliver
from tests.mart_differences import Engine, differences
from tests.oracle.packs import Pack, filled
from tests.postgres_server import connect, running_server
from tests.samples import write_load
from tests.test_traps import TRAPS, spell_as_people_do, trap_sources
from tests.test_unit_cases import declared_tests

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

# 1C's demo and the random companies, beside which the traps of every other CRM stand in their
# month; in the quarter's end before, Dolibarr's demo company was at work.
MONTHS = ("2018-06", "2026-03")
RANDOM = Pack(date(2026, 3, 1), "Europe/Moscow")
COMPANIES = 6
DEMO_LOADS = ("20260402", "20260502")
SHOP_LOADS = ("2026-10-02T00:10:00Z", "2026-11-02T00:10:00Z")
SOURCES = f"""{demo_and_companies.SOURCES}
[sources.shop]
crm = "dolibarr"
timezone = "UTC"

{trap_sources()}"""
LAYERS = ("canonical", "marts")


@dataclass(frozen=True)
class Built:
    """An installation whose months were built on an engine; what they showed lies in files."""

    engine: str
    installation: Installation
    months: tuple[str, ...]

    def shown(self, month: str) -> Path:
        return self.installation.data / f"{month}.duckdb"


def deliver_every_other_crm(settings: Settings) -> None:
    for extracted_at in SHOP_LOADS:
        deliver(settings.raw_dir, "csv_v9.0.0", extracted_at)
    for name, trap in TRAPS.items():
        trap.deliver(settings.raw_dir, name)
        write_load(settings.raw_dir, name, SHOP_LOADS[-1], trap.tables, crm=trap.crm)
    spell_as_people_do(settings.raw_dir)


def build_months(*months: str) -> int:
    """Build months on the engine that the settings name, and keep what each shows as a file.

    On PostgreSQL the models' tests run with the last one; on Spark closes run them
    (test_closes_on_servers.py).
    """
    settings = Settings()  # type: ignore[call-arg]
    engine, loads = engine_of(settings), landed_loads(settings)
    for month in months:
        write_run_period(settings, run_period(settings, Month.parse(month), loads))
        engine.send(settings)
        is_tested = settings.engine == "postgres" and month == months[-1]
        without = ["unit_test"] if is_tested else ["unit_test", "test"]
        done = run_dbt(settings, ["build", "--exclude-resource-types", *without])
        for node in done.result or []:
            if node.status in ("error", "fail"):
                print(f"{node.node.name}: {node.message}", file=sys.stderr)
        if not done.success:
            print(done.exception, file=sys.stderr)
            return 1
        engine.fetch(settings)
        _keep(settings, month)
    return 0


def _keep(settings: Settings, month: str) -> None:
    with duckdb.connect(str(settings.data_dir / f"{month}.duckdb")) as db:
        for database in (settings.work_db, settings.building_db):
            db.execute(f"attach {literal(database)} (read_only)")
        for layer, database in zip(LAYERS, (settings.work_db, settings.building_db), strict=True):
            for mart in marts_of(parsed_project(settings), layer):
                db.execute(f"create schema if not exists {mart.schema}")
                rows = mart_rows(mart, Month.parse(month), database=f"{database.stem}.")
                db.execute(f"create table {mart.schema}.{mart.name} as {rows}")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """All sources landed."""
    blocks = tomllib.loads(SOURCES)["sources"]
    parsed = {name: Source(**block) for name, block in blocks.items()}
    found = small_settings(tmp_path_factory.mktemp("engines"), **parsed)
    companies = filled(RANDOM, found, COMPANIES)
    demo_and_companies.deliver(found.raw_dir, DEMO_LOADS, companies, closed=1)
    deliver_every_other_crm(found)
    land(found)
    return found


@pytest.fixture(scope="module")
def tables(settings: Settings) -> list[Mart]:
    """The contract's tables, quarantine among them, and the marts."""
    return [table for layer in LAYERS for table in marts_of(parsed_project(settings), layer)]


@pytest.fixture(scope="module")
def on(settings: Settings, tables: list[Mart]) -> dict[str, Installation]:
    """A data folder for each engine, with what was landed."""
    base, found = settings.raw_dir.parent, {}
    for engine in ("duckdb", "postgres", "spark"):
        found[engine] = Installation(base / engine, settings_environment(base, SOURCES))
        shutil.copytree(settings.data_dir, found[engine].data, symlinks=True)
        own = {"CRM_MARTS_DATA_DIR": str(found[engine].data), "CRM_MARTS_ENGINE": engine}
        found[engine].variables.update(own)
    return found


@pytest.fixture(scope="module")
def duck(on: dict[str, Installation]) -> Built:
    return _built(Built("duckdb", on["duckdb"], MONTHS))


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    with running_server() as variables:
        yield variables


@pytest.fixture(scope="module")
def postgres(on: dict[str, Installation], server: dict[str, str]) -> Built:
    on["postgres"].variables.update(server)
    return _built(Built("postgres", on["postgres"], MONTHS))


@pytest.fixture(scope="module")
def spark(on: dict[str, Installation], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    with started_cluster(tmp_path_factory.mktemp("spark")) as cluster:
        on["spark"].variables.update(cluster.variables)
        with cluster.losing_a_worker(cluster.contract_table("clients").is_dir):
            built = _built(Built("spark", on["spark"], MONTHS[-1:]))
        yield built


def _built(planned: Built) -> Built:
    environment = planned.installation.environment()
    done = run_forked("tests.test_engines:build_months", planned.months, environment)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[:5000]
    return planned


@pytest.mark.parametrize("engine", ["postgres", pytest.param("spark", marks=pytest.mark.engines)])
def test_every_row_is_the_same(
    tables: list[Mart], duck: Built, engine: str, request: pytest.FixtureRequest
) -> None:
    other: Built = request.getfixturevalue(engine)
    found = [line for month in other.months for line in _differing(tables, duck, other, month)]
    assert not found, f"{len(found)} differences\n" + "\n".join(found[:40])


def test_every_table_has_rows_to_compare(tables: list[Mart], duck: Built) -> None:
    with duckdb.connect(str(duck.shown(duck.months[-1])), read_only=True) as db:
        empty = [
            table.name
            for table in tables
            if not db.execute(f'from "{table.schema}"."{table.name}" limit 1').fetchall()
        ]
    assert not empty


def _differing(tables: list[Mart], left: Built, right: Built, month: str) -> Iterator[str]:
    with ExitStack() as stack:
        engines = []
        for built in (left, right):
            db = stack.enter_context(duckdb.connect(str(built.shown(month)), read_only=True))
            db.execute("set TimeZone = 'UTC'")
            engines.append(Engine(built.engine, lambda sql, db=db: db.execute(sql).fetchall()))  # type: ignore[misc]
        for table in tables:
            for line in differences(table, engines[0], engines[1]):
                yield f"{month}: {line}"


def test_a_row_that_differs_is_named(tables: list[Mart], duck: Built, tmp_path: Path) -> None:
    month = duck.months[-1]
    elsewhere = replace(duck.installation, home=tmp_path)
    spoilt = replace(duck, engine="another engine", installation=elsewhere)
    spoilt.installation.data.mkdir()
    shutil.copyfile(duck.shown(month), spoilt.shown(month))
    with duckdb.connect(str(spoilt.shown(month))) as db:
        db.execute(
            """update marts.rpt_client_growth set new_client_count = 99, growth_share = null
               where period_kind = 'month' and period_start = '2026-03-01'
                   and characteristic = 'all'"""
        )
        db.execute("delete from canonical.managers where manager_id = 'office:c00:m1'")
    found = list(_differing(tables, duck, spoilt, month))
    assert len(found) == 3, found
    assert found[0] == "2026-03: managers (office:c00:m1) stands on duckdb alone"
    assert re.fullmatch(
        r"2026-03: rpt_client_growth \(month, 2026-03-01, all, all\): new_client_count is '\d+' on "
        r"duckdb, '99' on another engine",
        found[1],
    )
    assert re.search(r"growth_share is '-?0.\d{4}' on duckdb, None on another engine$", found[2])


def test_every_row_is_copied_to_postgres(
    settings: Settings, postgres: Built, server: dict[str, str]
) -> None:
    connection = connect(server)
    with duckdb.connect(str(settings.history_db), read_only=True) as db, connection.cursor() as pg:
        relations = db.sql(
            "select table_schema, table_name from information_schema.tables order by all"
        ).fetchall()
        assert len(relations) >= 25
        for schema, table in relations:
            name, copied = f'"{schema}"."{table}"', f'"{schema}"."{postgres_name(table)}"'
            columns = db.sql(f"from {name}").columns
            cells = ", ".join(f"coalesce(cast(\"{column}\" as varchar), '~')" for column in columns)
            row_hash = f"select md5(concat_ws(chr(31), {cells})) from "
            pg.execute(row_hash + copied)
            assert sorted(db.sql(row_hash + name).fetchall()) == sorted(pg.fetchall()), table
    connection.close()


def _dbt(built: Built, *arguments: str) -> str:
    done = built.installation.run("dbt", *arguments, "--no-use-colors")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout


def test_all_unit_tests_pass_on_postgres(postgres: Built) -> None:
    output = _dbt(postgres, "test", "--select", "test_type:unit")
    assert f"PASS={len(declared_tests())} WARN=0 ERROR=0 SKIP=0" in output


def test_a_server_has_to_be_named(tmp_path: Path) -> None:
    unnamed = Installation(tmp_path).run("status", CRM_MARTS_ENGINE="postgres", PGUSER="anna")
    assert unnamed.returncode == 2
    assert "needs PGHOST, PGPASSWORD, PGDATABASE in the environment" in unnamed.stderr
    unnamed = Installation(tmp_path).run("status", CRM_MARTS_ENGINE="spark")
    assert unnamed.returncode == 2
    needed = "engine spark needs SPARK_HOST, SPARK_PORT, SPARK_USER in the environment"
    assert needed in unnamed.stderr


def test_spark_is_reached_by_thrift_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = (DBT_DIR / "profiles.yml").read_text("utf-8")
    changed = profiles.replace("method: thrift", "method: session")
    (tmp_path / "profiles.yml").write_text(changed, "utf-8")
    for name in SPARK_VARIABLES:
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("CRM_MARTS_ENGINE", "spark")
    assert Settings().engine == "spark"  # type: ignore[call-arg]
    monkeypatch.setattr("orchestration.settings.DBT_DIR", tmp_path)
    with pytest.raises(ValidationError, match="by method session: thrift is the one"):
        Settings()  # type: ignore[call-arg]


def test_the_server_ends_with_a_failing_test() -> None:
    with pytest.raises(ZeroDivisionError), running_server() as variables:
        connect(variables).close()
        raise ZeroDivisionError
    with pytest.raises(psycopg2.OperationalError, match="refused"):
        connect(variables)
