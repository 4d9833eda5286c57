"""A CRM row that changes over time, and the way 1C writes values.

All moments here are naive and mean the office clock (Europe/Moscow), as in the CRM itself.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

Value = str | bool
Row = dict[str, Value]
"""Column name to value; a row of one CRM table."""

EMPTY_DATE = "0001-01-01T00:00:00"
ZERO = "00000000-0000-0000-0000-000000000000"
PARTNER = "StandardODATA.Catalog_Партнеры"
PERSON = "StandardODATA.Catalog_КонтактныеЛицаПартнеров"
USER = "StandardODATA.Catalog_Пользователи"
UNDEFINED = "StandardODATA.Undefined"

PLANNED = "Запланировано"
COMPLETED = "Завершено"
CANCELLED = "Отменено"


@dataclass
class Stain:
    """Dirt over a row: `patch` hides the true values until `until` (None: for good)."""

    patch: Row
    until: datetime | None = None


@dataclass
class Record:
    """One CRM row over its life.

    It exists from `born` to `gone`; `changes` are (moment, changed columns); `lines` is the
    tabular section, whose rows live as long as the document. `twin` adds a second row with
    the given columns replaced: an empty patch is an exact duplicate.
    """

    table: str
    born: datetime
    row: Row
    changes: list[tuple[datetime, Row]] = field(default_factory=list)
    gone: datetime | None = None
    lines: list[Row] = field(default_factory=list)
    stain: Stain | None = None
    twin: Row | None = None

    @property
    def key(self) -> str:
        """The GUID of the row."""
        return str(self.row["Ref_Key"])

    def change(self, at: datetime, **columns: Value) -> None:
        """Replace the columns from the moment `at` on."""
        self.changes.append((at, dict(columns)))

    def exists(self, at: datetime) -> bool:
        """Whether an extract taken at that moment holds the row."""
        return self.born <= at and (self.gone is None or at < self.gone)

    def clean(self, at: datetime) -> Row:
        """The true row as it stood at the moment, whether it existed or not."""
        row = self.row.copy()
        for moment, columns in sorted(self.changes, key=lambda change: change[0]):
            if moment <= at:
                row.update(columns)
        return row

    def rows(self, at: datetime) -> list[Row]:
        """What an extract taken at the moment holds: no, one or two rows, dirt included."""
        if not self.exists(at):
            return []
        row = self.clean(at)
        if self.stain and (self.stain.until is None or at < self.stain.until):
            row.update(self.stain.patch)
        return [row] if self.twin is None else [row, {**row, **self.twin}]


def guid(rng: Random) -> str:
    """A random GUID that depends on the generator's state only."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def stamp(moment: datetime | None) -> str:
    """A moment as 1C writes it, `2026-03-05T14:30:00`; the empty date for None."""
    return EMPTY_DATE if moment is None else moment.isoformat(timespec="seconds")


def talk_time(seconds: int) -> str:
    """A duration as 1C writes it: a time of day on the first day of the calendar."""
    return stamp(datetime(1, 1, 1) + timedelta(seconds=seconds))


def reference(line: int, key: str, type_name: str) -> Row:
    """A line of a tabular section of participants; `Ref_Key` is added by the extract."""
    return {"LineNumber": str(line), "Контакт": key, "Контакт_Type": type_name}
