"""A month closed with the models built on PostgreSQL and on Spark, and on DuckDB.

Of the demo and of random companies. The month before was closed on DuckDB: an installation may go
over to a server. Months that follow each other on one are in test_engines.py. While Spark builds, a
worker of the cluster is killed.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyhive import hive
from TCLIService.ttypes import TCloseSessionReq

from orchestration.close.period import Month
from orchestration.close.release import RESTRICTED, SERVING
from orchestration.engines import engine_of
from orchestration.errors import CrmMartsError
from orchestration.settings import SPARK_VARIABLES, Settings
from orchestration.spark.engine import forgive_failing_closes, thrift_cursor
from tests import demo_and_companies
from tests.conftest import Cluster, Installation, started_cluster
from tests.crm_files import project_settings, settings_environment
from tests.mart_differences import differing_relations
from tests.oracle.packs import Pack, filled
from tests.postgres_server import connect, running_server

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
FIRST, SECOND = "2026-08", "2026-09"  # which ends a quarter
KEPT_LOADS = ("20260802", "20260902", "20261002")
COMPANIES = 6
PORTS = {"postgres": "PGPORT", "spark": "SPARK_PORT"}
# The server's publication stands beside the schemas that the models are built in.
PUBLICATION = {
    "CRM_MARTS_POSTGRES__PUBLISH": "true",
    "CRM_MARTS_POSTGRES__MARTS_SCHEMA": "published",
    "CRM_MARTS_POSTGRES__RESTRICTED_SCHEMA": "published_names",
}


@dataclass(frozen=True)
class Closed:
    """The same months closed on DuckDB and on a server."""

    engine: str
    duck: Installation
    server: Installation

    @property
    def both(self) -> tuple[Installation, Installation]:
        return self.duck, self.server


def _on(*engines: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("closed", engines, indirect=True, scope="module")


on_each = _on("postgres", "spark")
on_postgres = _on("postgres")
on_spark = _on("spark")


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    home = tmp_path_factory.mktemp("duckdb")
    pack = Pack(Month.parse(SECOND).first_day, "Europe/Moscow")
    companies = filled(pack, project_settings(), COMPANIES)
    demo_and_companies.deliver(home / "raw", KEPT_LOADS, companies, closed=2)
    installation = Installation(home, settings_environment(home, demo_and_companies.SOURCES))
    installation.close(FIRST)
    return installation


@pytest.fixture(scope="module")
def postgres() -> Iterator[dict[str, str]]:
    with running_server() as variables:
        yield {**variables, **PUBLICATION}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with started_cluster(tmp_path_factory.mktemp("spark")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def spark(cluster: Cluster) -> dict[str, str]:
    return cluster.variables


@pytest.fixture(scope="module")
def closed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Closed:
    engine: str = request.param
    # First, so that without it nothing is closed in vain.
    reached = request.getfixturevalue(engine)
    on_duckdb: Installation = request.getfixturevalue("on_duckdb")
    home = tmp_path_factory.mktemp(engine)
    found = Closed(
        engine,
        _beside(on_duckdb, home / "duckdb"),
        _beside(on_duckdb, home / engine, **reached, CRM_MARTS_ENGINE=engine),
    )
    found.duck.close(SECOND)  # its load brings late rows of the first
    with ExitStack() as stack:
        if engine == "spark":
            cluster: Cluster = request.getfixturevalue("cluster")
            has_begun = cluster.contract_table("clients").is_dir
            stack.enter_context(cluster.losing_a_worker(has_begun))
        found.server.close(SECOND)
    return found


def _beside(installation: Installation, home: Path, **more: str) -> Installation:
    """One with a copy of what another has, which reads the same loads."""
    variables = {**installation.variables, "CRM_MARTS_DATA_DIR": str(home / "data"), **more}
    shutil.copytree(installation.data, home / "data", symlinks=True)
    return Installation(home, variables)


def _release(installation: Installation) -> Path:
    return (installation.data / "published" / "current").resolve()


def _assert_equal_releases(closed: Closed) -> None:
    duck, server = map(_release, closed.both)
    for file in (SERVING, RESTRICTED):
        assert differing_relations(duck / file, server / file) == {}, file


def _manifests(installation: Installation) -> dict[str, dict[str, Any]]:
    paths = sorted(installation.data.glob("editions/*/*/manifest.json"))
    return {"/".join(path.parts[-3:-1]): json.loads(path.read_text("utf-8")) for path in paths}


def _said(installation: Installation, *command: str) -> str:
    done = installation.run(*command)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.replace(str(installation.home), "").splitlines()
    return "\n".join(line for line in lines if not line.startswith("PostgreSQL: "))


@on_each
def test_every_row_that_readers_see_is_the_same(closed: Closed) -> None:
    _assert_equal_releases(closed)
    with closed.server.published() as db:
        months = db.sql("select distinct close_month from rpt_client_growth").fetchall()
    assert len(months) == 2


@on_each
def test_every_relation_has_rows_to_compare(closed: Closed) -> None:
    of_month = f"where close_month = date '{SECOND}-01'"
    with closed.server.published() as db:
        kinds = db.sql(f"select distinct period_kind from dim_periods {of_month}").fetchall()
        marts = db.sql(
            """select table_name from duckdb_columns()
               where database_name = current_database() and schema_name = 'marts'
                   and column_name = 'close_month'"""
        ).fetchall()
        empty = [name for (name,) in marts if not db.sql(f"from {name} {of_month}").fetchone()]
    with closed.server.canonical() as db:
        tables = db.sql("select name from (show tables)").fetchall()
        empty += [name for (name,) in tables if not db.sql(f"from {name}").fetchone()]
    assert {kind for (kind,) in kinds} == {"week", "month", "quarter"}
    assert not empty


@on_each
def test_contract_and_quarantine_have_the_same_rows(closed: Closed) -> None:
    duck, server = (i.data / "warehouse" / "work.duckdb" for i in closed.both)
    assert differing_relations(duck, server, "canonical") == {}
    with duckdb.connect(str(server), read_only=True) as db:
        assert db.sql("select count(*) > 10 from canonical.quarantine").fetchall() == [(True,)]


@on_each
def test_a_release_that_differs_is_told(closed: Closed, tmp_path: Path) -> None:
    duck, spoilt = _release(closed.duck) / SERVING, tmp_path / SERVING
    shutil.copyfile(_release(closed.server) / SERVING, spoilt)
    with duckdb.connect(str(spoilt)) as db:
        db.execute("set TimeZone = 'UTC'; use marts")
        db.execute(
            """update rpt_manager_load set main_client_count = main_client_count + 1
               where manager_id = (select min(manager_id) from rpt_manager_load)
                   and client_class = 'all' and close_month = date '2026-09-01'"""
        )
        db.execute("alter table rpt_plan_fulfilment alter column fact_count type integer")
        db.execute("delete from dim_periods where period_kind = 'quarter'")
    found = differing_relations(duck, spoilt)
    assert found.pop("marts.rpt_manager_load") == 2
    assert found.pop("marts.rpt_plan_fulfilment") == -1
    assert found.pop("marts.dim_periods") >= 1
    assert all(name.startswith(("marts_history.", "serving.")) for name in found), found


@on_each
def test_editions_have_the_same_hashes(closed: Closed) -> None:
    duck, server = map(_manifests, closed.both)
    assert list(duck) == list(server) == [f"{FIRST}/001", f"{SECOND}/001"]
    for name in duck:
        engines = [found[name]["configuration"].pop("engine") for found in (duck, server)]
        assert engines == ["duckdb", closed.engine if name.startswith(SECOND) else "duckdb"]
        assert duck[name] == server[name], name


@on_each
def test_the_commands_say_the_same(closed: Closed) -> None:
    for command in (["status"], ["quarantine", "--all"], ["restatements", "--limit", "1000"]):
        duck, server = (_said(installation, *command) for installation in closed.both)
        assert duck == server
        assert duck.count("\n") > 3, command
    assert f"{FIRST}: edition 2 is pending" in _said(closed.server, "status")


@on_each
def test_an_edition_of_the_server_is_replayed_on_duckdb(closed: Closed) -> None:
    assert "all equal" in _said(closed.server, "replay", SECOND)


@on_each
def test_the_same_checks_see_the_same_rows(closed: Closed) -> None:
    duck, server = map(_checks, closed.both)
    assert duck == server
    warned = [check for check in server if not check["passed"]]
    assert len([check for check in warned if check["failing_keys"]]) >= 3


def _checks(installation: Installation) -> list[dict[str, Any]]:
    """Every check of the last close; its failing rows come in no order."""
    page = installation.data / "quality" / f"{SECOND}.json"
    checks: list[dict[str, Any]] = json.loads(page.read_text("utf-8"))["checks"]
    for check in checks:
        check["failing_keys"].sort()
    return sorted(checks, key=lambda check: (check["asset"], check["name"]))


@on_each
def test_another_data_folder_is_refused(
    closed: Closed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in closed.server.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CRM_MARTS_DATA_DIR", str(tmp_path))
    another = Settings()  # type: ignore[call-arg]
    with pytest.raises(CrmMartsError, match=r"another data folder has its models built there"):
        engine_of(another).send(another)


@on_each
def test_what_is_no_date_is_null(closed: Closed) -> None:
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
    kind = "varchar" if closed.engine == "postgres" else "string"
    query = (
        f"select place, cast({{{{ parse_timestamp('written') }}}} as {kind}) as read_as "
        f"from (values {rows}) as dates (place, written) order by place"
    )
    asked = ("show", "--inline", query, "--output", "json", "--limit", "50", "-q")
    output = _said(closed.server, "dbt", *asked)
    assert [row["read_as"] for row in json.loads(output)["show"]] == [
        dates.get(text) for text in texts
    ]


@on_spark
def test_spark_overwrites_a_month_alone(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in closed.server.variables.items():
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
        _said(closed.server, "dbt", "run", "--select", "rpt_client_growth", "--quiet")
        cursor.execute(f"refresh table {mart}")
        cursor.execute(count)
        assert cursor.fetchall() == before
    assert before[0][1] == 3
    assert len(before) == 2


@on_spark
def test_a_session_that_the_server_cannot_close_ends_no_work(
    closed: Closed, spark: dict[str, str]
) -> None:
    host, port, user = (spark[name] for name in SPARK_VARIABLES)
    forgive_failing_closes()
    session = hive.connect(host, int(port), username=user)
    session._client.CloseSession(TCloseSessionReq(sessionHandle=session._sessionHandle))
    session.close()  # for the second time, which the server refuses


@on_postgres
def test_a_failed_test_names_its_rows_and_publishes_nothing(closed: Closed) -> None:
    released = _release(closed.server)
    # Between the share of rows without a key, which the raw door judges, and that of all unusable.
    red = closed.server.run("close", SECOND, CRM_MARTS_CHECKS__QUARANTINE_BLOCK_SHARE="0.0025")
    assert red.returncode == 1, red.stdout + red.stderr
    assert "quarantined_share_is_small" in red.stderr
    assert "source demo, table_name Document_" in red.stderr
    assert _release(closed.server) == released


@on_each
def test_without_the_server_nothing_is_published(closed: Closed) -> None:
    released = _release(closed.server)
    lost = closed.server.run("close", SECOND, **{PORTS[closed.engine]: "1"})
    assert lost.returncode == 2, lost.stdout + lost.stderr
    told = {"postgres": "Look whether the server runs", "spark": "no Thrift server answers"}
    assert told[closed.engine] in lost.stderr
    assert _release(closed.server) == released


@on_each
def test_the_engine_may_change(closed: Closed) -> None:
    again = closed.server.run("close", SECOND, CRM_MARTS_ENGINE="duckdb")
    assert "unchanged" in again.stdout, again.stderr


@on_postgres
def test_the_server_shows_what_the_files_show(closed: Closed, postgres: dict[str, str]) -> None:
    connection = connect(postgres)
    with connection, connection.cursor() as cursor, closed.server.published() as db:
        for mart in ("rpt_client_growth", "rpt_interaction_register"):
            cursor.execute(f"select close_month, count(*) from published.{mart} group by 1")
            counts = f"select close_month, count(*) from {mart} group by 1"
            assert sorted(cursor.fetchall()) == sorted(db.sql(counts).fetchall())
    connection.close()


@on_each
def test_a_restatement_is_published_alike(closed: Closed) -> None:
    for installation in closed.both:
        assert "edition 2 published" in _said(installation, "restate", FIRST)
    _assert_equal_releases(closed)
    duck, server = (_manifests(i)[f"{FIRST}/002"]["marts"] for i in closed.both)
    assert duck == server
    with closed.server.published() as db:
        causes = db.sql("select distinct cause from rpt_restatements").fetchall()
    assert ("late entry",) in causes
