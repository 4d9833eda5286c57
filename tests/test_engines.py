"""The same models on DuckDB, PostgreSQL and Spark come to the same rows.

Of the demo and of random companies, and of every CRM with the traps of real data, which Spark
builds in `make test-servers` alone, for its time. A worker of the cluster is killed in the middle
of each build.
"""

import json
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
from pyhive import hive
from TCLIService.ttypes import TCloseSessionReq

from orchestration.close.marts import Mart, mart_rows, marts_of
from orchestration.close.period import Month, run_period, write_run_period
from orchestration.dbt import parsed_project, run_dbt
from orchestration.engines import engine_of
from orchestration.errors import CrmMartsError
from orchestration.postgres.history import postgres_name
from orchestration.raw.kept import literal
from orchestration.raw.landing import land, landed_loads
from orchestration.settings import DBT_DIR, SPARK_VARIABLES, Settings, Source
from orchestration.spark.engine import forgive_failing_closes, thrift_cursor
from tests.commands import run_forked
from tests.conftest import Cluster, Installation, started_cluster
from tests.crm_files import settings_environment, small_settings
from tests.dolibarr_samples import deliver
from tests.histories import OFFICE, PLANS, deliveries
from tests.mart_differences import Engine, differences
from tests.oracle.packs import Pack, filled
from tests.postgres_server import connect, running_server
from tests.samples import write_demo_loads, write_load
from tests.test_traps import TRAPS, spell_as_people_do, trap_sources
from tests.test_unit_cases import declared_tests

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

DEMO, EVERY_CRM = "demo", "every CRM"
# 1C's demo and the random companies, beside which the traps of every other CRM stand in their
# month; in the quarter's end before, Dolibarr's demo company was at work.
MONTHS = {DEMO: ("2026-03",), EVERY_CRM: ("2018-06", "2026-03")}
RANDOM = Pack(date(2026, 3, 1), "Europe/Moscow")
COMPANIES = 6
DEMO_LOADS = ("20260402", "20260502")
SHOP_LOADS = ("2026-10-02T00:10:00Z", "2026-11-02T00:10:00Z")
DEMO_SOURCES = f"""[sources.demo]
crm = "onec"
timezone = "Europe/Moscow"

[sources.plans]
crm = "files"

[sources.{OFFICE}]
crm = "plain_files"

[sources.{OFFICE}_{PLANS}]
crm = "files"
"""
SOURCES = {
    DEMO: DEMO_SOURCES,
    EVERY_CRM: f"""{DEMO_SOURCES}
[sources.shop]
crm = "dolibarr"
timezone = "UTC"

{trap_sources()}""",
}
LAYERS = ("canonical", "marts")


def _of(*cases: object) -> pytest.MarkDecorator:
    """Cases of sources and engine; of a module's scope, so that each is built once."""
    return pytest.mark.parametrize(
        ("sources", "engine"), cases, indirect=["sources"], scope="module"
    )


ONCE_EACH = ((DEMO, "spark"), (EVERY_CRM, "postgres"))
of_demo = pytest.mark.parametrize("sources", [DEMO], indirect=True)
of_every_crm = pytest.mark.parametrize("sources", [EVERY_CRM], indirect=True)


@dataclass(frozen=True)
class Built:
    """An installation whose months were built on an engine; what they showed lies in files."""

    engine: str
    installation: Installation
    months: tuple[str, ...]

    def shown(self, month: str) -> Path:
        return self.installation.data / f"{month}.duckdb"


def deliver_demo(settings: Settings) -> None:
    write_demo_loads(settings.raw_dir, DEMO_LOADS)
    aside = settings.raw_dir.with_name("random")
    for load in deliveries(filled(RANDOM, settings, COMPANIES), seed=1, closed=1):
        load.write(aside)
    (aside / OFFICE).rename(settings.raw_dir / OFFICE)
    (aside / PLANS).rename(settings.raw_dir / f"{OFFICE}_{PLANS}")


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
def sources(request: pytest.FixtureRequest) -> str:
    """Which sources the other fixtures are of."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def settings(sources: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """All sources landed."""
    blocks = tomllib.loads(SOURCES[sources])["sources"]
    parsed = {name: Source(**block) for name, block in blocks.items()}
    found = small_settings(tmp_path_factory.mktemp("engines"), **parsed)
    deliver_demo(found)
    if sources == EVERY_CRM:
        deliver_every_other_crm(found)
    land(found)
    return found


@pytest.fixture(scope="module")
def tables(settings: Settings) -> list[Mart]:
    """The contract's tables, quarantine among them, and the marts."""
    return [table for layer in LAYERS for table in marts_of(parsed_project(settings), layer)]


@pytest.fixture(scope="module")
def on(sources: str, settings: Settings, tables: list[Mart]) -> dict[str, Installation]:
    """A data folder for each engine, with what was landed."""
    base, found = settings.raw_dir.parent, {}
    for engine in ("duckdb", "postgres", "spark"):
        found[engine] = Installation(base / engine, settings_environment(base, SOURCES[sources]))
        shutil.copytree(settings.data_dir, found[engine].data, symlinks=True)
        own = {"CRM_MARTS_DATA_DIR": str(found[engine].data), "CRM_MARTS_ENGINE": engine}
        found[engine].variables.update(own)
    return found


@pytest.fixture(scope="module")
def duck(sources: str, on: dict[str, Installation]) -> Built:
    return _built(Built("duckdb", on["duckdb"], MONTHS[sources]))


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    with running_server() as variables:
        yield variables


@pytest.fixture(scope="module")
def postgres(sources: str, on: dict[str, Installation], server: dict[str, str]) -> Built:
    on["postgres"].variables.update(server)
    return _built(Built("postgres", on["postgres"], MONTHS[sources]))


@pytest.fixture(scope="module")
def cluster(sources: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with started_cluster(tmp_path_factory.mktemp("spark")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def spark(sources: str, cluster: Cluster, on: dict[str, Installation]) -> Built:
    on["spark"].variables.update(cluster.variables)
    contract = cluster.folder / "warehouse" / "canonical.db" / "clients"
    with cluster.losing_a_worker(contract.is_dir):
        return _built(Built("spark", on["spark"], MONTHS[sources][-1:]))


def _built(planned: Built) -> Built:
    environment = planned.installation.environment()
    done = run_forked("tests.test_engines:build_months", planned.months, environment)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[:5000]
    return planned


@_of(*ONCE_EACH, pytest.param(EVERY_CRM, "spark", marks=pytest.mark.engines))
def test_every_row_is_the_same(
    tables: list[Mart], duck: Built, engine: str, request: pytest.FixtureRequest
) -> None:
    other: Built = request.getfixturevalue(engine)
    found = [line for month in other.months for line in _differing(tables, duck, other, month)]
    assert not found, f"{len(found)} differences\n" + "\n".join(found[:40])


@pytest.mark.parametrize("sources", [DEMO, EVERY_CRM], indirect=True)
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


@of_demo
def test_a_row_that_differs_is_named(tables: list[Mart], duck: Built, tmp_path: Path) -> None:
    [month] = duck.months
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


@of_every_crm
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


@of_every_crm
def test_all_unit_tests_pass_on_postgres(postgres: Built) -> None:
    output = _dbt(postgres, "test", "--select", "test_type:unit")
    assert f"PASS={len(declared_tests())} WARN=0 ERROR=0 SKIP=0" in output


@_of(*ONCE_EACH)
def test_another_data_folder_is_refused(
    settings: Settings,
    engine: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built: Built = request.getfixturevalue(engine)
    for name, value in built.installation.variables.items():
        monkeypatch.setenv(name, value)
    another = settings.model_copy(update={"engine": engine})
    with pytest.raises(CrmMartsError, match=r"another data folder has its models built there"):
        engine_of(another).send(another)


@_of(*ONCE_EACH)
@pytest.mark.usefixtures("sources")
def test_what_is_no_date_is_null(engine: str, request: pytest.FixtureRequest) -> None:
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
    texts += ["31.02.2026", "05.03.26", "05.03.0000", "5.3.2026 8:05Z", "5.3.2026 8:5", "2026-3-5"]
    rows = ", ".join(f"({place}, '{text}')" for place, text in enumerate(texts))
    kind = "varchar" if engine == "postgres" else "string"
    query = (
        f"select place, cast({{{{ parse_timestamp('written') }}}} as {kind}) as read_as "
        f"from (values {rows}) as dates (place, written) order by place"
    )
    asked = ("show", "--inline", query, "--output", "json", "--limit", "50", "-q")
    output = _dbt(request.getfixturevalue(engine), *asked)
    assert [row["read_as"] for row in json.loads(output)["show"]] == [
        dates.get(text) for text in texts
    ]


@of_demo
def test_spark_overwrites_a_month_alone(spark: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in spark.installation.variables.items():
        monkeypatch.setenv(name, value)
    mart = "marts.rpt_client_growth"
    count = f"select close_month, count(*) from {mart} group by 1 order by 1"
    with thrift_cursor() as cursor:
        cursor.execute(
            f"""insert into {mart} partition (close_month = date '2026-02-01')
                select * except (close_month) from {mart} limit 3"""
        )
        cursor.execute(count)
        before = cursor.fetchall()
        _dbt(spark, "run", "--select", "rpt_client_growth", "--quiet")
        cursor.execute(f"refresh table {mart}")
        cursor.execute(count)
        assert cursor.fetchall() == before
    assert before[0][1] == 3
    assert len(before) == 2


@of_demo
def test_a_session_that_the_server_cannot_close_ends_no_work(cluster: Cluster) -> None:
    host, port, user = (cluster.variables[name] for name in SPARK_VARIABLES)
    forgive_failing_closes()
    session = hive.connect(host, int(port), username=user)
    session._client.CloseSession(TCloseSessionReq(sessionHandle=session._sessionHandle))
    session.close()  # for the second time, which the server refuses


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
