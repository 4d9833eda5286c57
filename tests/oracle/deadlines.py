"""How deadlines were kept, by the present and by the first one."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tests.oracle.base import Base
from tests.oracle.events import Event
from tests.oracle.staff import present
from tests.oracle.world import MICROSECOND, Cells, Period, World, ratio

CLASSES = ("on_time", "late", "moved_after_expiry", "cancelled_after_deadline", "still_open")


def history(event: Event) -> list[tuple[datetime, datetime | None]]:
    """Deadlines one after the other with the moment since when; the first from the beginning."""
    moments = sorted({c.changed_at for c in event.changes if c.field == "deadline"})
    steps: list[tuple[datetime, datetime | None]] = [
        (datetime.min, event.deadline_at(datetime.min))
    ]
    for moment in moments:
        deadline = event.deadline_at(moment)
        if deadline != steps[-1][1]:
            steps.append((moment, deadline))
    return steps


def moves(event: Event) -> list[tuple[datetime, datetime]]:
    """Each move of a deadline: when, and the deadline that was replaced."""
    steps = history(event)
    return [(at, old) for (_, old), (at, _) in pairwise(steps) if old is not None]


def first_deadline(event: Event) -> datetime | None:
    return next((deadline for _, deadline in history(event) if deadline), None)


def is_moved_after_expiry(event: Event) -> bool:
    closed = event.closed_at or datetime.max
    return any(old < at and old < closed for at, old in moves(event))


@dataclass(frozen=True)
class Due:
    event: Event
    deadline: datetime
    what: str

    @property
    def manager(self) -> str | None:
        return self.event.responsible_at(min(self.deadline, self.event.closed_at or datetime.max))

    def is_working_on_time(self, world: World) -> bool:
        completed = self.event.row.completed_at
        in_time = completed is not None and completed <= working_deadline(world, self.deadline)
        return in_time and not is_moved_after_expiry(self.event) and self.what != "not_yet_due"


def working_deadline(world: World, deadline: datetime) -> datetime:
    """The deadline, or the end of the next working day when it falls on a day off."""
    day = world.local_date(deadline)
    if world.is_working(day):
        return deadline
    while not world.is_working(day):
        day += timedelta(days=1)
    return world.start_of(day + timedelta(days=1)) - MICROSECOND


def due(world: World, event: Event, basis: str, period: Period) -> Due | None:
    """How the deadline of a period was kept by its scheduled close; None when there is none."""
    event = event.as_of(world.due_close(period))
    deadline = first_deadline(event) if basis == "first" else event.last_deadline
    row = event.row
    if deadline is None or not period.holds(deadline):
        return None
    if row.cancelled_at and row.cancelled_at < deadline:
        return None
    if deadline > world.as_of:
        what = "not_yet_due"
    elif row.cancelled_at:
        what = "cancelled_after_deadline"
    elif row.completed_at is None:
        what = "still_open"
    elif row.completed_at > deadline:
        what = "late"
    else:
        what = "moved_after_expiry" if is_moved_after_expiry(event) else "on_time"
    return Due(event, deadline, what)


def rpt_deadline_compliance(world: World, base: Base, events: list[Event]) -> list[Cells]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for manager in ("all", *present(world, base, world.this_month)):
        counts[manager].clear()
    for event in events:
        for basis, prefix in (("current", ""), ("first", "first_")):
            found = due(world, event, basis, world.this_month)
            if found is None:
                continue
            for manager in ("all", found.manager or "no manager"):
                counts[manager][f"{prefix}{found.what}_count"] += 1
                if basis == "current" and found.what != "not_yet_due":
                    _add_moves(world, counts[manager], found)
    rows = []
    for manager, cell in counts.items():
        row: Cells = {**world.key(world.this_month), "manager_id": manager}
        for prefix in ("", "first_"):
            total = sum(cell[f"{prefix}{name}_count"] for name in CLASSES)
            row |= {f"{prefix}{name}_count": cell[f"{prefix}{name}_count"] for name in CLASSES}
            row[f"{prefix}due_count"] = total
            row[f"{prefix}on_time_share"] = ratio(cell[f"{prefix}on_time_count"], total)
        names = ("moved", "move", "moved_after_expiry_item", "working_on_time", "not_yet_due")
        row |= {f"{name}_count": cell[f"{name}_count"] for name in names}
        total = sum(cell[f"{name}_count"] for name in CLASSES)
        rows.append(row | {"working_on_time_share": ratio(cell["working_on_time_count"], total)})
    return rows


def _add_moves(world: World, cell: dict[str, int], found: Due) -> None:
    count = len(moves(found.event))
    cell["moved_count"] += count > 0
    cell["move_count"] += count
    cell["moved_after_expiry_item_count"] += is_moved_after_expiry(found.event)
    cell["working_on_time_count"] += found.is_working_on_time(world)
