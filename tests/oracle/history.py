"""What the responsible, the deadline and the planned start of an interaction were at a moment."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Self

from tests.oracle.base import Base
from tests.oracle.contract import Change, Interaction
from tests.oracle.world import MICROSECOND, Period


@dataclass
class History:
    """An interaction with its changes."""

    row: Interaction
    base: Base
    changes: list[Change]

    def _value(self, name: str, moment: datetime, present: str | None) -> str | None:
        """What a field was at a moment; changes of that instant have happened."""
        changes = sorted(
            (row for row in self.changes if row.field == name), key=lambda row: row.changed_at
        )
        if not changes:
            return present
        past = [row for row in changes if row.changed_at <= moment]
        return past[-1].new_value if past else changes[0].old_value

    def responsible_at(self, moment: datetime) -> str | None:
        found = self._value("responsible", moment, self.row.responsible_manager_id)
        return found if found in self.base.managers else None

    def responsible_before(self, moment: datetime) -> str | None:
        return self.responsible_at(moment - MICROSECOND)

    @cached_property
    def last_deadline(self) -> datetime | None:
        """The last microsecond of the deadline as last known."""
        deadline, world = self.row.deadline_at, self.base.world
        if deadline and self.row.deadline_is_date:
            return world.end_of(world.local_date(deadline))
        return deadline

    def deadline_at(self, moment: datetime) -> datetime | None:
        present = self.last_deadline
        text = self._value("deadline", moment, present.isoformat() if present else None)
        return datetime.fromisoformat(text) if text else None

    def deadline_before(self, moment: datetime) -> datetime | None:
        return self.deadline_at(moment - MICROSECOND)

    def as_of(self, moment: datetime, counted_in: Period | None = None) -> Self:
        """The same as it was just before a moment: what happened from then on has not.

        What is dated in the period `counted_in` counts, whenever it was ticked off.
        """
        row = self.row
        dated = (row.actual_start_at or row.completed_at) if row.completed_at else None
        is_done = row.completed_at is not None and row.completed_at < moment
        if counted_in and counted_in.holds(dated):
            is_done = True
        then = replace(
            row,
            completed_at=row.completed_at if is_done else None,
            cancelled_at=row.cancelled_at
            if row.cancelled_at and row.cancelled_at < moment
            else None,
            planned_start_at=self.planned_before(moment),
            planned_end_at=row.planned_end_at
            if self.planned_before(moment) == row.planned_start_at
            else None,
            responsible_manager_id=self.responsible_before(moment),
            deadline_at=self.deadline_before(moment),
            deadline_is_date=False,
        )
        is_closed = then.completed_at or then.cancelled_at
        if not is_closed:
            then = replace(then, result=None, result_class="none")
        # Who was responsible at a closing that counts is told by later changes too.
        kept = [
            change
            for change in self.changes
            if change.changed_at < moment or (is_closed and change.field == "responsible")
        ]
        return replace(self, row=then, changes=kept)

    def planned_before(self, moment: datetime) -> datetime | None:
        present = self.row.planned_start_at
        text = self._value(
            "planned_start", moment - MICROSECOND, present.isoformat() if present else None
        )
        return datetime.fromisoformat(text) if text else None
