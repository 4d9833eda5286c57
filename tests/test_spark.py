"""Two months of the demo closed with the models built on Spark, and with DuckDB alone."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.close.release import RESTRICTED, SERVING
from tests.conftest import Cluster, Installation, started_cluster
from tests.mart_differences import differing_relations
from tests.samples import write_demo_loads

pytestmark = [pytest.mark.slow, pytest.mark.engines]
FIRST, SECOND = "2026-09", "2026-10"
KEPT_LOADS = ("20260902", "20261002", "20261102")


@dataclass(frozen=True)
class Closed:
    """The months closed on DuckDB and on Spark."""

    duck: Installation
    spark: Installation


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with started_cluster(tmp_path_factory.mktemp("spark")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Closed:
    home = tmp_path_factory.mktemp("engines")
    raw = {"CRM_MARTS_RAW_DIR": str(home / "raw")}
    write_demo_loads(home / "raw", KEPT_LOADS)
    on_spark = {**raw, **cluster.variables, "CRM_MARTS_ENGINE": "spark"}
    found = Closed(Installation(home / "duckdb", raw), Installation(home / "spark", on_spark))
    for installation in (found.duck, found.spark):
        installation.close(FIRST)
        installation.close(SECOND)
    return found


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


def test_without_the_server_the_remedy_is_told(closed: Closed) -> None:
    lost = closed.spark.run("close", SECOND, SPARK_PORT="1")
    assert lost.returncode != 0
    assert "no Thrift server answers" in lost.stderr
