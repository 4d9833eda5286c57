"""What the warehouse holds of its last build, and whether the next one can start from there."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.close.contract_copy import is_of_interactions
from orchestration.close.edition import code_version
from orchestration.close.examined import Examined, present_stamp
from orchestration.close.period import RunPeriod, write_run_period
from orchestration.durable import write_text
from orchestration.engines import engine_of
from orchestration.errors import CrmMartsError
from orchestration.raw.kept import LandedLoad
from orchestration.settings import Settings, contract_tables, tells_changes


@dataclass(frozen=True)
class Build:
    """A build, planned or finished: by which knowledge, code and inputs, from which loads (by id).

    `base` is the stamp of the build that it brings up to date, None where all is built anew.
    """

    stamp: Examined
    load_ids: list[str]
    base: Examined | None


def forget_other_code(settings: Settings) -> None:
    """Remove marts that another version of the models, or another engine, built.

    Their tables keep that one's columns, types and constraints, which would round or refuse the
    rows of the present one. Editions hold what they showed.
    """
    built = settings.building_db
    stamp, version = built.with_suffix(".version"), f"{code_version()} on {settings.engine}"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == version:
        return
    for path in (built, built.with_suffix(".duckdb.wal")):
        path.unlink(missing_ok=True)
    built.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(version, encoding="utf-8")


def plan_build(settings: Settings, period: RunPeriod, loads: list[LandedLoad]) -> None:
    """Write for which period, and from where, the models are built.

    The last build is brought up to date, unless the engine builds all anew, or it was not
    finished, was made by other code, settings or lists, knows loads that the period does not, or a
    CRM's folder does not tell which interactions a load changes
    (int_<crm>__changed_interactions).
    """
    present = present_stamp(settings, period.as_of)
    known = [load for load in loads if load.extracted_at <= period.as_of]
    load_ids = [load.load_id for load in known]
    built = _read(settings.built_note)
    if built and _can_follow(settings, built, present) and set(load_ids) >= set(built.load_ids):
        new = [load for load in known if load.load_id not in built.load_ids]
        write_run_period(settings, period, new)
        plan = Build(present, load_ids, base=built.stamp)
    else:
        write_run_period(settings, period)
        plan = Build(present, load_ids, base=None)
    _write(settings.build_plan, plan)


def _can_follow(settings: Settings, built: Build, present: Examined) -> bool:
    return (
        engine_of(settings).keeps_builds
        and settings.work_db.is_file()
        and all(map(_is_updated, settings.crms))
        and _same_making(built.stamp, present)
    )


def begin_build(settings: Settings, *, is_retry: bool) -> None:
    """Hold the plan against what is there, and say that the warehouse is between two builds.

    A killed build leaves nothing to start from. A plan made for other code or inputs, or for a
    build that is not there any more, becomes one for building all anew. A retry goes on with the
    plan that its first attempt found right, and opens no file: the failed attempt may hold it.
    """
    if is_retry:
        return
    plan, built = _read(settings.build_plan), _read(settings.built_note)
    if plan is None:
        raise CrmMartsError(
            "no build is planned",
            place=str(settings.build_plan),
            remedy="Landing plans it: run all steps of the month, as crm-marts close does.",
        )
    present = present_stamp(settings, datetime.fromisoformat(plan.stamp.as_of))
    is_there = plan.base is None or (built is not None and built.stamp == plan.base)
    if not (is_there and _same_making(plan.stamp, present)):
        build_all_anew(settings)
        anew = replace(plan, stamp=replace(present, loads=plan.stamp.loads), base=None)
        _write(settings.build_plan, anew)
    settings.built_note.unlink(missing_ok=True)


def note_built(settings: Settings) -> None:
    """Say what the finished build holds: what was planned; nothing where none follows it."""
    if not engine_of(settings).keeps_builds:
        return
    write_text(settings.built_note, settings.build_plan.read_text(encoding="utf-8"))


def build_all_anew(settings: Settings) -> None:
    """Forget what was noted of the last build, and of what a run brings to it."""
    if settings.work_db.is_file():
        with duckdb.connect(str(settings.work_db)) as db:
            db.execute("drop table if exists run.new_loads")
    settings.built_note.unlink(missing_ok=True)


def base_of_build(settings: Settings) -> Examined | None:
    """The stamp of the build that the last one brought up to date, None where it did not."""
    built = _read(settings.built_note)
    return built.base if built else None


def _same_making(one: Examined, other: Examined) -> bool:
    return (one.code_version, one.inputs) == (other.code_version, other.inputs)


def _write(note: Path, build: Build) -> None:
    write_text(note, json.dumps(asdict(build), indent=1))


def _read(note: Path) -> Build | None:
    if not note.is_file():
        return None
    raw = json.loads(note.read_text(encoding="utf-8"))
    base = raw["base"] and Examined(**raw["base"])
    return Build(Examined(**raw["stamp"]), raw["load_ids"], base)


def _is_updated(crm: str) -> bool:
    return tells_changes(crm) or not any(map(is_of_interactions, contract_tables(crm)))
