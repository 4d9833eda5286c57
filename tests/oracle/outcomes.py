"""What became of interactions in a period; stock and flow of overdue ones."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from tests.oracle.base import Base
from tests.oracle.events import Event
from tests.oracle.staff import present
from tests.oracle.world import MICROSECOND, Cells, Period, World, ratio

OUTCOMES = (
    "cancelled",
    "completed_on_time",
    "completed_late",
    "completed_without_deadline",
    "overdue",
    "open_due_later",
    "open_without_deadline",
)
AGES = ("1_to_7", "8_to_30", "31_to_90", "over_90")
SPINE_KINDS = ("call", "meeting", "task")


def outcome(event: Event, period: Period) -> str | None:
    """The one outcome of an interaction in a period; None when it is not of the period."""
    row = event.row
    if period.holds(row.cancelled_at):
        return "cancelled"
    if row.completed_at and period.holds(row.completed_at):
        deadline = event.deadline_at(row.completed_at)
        if deadline is None:
            return "completed_without_deadline"
        return "completed_on_time" if row.completed_at <= deadline else "completed_late"
    if row.created_at >= period.end or (event.closed_at or period.end) < period.end:
        return None
    deadline = event.deadline_before(period.end)
    if deadline is None:
        return "open_without_deadline"
    return "overdue" if deadline < period.end else "open_due_later"


def manager_in(event: Event, period: Period) -> str:
    """Responsible at closing, or at the period's end while open."""
    if event.closed_at and event.closed_at < period.end:
        found = event.performer
    else:
        found = event.responsible_before(period.end)
    return found or "no manager"


@dataclass(frozen=True)
class Step:
    """A moment at which an item becomes overdue, stops being it, or changes hands meanwhile."""

    at: datetime
    old: str | None
    new: str | None


def overdue_under(event: Event, moment: datetime) -> str | None:
    """Who is responsible for an item that is overdue at a moment; None while it is not."""
    closed = event.closed_at
    if moment < event.row.created_at or (closed and closed <= moment):
        return None
    deadline = event.deadline_at(moment)
    if deadline is None or deadline > moment:
        return None
    return event.responsible_at(moment) or "no manager"


def overdue_steps(event: Event) -> list[Step]:
    moments = {event.row.created_at, event.closed_at, event.last_deadline}
    for change in event.changes:
        moments.add(change.changed_at)
        if change.field == "deadline":
            moments |= {
                datetime.fromisoformat(text)
                for text in (change.old_value, change.new_value)
                if text
            }
    found, old = [], None
    for moment in sorted(moment for moment in moments if moment):
        new = overdue_under(event, moment)
        if new != old:
            found.append(Step(moment, old, new))
        old = new
    return found


def rpt_interaction_outcomes(world: World, base: Base, events: list[Event]) -> list[Cells]:
    found = []
    steps = {event.id: overdue_steps(event) for event in events}
    for period in world.periods:
        counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for manager in present(world, base, period):
            for kind in SPINE_KINDS:
                counts[manager, kind].clear()
        for event in events:
            what = outcome(event, period)
            if what:
                cell = counts[manager_in(event, period), event.kind]
                cell[f"{what}_count"] += 1
                if what == "overdue":
                    cell[f"overdue_{_age(world, event, period)}_days_count"] += 1
            under = overdue_under(event, period.start - MICROSECOND)
            if under:
                counts[under, event.kind]["overdue_opening_count"] += 1
            for step in steps[event.id]:
                if period.holds(step.at):
                    _flow(counts, event.kind, step)
        for (manager, kind), cell in counts.items():
            found.append(
                {
                    **world.key(period),
                    "manager_id": manager,
                    "interaction_kind": kind,
                    **_row(cell),
                }
            )
    return found


def _flow(counts: dict[tuple[str, str], dict[str, int]], kind: str, step: Step) -> None:
    if step.old and step.new:
        counts[step.old, kind]["overdue_transferred_out_count"] += 1
        counts[step.new, kind]["overdue_transferred_in_count"] += 1
    elif step.new:
        counts[step.new, kind]["overdue_inflow_count"] += 1
    elif step.old:
        counts[step.old, kind]["overdue_outflow_count"] += 1


def _age(world: World, event: Event, period: Period) -> str:
    deadline = event.deadline_before(period.end)
    if deadline is None:
        raise ValueError(f"{event.id} is overdue without deadline")
    days = (period.after - world.local_date(deadline)).days
    return AGES[0] if days <= 7 else AGES[1] if days <= 30 else AGES[2] if days <= 90 else AGES[3]


def _row(cell: dict[str, int]) -> Cells:
    names = [f"{name}_count" for name in OUTCOMES]
    flows = ("opening", "inflow", "transferred_in", "outflow", "transferred_out")
    names += [f"overdue_{name}_count" for name in flows]
    names += [f"overdue_{name}_days_count" for name in AGES]
    row: Cells = {name: cell[name] for name in names}
    on_time, late = cell["completed_on_time_count"], cell["completed_late_count"]
    return row | {
        "interaction_count": sum(cell[f"{name}_count"] for name in OUTCOMES),
        "completed_on_time_share": ratio(on_time, on_time + late),
    }
