"""A pack's months built both ways: as the loads come, and each alone from all loads at once."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.close.building import base_of_build, begin_build, note_built, plan_build
from orchestration.close.marts import Mart, mart_rows, marts_of
from orchestration.close.period import Month, month_end, run_period, write_run_period
from orchestration.dbt import parsed_project, run_dbt
from orchestration.raw.kept import literal
from orchestration.raw.landing import land, landed_loads
from orchestration.settings import Settings, Source
from tests.histories import CRMS, Delivery, deliveries
from tests.mart_differences import Engine, differences
from tests.oracle.packs import Pack, filled

INCREMENTAL, REFRESHED = "the incremental close", "the full refresh"


class OneProject(Settings):
    """Settings of several data folders beside each other, with one parsed project."""

    @property
    def dbt_dir(self) -> Path:
        return self.raw_dir.with_name("dbt")


@dataclass
class Folder:
    """A data folder whose months are built by the project's own code, and what they showed."""

    settings: Settings
    shown: dict[tuple[Month, str], Path] = field(default_factory=dict)
    updates: list[bool] = field(default_factory=list)  # of each close: not all was built anew

    @property
    def marts(self) -> list[Mart]:
        return marts_of(parsed_project(self.settings))

    def build(self, month: Month, *flags: str) -> None:
        """Build a month as its close does, without the tests of the models."""
        loads = landed_loads(self.settings)
        period = run_period(self.settings, month, loads)
        if not flags:
            plan_build(self.settings, period, loads)
            begin_build(self.settings, is_retry=False)
        elif "--select" not in flags:
            write_run_period(self.settings, period)
        without = [f"--exclude-resource-type={kind}" for kind in ("unit_test", "test")]
        done = run_dbt(self.settings, ["build", *without, *flags])
        assert done.success, [r.message for r in done.result or [] if r.message] or done.exception
        if not flags:
            note_built(self.settings)
            self.updates.append(base_of_build(self.settings) is not None)

    def keep(self, month: Month, moment: str) -> None:
        """Keep what the marts show of a month at a moment of the test."""
        path = self.settings.data_dir / f"{month}-{moment}.duckdb"
        with duckdb.connect(str(path)) as db:
            db.execute(f"attach {literal(self.settings.building_db)} as building (read_only)")
            for mart in self.marts:
                db.execute(f'create schema if not exists "{mart.schema}"')
                rows = mart_rows(mart, month, database="building.")
                db.execute(f'create table "{mart.schema}"."{mart.name}" as {rows}')
        self.shown[month, moment] = path


@dataclass
class Histories:
    """A pack's loads, landed and built both ways.

    Moments at which the incremental folder's months were kept: `closed` and `in the end`.
    """

    months: list[Month]
    incremental: Folder
    refreshed: Folder

    def expect_equal(self, moment: str, *, monthly_alone: bool) -> None:
        """Fail with mart, key, column and both values unless a moment shows the full refresh."""
        found = [
            f"{month}: {line}"
            for month in self.months
            for line in mart_differences(
                self.incremental.marts,
                self.incremental.shown[month, moment],
                self.refreshed.shown[month, "alone"],
                monthly_alone=monthly_alone,
            )
        ]
        assert not found, "\n".join([f"{len(found)} differences {moment}", *found[:40]])


def mart_differences(
    marts: list[Mart], left: Path, right: Path, *, monthly_alone: bool
) -> Iterator[str]:
    """Differing rows of two kept months, by mart, key and column."""
    with (
        duckdb.connect(str(left), read_only=True) as built,
        duckdb.connect(str(right), read_only=True) as expected,
    ):
        sides = (_engine(INCREMENTAL, built), _engine(REFRESHED, expected))
        for mart in marts:
            if mart.is_monthly or not monthly_alone:
                yield from differences(mart, *sides)


def _engine(name: str, db: duckdb.DuckDBPyConnection) -> Engine:
    return Engine(name, lambda sql: db.execute(sql).fetchall())


def close_both_ways(spec: Pack, count: int, closed: int, home: Path) -> Histories:
    """Land and build a pack's months as the loads come, and all of it anew."""
    found, loads = begin(spec, count, closed, home)
    _close_as_loads_come(found, loads)
    _refresh(found)
    return found


def begin(spec: Pack, count: int, closed: int, home: Path) -> tuple[Histories, list[Delivery]]:
    """Empty folders for a pack's months, and its loads."""
    settings = spec.settings(home)
    loads = deliveries(filled(spec, settings, count), seed=spec.month.toordinal(), closed=closed)
    own = vars(settings) | {
        "sources": {name: Source(crm=crm) for name, crm in CRMS.items()},
        "settle_seconds": 0,
    }
    last = Month(spec.month.year, spec.month.month)
    first = last
    for _ in range(closed - 1):
        first = first.previous()
    found = Histories(
        months=first.until(last),
        incremental=Folder(OneProject.model_construct(**own)),
        refreshed=Folder(OneProject.model_construct(**own | {"data_dir": home / "refreshed"})),
    )
    return found, loads


def _close_as_loads_come(histories: Histories, loads: list[Delivery]) -> None:
    """Each month when it can be closed; the first one twice then, and again after the last."""
    folder, months = histories.incremental, histories.months
    waiting = list(loads)
    for month in months:
        deliver_until_covered(folder, waiting, month)
        folder.build(month)
        if month == months[0]:
            folder.build(month, "--select", "path:models/marts")
        folder.keep(month, "closed")
    for delivery in waiting:
        delivery.write(folder.settings.raw_dir)
    land(folder.settings)
    folder.build(months[0])
    for month in months:
        folder.keep(month, "in the end")


def deliver_until_covered(folder: Folder, waiting: list[Delivery], month: Month) -> None:
    """Land the next loads, taken from `waiting`, until the month can be closed."""
    while not _is_covered(folder.settings, month):
        waiting.pop(0).write(folder.settings.raw_dir)
        land(folder.settings)


def _is_covered(settings: Settings, month: Month) -> bool:
    """Whether every source has a complete load from after the month."""
    end = month_end(settings, month)
    covering = {
        load.source for load in landed_loads(settings) if load.complete and load.extracted_at >= end
    }
    return covering == set(settings.sources)


def _refresh(histories: Histories) -> None:
    """All loads landed at once, each month alone in an empty warehouse."""
    folder = histories.refreshed
    land(folder.settings)
    for month in histories.months:
        folder.build(month, "--full-refresh")
        folder.keep(month, "alone")
        shutil.rmtree(folder.settings.warehouse_dir)
        land(folder.settings)


def history_differences(histories: Histories) -> list[str]:
    """Raw tables of which the two ways of landing do not keep the same versions."""
    sides = {"a": histories.incremental.settings, "b": histories.refreshed.settings}
    with duckdb.connect() as db:
        for name, settings in sides.items():
            db.execute(f"attach {literal(settings.history_db)} as {name} (read_only)")
        relations = db.execute(
            """select table_schema || '."' || table_name || '"' from information_schema.tables
               where table_catalog = 'a' order by all"""
        ).fetchall()
        assert len(relations) > len(CRMS)
        return [
            relation
            for (relation,) in relations
            if db.execute(
                f"""(from a.{relation} except all from b.{relation})
                    union all (from b.{relation} except all from a.{relation})"""
            ).fetchall()
        ]
