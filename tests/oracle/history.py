"""What the responsible, the deadline and the planned start of an interaction were at a moment."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tests.oracle.base import Base
from tests.oracle.contract import Change, Interaction
from tests.oracle.world import MICROSECOND


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

    def planned_before(self, moment: datetime) -> datetime | None:
        present = self.row.planned_start_at
        text = self._value(
            "planned_start", moment - MICROSECOND, present.isoformat() if present else None
        )
        return datetime.fromisoformat(text) if text else None
