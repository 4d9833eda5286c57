"""Random histories as a CRM tells them: plain files that say at each moment what was so then."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.raw.declared import RawTable, declared_tables
from tests.oracle.contract import Change, ClientVersion, Interaction, Plan
from tests.oracle.strategy_interactions import GROUPS, KINDS
from tests.oracle.world import World, add_months
from tests.samples import write_load

Cells = dict[str, Any]
OFFICE, PLANS = "office", "plans"  # names of the sources: the CRM, and the sheets beside it
CRMS = {OFFICE: "plain_files", PLANS: "files"}
# Fields of recorded changes and the columns that show their values.
CHANGED = {
    "responsible": "responsible_manager_id",
    "deadline": "deadline_at",
    "planned_start": "planned_start_at",
}
# Columns that somebody edits, even long after.
EDITS: dict[str, tuple[object, ...]] = {
    "result": ("Согласие", "Отказ", ""),
    "duration_seconds": (0, 9, 600, 43201),
    "answered": ("true", "false", ""),
    "interaction_group": GROUPS,
    "interaction_kind": KINDS,
    "is_deleted": ("true", "false"),
    "team": ("north", "south", ""),
    "city": ("Омск", "Томск", ""),
}


@dataclass(frozen=True)
class Delivery:
    """A load of each source at a moment (naive UTC); a partial one has some rows of some tables."""

    moment: datetime
    is_complete: bool
    tables: Mapping[str, Mapping[str, list[Cells]]]

    def write(self, raw: Path) -> None:
        """Write the load's folders of all sources."""
        moment = f"{self.moment.isoformat()}Z"
        for source, tables in self.tables.items():
            complete = self.is_complete or source == PLANS
            write_load(raw, source, moment, tables, crm=CRMS[source], complete=complete)


@dataclass
class Fate:
    """How the CRM tells of one row: late, not any more, edited; decided once."""

    told_from: datetime
    gone_from: datetime | None = None
    back_at: datetime | None = None
    edits: list[tuple[datetime, str, object]] = field(default_factory=list)

    def tells(self, moment: datetime) -> bool:
        is_gone = self.gone_from and self.gone_from <= moment
        is_back = self.back_at and self.back_at <= moment
        return self.told_from <= moment and (not is_gone or bool(is_back))


def load_moments(rng: random.Random, world: World, months: Sequence[datetime]) -> list[datetime]:
    """Moments of loads: one after the end of each month at least, others between and after.

    `months` are the ends of the months to be closed.
    """
    first = months[0] - timedelta(days=rng.choice((-3, 10, 40)), hours=rng.randint(0, 20))
    found = {first, world.as_of}
    for end in months:
        found.add(end + timedelta(hours=rng.randint(0, 150)))
        if rng.random() < 0.6:
            found.add(end - timedelta(days=rng.randint(1, 25), hours=rng.randint(0, 20)))
    return sorted(moment.replace(microsecond=0) for moment in found if moment >= first)


def deliveries(world: World, seed: int, closed: int) -> list[Delivery]:
    """What is delivered of a world until its as_of, for so many months up to the world's own."""
    rng = random.Random(seed)
    ends = [world.start_of(add_months(world.month, 1 - back)) for back in reversed(range(closed))]
    moments = load_moments(rng, world, ends)
    covering = {min(moment for moment in moments if moment >= end) for end in ends}
    teller = _Teller(world, rng, moments)
    found = []
    for moment in moments:
        tables = teller.tables(moment)
        is_complete = moment in covering or rng.random() < 0.6
        if not is_complete:
            tables[OFFICE] = _part(rng, tables[OFFICE])
        found.append(Delivery(moment, is_complete, tables))
    return found


def _part(rng: random.Random, tables: Mapping[str, list[Cells]]) -> dict[str, list[Cells]]:
    chosen = {name: rows for name, rows in tables.items() if rng.random() < 0.7}
    return {name: [row for row in rows if rng.random() < 0.5] for name, rows in chosen.items()}


class _Teller:
    """The companies of a world, told in plain files at any of the moments."""

    def __init__(self, world: World, rng: random.Random, moments: list[datetime]) -> None:
        self.world, self.rng, self.moments = world, rng, moments
        self.fates: dict[tuple[str, ...], Fate] = {}
        self.changes: dict[str, list[Change]] = defaultdict(list)
        for change in sorted(world.crm.interaction_changes, key=lambda row: row.changed_at):
            self.changes[change.interaction_id].append(change)
        # Of the others the loads alone tell what changed.
        self.recorded = {key for key in sorted(self.changes) if rng.random() < 0.5}
        self.assigned = {row.client_id for row in world.crm.clients if rng.random() < 0.5}
        self.undated = {row.interaction_id for row in world.crm.interactions if rng.random() < 0.2}

    def tables(self, moment: datetime) -> dict[str, dict[str, list[Cells]]]:
        """Rows of all tables by source, as they are at a moment, in any order."""
        crm = self.world.crm
        office: dict[str, Iterable[Cells]] = {
            "managers": (vars(row) | _until(row, moment, "left_on") for row in crm.managers),
            "clients": map(vars, _in_force(crm.client_versions, moment)),
            "client_merges": _by(moment, "merged_at", crm.client_merges),
            "client_assignments": self._valid(
                moment, (row for row in crm.client_assignments if row.client_id in self.assigned)
            ),
            "client_characteristics": self._valid(moment, crm.client_characteristics),
            "contact_persons": map(vars, crm.contact_persons),
            "client_contact_persons": self._valid(moment, crm.client_contact_persons),
            "interactions": (
                self._interaction(row, moment)
                for row in crm.interactions
                if row.created_at <= moment
            ),
            "interaction_parties": map(vars, crm.interaction_parties),
            "interaction_changes": (
                vars(change)
                for key in sorted(self.recorded)
                for change in self.changes[key]
                if change.changed_at <= moment
            ),
        }
        sheets = {
            "contact_plans": (_plan(row) for row in crm.contact_plans if row.approved_at <= moment),
            "absences": (
                vars(row) | {"manager_id": f"{OFFICE}:{row.manager_id}"} for row in crm.absences
            ),
        }
        return {
            source: {
                name: self._told(declared_tables(CRMS[source])[name], rows, moment)
                for name, rows in tables.items()
            }
            for source, tables in ((OFFICE, office), (PLANS, sheets))
        }

    def _told(self, table: RawTable, rows: Iterable[Cells], moment: datetime) -> list[Cells]:
        found = []
        for row in rows:
            fate = self._fate(table, row)
            if fate.tells(moment):
                edited = row | {column: value for at, column, value in fate.edits if at <= moment}
                found.append({name: edited[name] for name in table.columns if name in edited})
        self.rng.shuffle(found)
        return found

    def _fate(self, table: RawTable, row: Cells) -> Fate:
        key = (table.name, *(str(row[name]) for name in table.key))
        if key not in self.fates:
            rng, moments = self.rng, self.moments
            fate = Fate(rng.choice(moments) if rng.random() < 0.15 else moments[0])
            if rng.random() < 0.08:
                fate.gone_from = rng.choice(moments)
                fate.back_at = rng.choice([*moments, None, None, None])
            editable = [name for name in EDITS if name in row]
            while editable and rng.random() < 0.15:
                column = rng.choice(editable)
                fate.edits.append((rng.choice(moments), column, rng.choice(EDITS[column])))
            fate.edits.sort(key=lambda edit: edit[0])
            self.fates[key] = fate
        return self.fates[key]

    def _valid(self, moment: datetime, rows: Iterable[Any]) -> Iterable[Cells]:
        """Rows that began by a moment; their end shows once it has come."""
        for row in rows:
            if not row.is_deleted and (row.valid_from is None or row.valid_from <= moment):
                yield vars(row) | _until(row, moment, "valid_to")

    def _interaction(self, row: Interaction, moment: datetime) -> Cells:
        cells = vars(row) | _until(
            row, moment, "completed_at", "cancelled_at", "actual_start_at", "actual_end_at"
        )
        if row.deadline_at and row.deadline_is_date:
            cells["deadline_at"] = self.world.local_date(row.deadline_at)
        for change in reversed(self.changes[row.interaction_id]):
            if change.changed_at > moment and change.field in CHANGED:
                cells[CHANGED[change.field]] = change.old_value
        if row.interaction_id in self.undated and cells["completed_at"]:
            cells |= {"status": "completed", "completed_at": None}
        if row.interaction_group:
            cells["raw_type"] = None
        return cells


def _until(row: object, moment: datetime, *columns: str) -> Cells:
    """Columns that are empty still where they hold a later moment."""
    found = {name: getattr(row, name) for name in columns}
    return {
        name: None if value and _as_moment(value) > moment else value
        for name, value in found.items()
    }


def _as_moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


def _by(moment: datetime, column: str, rows: Iterable[object]) -> Iterable[Cells]:
    return (vars(row) for row in rows if getattr(row, column) <= moment)


def _in_force(versions: Iterable[ClientVersion], moment: datetime) -> Iterable[ClientVersion]:
    for version in versions:
        if version.known_from <= moment and (version.known_to is None or version.known_to > moment):
            yield version


def _plan(row: Plan) -> Cells:
    full = {
        name: f"{OFFICE}:{value}"
        for name in ("manager_id", "client_id")
        if (value := getattr(row, name))
    }
    return vars(row) | full
