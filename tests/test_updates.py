"""A build that starts from the last one: when it may, and what is kept of it for the next close."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.close.building import (
    base_of_build,
    begin_build,
    build_all_anew,
    note_built,
    plan_build,
)
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
from orchestration.errors import CrmMartsError
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


def planned(settings: Settings, period: RunPeriod, loads: list[LandedLoad]) -> list[str] | None:
    """Sources and moments of the loads that a build would bring; None where it is all anew."""
    kept = {path: path.read_text() for path in (settings.built_note,) if path.is_file()}
    plan_build(settings, period, loads)
    for path, text in kept.items():
        path.write_text(text)
    with duckdb.connect(str(settings.work_db), read_only=True) as db:
        try:
            rows = db.execute("select source || ' ' || extracted_at from run.new_loads").fetchall()
        except duckdb.CatalogException:
            return None
    return sorted(row for (row,) in rows)


def test_an_update_takes_the_loads_that_came_since(updated: Updated) -> None:
    assert planned(updated.settings, updated.period, updated.loads) == []
    newest = max(updated.loads, key=lambda load: load.extracted_at)
    moment = updated.period.as_of + timedelta(hours=1)
    loads = [*updated.loads, replace(newest, load_id="later", extracted_at=moment)]
    assert planned(updated.settings, updated.period, loads) == []  # not known yet
    known = replace(updated.period, as_of=moment)
    assert planned(updated.settings, known, loads) == [
        f"{newest.source} {moment.replace(tzinfo=None)}"
    ]


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
    other = updated.settings.model_copy(update=changed(updated.settings))
    assert planned(other, updated.period, updated.loads) is None


def test_on_what_loads_a_month_closes_makes_nothing_anew(updated: Updated) -> None:
    sources = {
        name: source.model_copy(update={"closes_on": "any"})
        for name, source in updated.settings.sources.items()
    }
    other = updated.settings.model_copy(update={"sources": sources})
    assert planned(other, updated.period, updated.loads) == []


def test_an_earlier_moment_is_built_anew(updated: Updated) -> None:
    earlier = replace(updated.period, as_of=min(load.extracted_at for load in updated.loads))
    assert planned(updated.settings, earlier, updated.loads) is None


def test_a_killed_build_and_one_by_hand_leave_nothing_to_start_from(updated: Updated) -> None:
    note = updated.settings.built_note
    text = note.read_text(encoding="utf-8")
    try:
        plan_build(updated.settings, updated.period, updated.loads)
        begin_build(updated.settings, is_retry=False)
        assert not note.exists()
        assert planned(updated.settings, updated.period, updated.loads) is None
        note.write_text(text, encoding="utf-8")
        build_all_anew(updated.settings)
        assert planned(updated.settings, updated.period, updated.loads) is None
        note.write_text(text, encoding="utf-8")
        write_run_period(updated.settings, updated.period)
        assert planned(updated.settings, updated.period, updated.loads) is None
    finally:
        note.write_text(text, encoding="utf-8")


def test_a_plan_that_does_not_fit_any_more_is_for_building_anew(updated: Updated) -> None:
    """A step begun by itself, after a rule was changed or once more after it went through."""
    settings, note = updated.settings, updated.settings.built_note
    text = note.read_text(encoding="utf-8")
    rules = settings.rules.model_copy(update={"active_days": 7})
    other = settings.model_copy(update={"rules": rules})
    later = replace(updated.period, as_of=updated.period.as_of + timedelta(hours=1))
    try:
        plan_build(settings, later, updated.loads)
        begin_build(other, is_retry=False)
        assert not has_new_loads(settings)
        note.write_text(text, encoding="utf-8")
        plan_build(settings, later, updated.loads)
        note_built(settings)
        assert has_new_loads(settings)
        begin_build(settings, is_retry=False)
        assert not has_new_loads(settings)
        note_built(settings)
        assert base_of_build(settings) is None
        # All was planned anew, and built under the other rule: nothing of it serves the first one.
        write_run_period(settings, later)
        plan_build(settings, later, updated.loads)
        begin_build(other, is_retry=False)
        note_built(settings)
        assert planned(settings, later, updated.loads) is None
        assert planned(other, later, updated.loads) == []
    finally:
        note.write_text(text, encoding="utf-8")


def test_a_build_that_nobody_planned_is_refused(updated: Updated) -> None:
    plan = updated.settings.build_plan
    text = plan.read_text(encoding="utf-8")
    plan.unlink()
    try:
        with pytest.raises(CrmMartsError, match="no build is planned"):
            begin_build(updated.settings, is_retry=False)
    finally:
        plan.write_text(text, encoding="utf-8")


def has_new_loads(settings: Settings) -> bool:
    with duckdb.connect(str(settings.work_db), read_only=True) as db:
        return "new_loads" in tables_of(db, "work", "run")
