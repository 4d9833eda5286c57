"""Restatements: closed months that come out otherwise by what is known now, and why."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import duckdb

from orchestration.close.building import base_of_build
from orchestration.close.cells import (
    add_moves,
    compared,
    differing_marts,
    keep_stage,
    new_schema,
    write_changes,
)
from orchestration.close.contract_copy import (
    CHANGED_INTERACTIONS,
    SCHEMA,
    copy_contract,
    keep_built,
    keep_copy,
    kept_contract,
    tables_of,
    view_contract,
)
from orchestration.close.edition import (
    MANIFEST,
    Edition,
    built_edition,
    edition_dir,
    editions,
    verify_edition,
    write_files,
)
from orchestration.close.examined import (
    NEVER,
    Examined,
    present_stamp,
    read_stamps,
    stamp_of,
    write_stamps,
)
from orchestration.close.knowledge import (
    causes_of,
    changing_tables,
    find_changes,
    rows_without,
    touches,
)
from orchestration.close.leftovers import scratch_warehouse
from orchestration.close.marts import keys_of, mart_rows, marts_of
from orchestration.close.pending import CHANGES, MOVES, pending_dir
from orchestration.close.period import Month, RunPeriod, month_end
from orchestration.close.replay import Filled, compute, compute_again, recorded_settings
from orchestration.dbt import parsed_project
from orchestration.durable import new_folder, remove_folder
from orchestration.errors import CrmMartsError
from orchestration.raw.kept import literal
from orchestration.raw.landing import landed_loads, refresh_history
from orchestration.settings import Settings

SEEDS = "resource_type:seed"
CANONICAL = (SEEDS, "+path:models/canonical")
MARTS = ("run_period", "path:models/intermediate", "path:models/marts")


def examine(
    settings: Settings,
    as_of: datetime,
    before: Month,
    report: Callable[[str], None],
    *,
    is_built: bool = False,
) -> list[Edition]:
    """Compute what is known at `as_of` of the closed months before one; the new restatements.

    With `is_built` the work database has the contract's tables as known then. Only months that
    changed rows, code or inputs touch are computed. Raises CrmMartsError when these are more than
    close.max_recomputed_months.
    """
    latest = {edition.month: edition for edition in editions(settings)}  # by number, ascending
    closed = [e for e in latest.values() if Month.parse(e.month) < before and e.as_of <= as_of]
    present = present_stamp(settings, as_of)
    if not closed:
        if is_built:
            _keep_for_the_next_close(settings, present)
        return []
    stamps = read_stamps(settings)
    groups: dict[Examined, list[Edition]] = {}
    for edition in closed:
        known = (stamps.get(edition.month, NEVER), stamp_of(edition))  # of two alike the first
        stamp = max(known, key=lambda stamp: stamp.as_of)
        if stamp != present:
            groups.setdefault(stamp, []).append(edition)
    if not groups:
        return []
    found = []
    with scratch_warehouse(settings) as folder:
        examination = _Examination(settings, folder, replace(closed[0].period, as_of=as_of))
        examination.look_at_now(is_built=is_built)
        for stamp, months in sorted(groups.items(), key=lambda group: group[0].as_of):
            found += examination.months_known_at(stamp, months, report)
        examination.keep_now()
    for edition in closed:
        stamps[edition.month] = present
    write_stamps(settings, stamps)
    return found


def _keep_for_the_next_close(settings: Settings, present: Examined) -> None:
    with scratch_warehouse(settings) as folder:
        keep_built(settings, folder, present, base_of_build(settings))


class _Examination:
    """One look at closed months, in a warehouse of its own."""

    def __init__(self, settings: Settings, folder: Path, period: RunPeriod) -> None:
        """Begin in a folder; of the period, the contract's tables depend on `as_of` alone."""
        self.settings, self.folder, self.period = settings, folder, period
        self.scratch = settings.beside(folder)
        self.scratch.history_db.parent.mkdir(parents=True)
        shutil.copyfile(settings.history_db, self.scratch.history_db)
        project = parsed_project(settings)
        self.marts, self.keys = marts_of(project), keys_of(project)
        self.monthly = compared(self.marts)
        self.present = present_stamp(settings, period.as_of)
        self.stages = folder / "stages.duckdb"
        self.before, self.now = folder / "before.duckdb", folder / "now.duckdb"
        self.is_built = False
        # What dbt has built of a selection of models, and what the contract's tables were put as.
        self.filled: dict[tuple[str, ...], list[Filled]] = {}
        self.put: dict[str, str] = {}

    def look_at_now(self, *, is_built: bool) -> None:
        """Take the contract's tables of now from the work database where they are built."""
        self.is_built = is_built
        if is_built:
            view_contract(self.settings.work_db, self.now)
        else:
            self._compute_contract(self.period.as_of, self.now)

    def keep_now(self) -> None:
        """Keep the contract's tables of now for the next close."""
        if self.is_built:
            keep_built(self.settings, self.folder, self.present, base_of_build(self.settings))
        else:
            keep_copy(self.settings, self.now, self.present)

    def months_known_at(
        self, stamp: Examined, months: list[Edition], report: Callable[[str], None]
    ) -> list[Edition]:
        """Examine months that were last examined alike; new restatements, oldest first."""
        settings, present = self.settings, self.present
        then = replace(present, as_of=stamp.as_of, loads=stamp.loads)
        kept = kept_contract(settings, then)
        self.before = kept or self.folder / "before.duckdb"
        if not kept:
            self._compute_contract(datetime.fromisoformat(stamp.as_of), self.before)
        other_code = stamp.code_version != present.code_version
        other_inputs = stamp.inputs != present.inputs
        is_followed = self.is_built and kept and base_of_build(settings) == then
        changed = f"built.{CHANGED_INTERACTIONS}" if is_followed else None
        with self._stages() as db:
            find_changes(db, self.keys, changed)
            self.put = {}  # later causes are other rows now
            chosen = [
                edition
                for edition in months
                if other_code or other_inputs or causes_of(db, self._touching(edition))
            ]
        limit = settings.close.max_recomputed_months
        if len(chosen) > limit:
            raise CrmMartsError(
                f"{len(chosen)} closed months have to be computed again, from {chosen[0].month} "
                f"on; close.max_recomputed_months allows {limit}",
                remedy="Raise it in crm_marts.toml if so long a look back is meant.",
            )
        found = []
        for edition in sorted(chosen, key=lambda edition: edition.month):
            restated = self._examine_month(edition, stamp, other_code, other_inputs)
            if restated:
                report(f"{edition.month}: edition {restated.number} is pending")
                found.append(restated)
        return found

    def _touching(self, edition: Edition) -> str:
        end = month_end(self.settings, edition.period.month).replace(tzinfo=None)
        return touches(end, edition.scheduled_close_at.replace(tzinfo=None))

    def _compute_contract(self, as_of: datetime, path: Path) -> None:
        self._compute(replace(self.period, as_of=as_of), *CANONICAL)
        copy_contract(self.scratch.work_db, path)

    def _examine_month(
        self, edition: Edition, stamp: Examined, other_code: bool, other_inputs: bool
    ) -> Edition | None:
        month = edition.period.month
        known_then = replace(edition.period, as_of=datetime.fromisoformat(stamp.as_of))
        verify_edition(edition_dir(self.settings, edition), edition)
        base = pending_dir(self.settings, edition.month)
        if not (base / MANIFEST).is_file():
            base = edition_dir(self.settings, edition)
        with self._stages() as db:
            db.execute("drop table if exists moves")
            self._keep_files(db, "edition", edition_dir(self.settings, edition))
            self._keep_files(db, "base", base)
            if base == pending_dir(self.settings, edition.month):
                db.execute(f"create table moves as from read_parquet({literal(base / MOVES)})")
        path = [("base", "")]
        if other_code and other_inputs:
            # The models of today with what was configured then tell code and configuration apart.
            recorded_dir = self.folder / f"recorded-{month}"
            recorded_dir.mkdir()
            recorded = recorded_settings(self.settings, edition, recorded_dir)
            refresh_history(recorded)
            compute(recorded, known_then)
            self._keep_built(recorded, "code", month)
            path.append(("code", "code"))
        if other_code or other_inputs:
            self._compute(known_then)
            self._keep_built(self.scratch, "configuration", month)
            path.append(("configuration", "configuration" if other_inputs else "code"))
        period = replace(edition.period, as_of=self.period.as_of)
        self._compute_marts(period, [])
        self._keep_built(self.scratch, "known_now", month)
        with self._stages() as db:
            if not differing_marts(db, "base", "known_now", self.monthly):
                return None
            is_as_published = not differing_marts(db, "edition", "known_now", self.monthly)
        pending = pending_dir(self.settings, edition.month)
        if is_as_published:
            remove_folder(pending)
            return None
        restated = built_edition(self.scratch, period, landed_loads(self.settings), self.marts)
        aside = self.folder / f"restated-{month}"
        aside.mkdir()
        write_files(self.scratch, restated, self.marts, aside)
        path += self._by_cause(edition, period)
        with self._stages() as db:
            for (old, _), (new, cause) in pairwise(path):
                add_moves(db, old, new, self.monthly, cause)
            write_changes(db, "edition", "known_now", self.monthly, str(aside / CHANGES))
            db.execute(f"copy moves to {literal(aside / MOVES)} (format parquet)")
        with new_folder(pending, replaces=True) as partial:
            shutil.copytree(aside, partial, dirs_exist_ok=True)
        return restated

    def _by_cause(self, edition: Edition, period: RunPeriod) -> list[tuple[str, str]]:
        """Stages between what was known then and now, each with one cause more."""
        with self._stages() as db:
            causes = causes_of(db, self._touching(edition)) or ["edit"]
        stages = []
        for number, cause in enumerate(causes[:-1], start=1):
            self._compute_marts(period, causes[number:])
            self._keep_built(self.scratch, f"with_{number}", period.month)
            stages.append((f"with_{number}", cause))
        return [*stages, ("known_now", causes[-1])]

    def _compute_marts(self, period: RunPeriod, later: list[str]) -> None:
        """Build a month's marts from the contract's rows of now, but for the later causes."""
        self._put_canonical(later)
        self._compute(period, *MARTS)

    def _put_canonical(self, later: list[str]) -> None:
        if not self.filled:  # nothing brought the lists yet
            self._compute(self.period, SEEDS)
        with self._stages() as db:
            db.execute(f"attach {literal(self.scratch.work_db)} as work")
            db.execute(f"create schema if not exists work.{SCHEMA}")
            there, changing = tables_of(db, "work", SCHEMA), changing_tables(db)
            for table in tables_of(db, "now"):
                is_held = bool(later) and table in changing
                rows = rows_without(table, later) if is_held else f"from now.{table}"
                if self.put.get(table) == rows:
                    continue
                target = f"work.{SCHEMA}.{table}"
                if table in there:  # with its constraints, where dbt made it
                    db.execute(f"delete from {target}; insert into {target} by name {rows}")
                else:
                    db.execute(f"create table {target} as {rows}")
                self.put[table] = rows

    def _compute(self, period: RunPeriod, *select: str) -> None:
        """Build models aside: by dbt the first time, later by the SQL that it compiled."""
        if select in self.filled:
            compute_again(self.scratch, period, self.filled[select])
        else:
            self.filled[select] = compute(self.scratch, period, *select)
        if select != MARTS:
            self.put = {}

    def _keep_built(self, settings: Settings, stage: str, month: Month) -> None:
        with self._stages() as db:
            self._attach(db, settings)
            db.execute("use building")
            rows = {mart.name: mart_rows(mart, month) for mart in self.monthly}
            new_schema(db, f"stages.{stage}")
            for name, query in rows.items():
                db.execute(f"create table stages.{stage}.{name} as {query}")

    def _keep_files(self, db: duckdb.DuckDBPyConnection, stage: str, folder: Path) -> None:
        files = {mart.name: folder / f"{mart.name}.parquet" for mart in self.monthly}
        keep_stage(
            db,
            stage,
            self.monthly,
            {name: f"from read_parquet({literal(p)})" for name, p in files.items() if p.exists()},
        )

    def _stages(self) -> duckdb.DuckDBPyConnection:
        db = duckdb.connect(str(self.stages))
        db.execute("set TimeZone = 'UTC'")
        db.execute(f"attach {literal(self.before)} as before (read_only)")
        db.execute(f"attach {literal(self.now)} as now (read_only)")
        if self.is_built:
            db.execute(f"attach {literal(self.settings.work_db)} as built (read_only)")
        return db

    def _attach(self, db: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        db.execute(f"attach {literal(settings.work_db)} as work (read_only)")
        db.execute(f"attach {literal(settings.building_db)} as building (read_only)")
