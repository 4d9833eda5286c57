"""Months closed one after the other as loads come are what a full refresh gives, row for row."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.raw.landing import landed_loads
from orchestration.settings import DBT_DIR, PROJECT_DIR
from tests.both_ways import (
    Folder,
    Histories,
    OneProject,
    close_both_ways,
    history_differences,
    mart_differences,
)
from tests.oracle.packs import Pack

# The last load comes weeks after the last close: what it says is not of any month yet.
PACK = Pack(date(2026, 3, 1), "Pacific/Auckland", late_days=20, has_norms=True)
DEEP_PACKS = tuple(
    Pack(date(year, month, 1), zone, late_days=20, has_norms=month % 2 == 0)
    for year, month, zone in (
        (2025, 3, "America/New_York"),
        (2025, 5, "Europe/Moscow"),
        (2025, 10, "Pacific/Auckland"),
        (2025, 11, "America/New_York"),
        (2025, 12, "Europe/Moscow"),
        (2026, 1, "Europe/Moscow"),
        (2026, 4, "Pacific/Auckland"),
    )
)
HISTORIES, DEEP_HISTORIES = 12, 16  # of a pack; DEEP_PACKS have over a hundred together


def check(histories: Histories) -> None:
    histories.expect_equal("closed", monthly_alone=False)
    histories.expect_equal("in the end", monthly_alone=True)
    assert not history_differences(histories)


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Histories:
    return close_both_ways(PACK, HISTORIES, 2, tmp_path_factory.mktemp("histories"))


@pytest.mark.slow
def test_the_histories_have_what_tells_the_two_ways_apart(histories: Histories) -> None:
    loads = landed_loads(histories.incremental.settings)
    assert {load.complete for load in loads} == {True, False}
    assert sum(table.gone for load in loads for table in load.tables) > 20
    assert sum(table.unchanged for load in loads for table in load.tables) > 20
    assert any(histories.incremental.updates)
    for month in histories.months:
        with duckdb.connect(str(histories.refreshed.shown[month, "alone"])) as db:
            empty = [
                mart.name
                for mart in histories.refreshed.marts
                if not db.execute(f'from "{mart.schema}"."{mart.name}" limit 1').fetchall()
            ]
        assert not empty, month


@pytest.mark.slow
def test_each_month_as_closed_is_what_a_full_refresh_gives(histories: Histories) -> None:
    histories.expect_equal("closed", monthly_alone=False)


@pytest.mark.slow
def test_later_loads_and_months_and_a_rebuilt_month_change_no_month(histories: Histories) -> None:
    histories.expect_equal("in the end", monthly_alone=True)


@pytest.mark.slow
def test_loads_landed_one_by_one_or_all_at_once_keep_the_same_history(
    histories: Histories,
) -> None:
    assert not history_differences(histories)


@pytest.mark.slow
def test_a_wrong_predicate_of_the_incremental_strategy_is_found(
    histories: Histories, tmp_path: Path
) -> None:
    """A copy of the project whose builds delete the other months' rows."""
    project = tmp_path / "dbt_project"
    shutil.copytree(DBT_DIR, project)
    shutil.copytree(PROJECT_DIR / "seeds", tmp_path / "seeds")
    macro = project / "macros" / "engines" / "month_replace.sql"
    sql = macro.read_text(encoding="utf-8")
    planted = sql.replace("where close_month = (", "where close_month <> (")
    assert planted != sql
    macro.write_text(planted, encoding="utf-8")
    good = histories.incremental
    shutil.copytree(good.settings.data_dir, tmp_path / "data")
    own = vars(good.settings) | {"data_dir": tmp_path / "data", "raw_dir": tmp_path / "raw"}
    folder = Folder(PlantedProject.model_construct(**own))
    folder.build(histories.months[0], "--select", "fct_interactions")
    folder.keep(histories.months[-1], "planted")
    found = mart_differences(
        folder.marts,
        folder.shown[histories.months[-1], "planted"],
        histories.refreshed.shown[histories.months[-1], "alone"],
        monthly_alone=True,
    )
    assert {line.split()[0] for line in found} == {"fct_interactions"}


class PlantedProject(OneProject):
    """Settings that read a copy of the project beside the raw folder."""

    @property
    def dbt_project(self) -> Path:
        return self.raw_dir.with_name("dbt_project")


@pytest.mark.deep
@pytest.mark.parametrize("spec", DEEP_PACKS, ids=lambda spec: spec.name)
def test_the_months_of_a_hundred_histories_are_what_a_full_refresh_gives(
    spec: Pack, tmp_path: Path
) -> None:
    check(close_both_ways(spec, DEEP_HISTORIES, 3, tmp_path))
