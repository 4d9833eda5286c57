"""A build that starts from the last one: when it may, and what is kept of it for the next close."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.close.building import base_of_build, new_since_built
from orchestration.close.contract_copy import (
    CHANGED_INTERACTIONS,
    SCHEMA,
    copy_contract,
    keep_built,
    kept_contract,
    tables_of,
)
from orchestration.close.examined import Examined, present_stamp
from orchestration.close.knowledge import find_changes
from orchestration.close.marts import keys_of
from orchestration.close.period import RunPeriod, run_period, write_run_period
from orchestration.dbt import parsed_project
from orchestration.raw.kept import LandedLoad, literal
from orchestration.raw.landing import landed_loads
from orchestration.settings import Settings, Source
from tests.both_ways import begin, deliver_until_covered
from tests.test_incremental import PACK

pytestmark = pytest.mark.slow


@dataclass
class Updated:
    """A folder of which the second month was built from the first one's build."""

    settings: Settings
    loads: list[LandedLoad]
    period: RunPeriod
    stamps: tuple[Examined, Examined]
    before: Path
    updates: list[bool]


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Updated:
    home = tmp_path_factory.mktemp("updates")
    histories, waiting = begin(PACK, 8, 2, home)
    folder, stamps = histories.incremental, []
    settings = folder.settings
    for month in histories.months:
        deliver_until_covered(folder, waiting, month)
        folder.build(month)
        period = run_period(settings, month, landed_loads(settings))
        stamps.append(present_stamp(settings, period.as_of))
        if month == histories.months[0]:
            copy_contract(settings.work_db, home / "before.duckdb")
        scratch = home / str(month)
        scratch.mkdir()
        keep_built(settings, scratch, stamps[-1], base_of_build(settings))
    first, second = stamps
    return Updated(
        settings=settings,
        loads=landed_loads(settings),
        period=period,
        stamps=(first, second),
        before=home / "before.duckdb",
        updates=folder.updates,
    )


def test_the_second_build_starts_from_the_first(updated: Updated) -> None:
    assert updated.updates == [False, True]
    assert base_of_build(updated.settings) == updated.stamps[0]
    with duckdb.connect(str(updated.settings.work_db), read_only=True) as db:
        counts = f"select count(*) from {CHANGED_INTERACTIONS}", "select count(*) from interactions"
        db.execute(f"use {SCHEMA}")
        (changed,), (every,) = (db.execute(count).fetchall()[0] for count in counts)
    assert 0 < changed < every


def test_the_kept_contract_follows_the_update(updated: Updated) -> None:
    kept = kept_contract(updated.settings, updated.stamps[1])
    assert kept is not None
    assert kept_contract(updated.settings, updated.stamps[0]) is None
    with duckdb.connect() as db:
        db.execute(f"attach {literal(kept)} as kept (read_only)")
        db.execute(f"attach {literal(updated.settings.work_db)} as work (read_only)")
        tables = tables_of(db, "work", SCHEMA)
        assert tables_of(db, "kept") == tables
        for table in tables:
            sides = f"from kept.main.{table}", f"from work.{SCHEMA}.{table}"
            for one, other in (sides, sides[::-1]):
                assert db.execute(f"({one}) except all ({other})").fetchall() == [], table


def test_comparing_the_changed_interactions_finds_what_comparing_all_does(updated: Updated) -> None:
    keys = keys_of(parsed_project(updated.settings))
    with duckdb.connect() as db:
        db.execute(f"attach {literal(updated.before)} as before (read_only)")
        db.execute(f"attach {literal(updated.settings.work_db)} as built (read_only)")
        db.execute("attach ':memory:' as now")
        for table in tables_of(db, "built", SCHEMA):
            db.execute(f"create view now.{table} as from built.{SCHEMA}.{table}")
        found = []
        for changed in (None, f"built.{CHANGED_INTERACTIONS}"):
            find_changes(db, keys, changed)
            found.append(db.execute("from changed order by all").fetchall())
    assert found[0] == found[1]
    assert any(entity == 0 for entity, *_ in found[0])


def _other_settings(settings: Settings, **updates: object) -> Settings:
    return settings.model_copy(update=updates)


def test_an_update_takes_the_loads_that_came_since(updated: Updated) -> None:
    assert new_since_built(updated.settings, updated.period, updated.loads) == []
    newest = max(updated.loads, key=lambda load: load.extracted_at)
    later = replace(newest, load_id="later", extracted_at=updated.period.as_of + timedelta(hours=1))
    loads = [*updated.loads, later]
    assert new_since_built(updated.settings, updated.period, loads) == []  # not known yet
    known = replace(updated.period, as_of=later.extracted_at)
    assert later in (new_since_built(updated.settings, known, loads) or [])


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(
            lambda settings: {"rules": settings.rules.model_copy(update={"active_days": 7})},
            id="a rule is another",
        ),
        pytest.param(
            lambda settings: {"sources": {**settings.sources, "shop": Source(crm="hubspot")}},
            id="a CRM does not tell which interactions a load changes",
        ),
    ],
)
def test_under_other_settings_all_is_built_anew(
    updated: Updated, changed: Callable[[Settings], dict[str, object]]
) -> None:
    other = _other_settings(updated.settings, **changed(updated.settings))
    assert new_since_built(other, updated.period, updated.loads) is None


def test_an_earlier_moment_and_an_unfinished_build_are_built_anew(updated: Updated) -> None:
    first = min(load.extracted_at for load in updated.loads)
    earlier = replace(updated.period, as_of=first)
    assert new_since_built(updated.settings, earlier, updated.loads) is None
    note = updated.settings.built_note
    text = note.read_text(encoding="utf-8")
    assert json.loads(text)["base"]["as_of"] == updated.stamps[0].as_of
    try:
        write_run_period(updated.settings, updated.period)  # somebody builds all anew
        assert new_since_built(updated.settings, updated.period, updated.loads) is None
    finally:
        note.write_text(text, encoding="utf-8")
