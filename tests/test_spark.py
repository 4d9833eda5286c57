"""Two months of the demo closed with the models built on Spark, and with DuckDB alone.

A worker of the cluster is killed in the middle of the second month's build.
"""

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.close.release import RESTRICTED, SERVING
from orchestration.spark.cluster import running_cluster
from orchestration.spark.engine import thrift_cursor
from tests.conftest import Installation
from tests.mart_differences import differing_relations
from tests.samples import write_demo_loads

pytestmark = [pytest.mark.slow, pytest.mark.engines]
FIRST, SECOND = "2026-09", "2026-10"
KEPT_LOADS = ("20260902", "20261002", "20261102")


@dataclass(frozen=True)
class Closed:
    """The months closed on DuckDB and on Spark; the cluster's folder and how to reach it."""

    duck: Installation
    spark: Installation
    cluster: Path
    variables: dict[str, str]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    home = tmp_path_factory.mktemp("engines")
    raw = {"CRM_MARTS_RAW_DIR": str(home / "raw")}
    write_demo_loads(home / "raw", KEPT_LOADS)
    duck = Installation(home / "duckdb", raw)
    duck.close(FIRST)
    duck.close(SECOND)
    cluster = home / "cluster"
    with running_cluster(cluster) as variables:
        spark = Installation(home / "spark", {**raw, **variables, "CRM_MARTS_ENGINE": "spark"})
        spark.close(FIRST)
        killer = threading.Thread(target=_kill_a_worker, args=(cluster, time.time()), daemon=True)
        killer.start()
        spark.close(SECOND)
        killer.join(timeout=1)
        assert not killer.is_alive(), "no worker was killed"
        yield Closed(duck, spark, cluster, variables)


def _kill_a_worker(cluster: Path, since: float) -> None:
    """End one of the two workers, and what it runs, once the contract is being built anew."""
    begun = cluster / "warehouse" / "canonical.db" / "clients"
    while not (begun.is_dir() and begun.stat().st_mtime > since):
        time.sleep(0.2)
    worker = int((cluster / "worker2.pid").read_text())
    os.kill(worker, signal.SIGKILL)


def _release(installation: Installation) -> Path:
    return (installation.data / "published" / "current").resolve()


def test_every_row_that_readers_see_is_the_same(closed: Closed) -> None:
    for file in (SERVING, RESTRICTED):
        duck, spark = _release(closed.duck) / file, _release(closed.spark) / file
        assert differing_relations(duck, spark) == {}, file
    with closed.spark.published() as db:
        months = db.sql("select distinct close_month from rpt_client_growth").fetchall()
    assert len(months) == 2


def test_contract_and_quarantine_have_the_same_rows(closed: Closed) -> None:
    duck, spark = (i.data / "warehouse" / "work.duckdb" for i in (closed.duck, closed.spark))
    assert differing_relations(duck, spark, "canonical") == {}
    with duckdb.connect(str(spark), read_only=True) as db:
        assert db.sql("select count(*) > 10 from canonical.quarantine").fetchall() == [(True,)]


def test_a_row_that_differs_is_found(closed: Closed, tmp_path: Path) -> None:
    spoilt = tmp_path / SERVING
    shutil.copyfile(_release(closed.spark) / SERVING, spoilt)
    with duckdb.connect(str(spoilt)) as db:
        db.execute("delete from marts.dim_periods where period_kind = 'quarter'")
    assert "marts.dim_periods" in differing_relations(_release(closed.duck) / SERVING, spoilt)


def test_a_month_is_overwritten_alone(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in closed.variables.items():
        monkeypatch.setenv(name, value)
    count = "select close_month, count(*) from marts.rpt_client_growth group by 1 order by 1"
    with thrift_cursor() as cursor:
        cursor.execute(count)
        before = cursor.fetchall()
        again = closed.spark.run("dbt", "run", "--select", "rpt_client_growth", "--quiet")
        assert again.returncode == 0, again.stdout + again.stderr
        cursor.execute("refresh table marts.rpt_client_growth")
        cursor.execute(count)
        assert cursor.fetchall() == before
    assert len(before) == 2


def test_the_cluster_lost_a_worker(closed: Closed) -> None:
    log = (closed.cluster / "master.log").read_text(encoding="utf-8")
    assert "Removing worker" in log


def test_without_the_server_the_remedy_is_told(closed: Closed) -> None:
    lost = closed.spark.run("close", SECOND, SPARK_PORT="1")
    assert lost.returncode != 0
    assert "no Thrift server answers" in lost.stderr
    unnamed = Installation(closed.spark.home).run("status", CRM_MARTS_ENGINE="spark")
    assert unnamed.returncode == 2
    assert (
        "engine spark needs SPARK_HOST, SPARK_PORT, SPARK_USER in the environment" in unnamed.stderr
    )
