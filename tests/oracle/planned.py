"""What was planned for the month and what became of it."""

from collections import defaultdict

from tests.oracle.ahead import at_close, planned_ahead
from tests.oracle.base import Base
from tests.oracle.events import Event
from tests.oracle.outcomes import SPINE_KINDS
from tests.oracle.staff import present
from tests.oracle.world import Cells, World, ratio

FATES = (
    *("opening", "added", "moved_in", "moved_out", "cancelled", "done", "not_done"),
    "next_period_planned",
)


def fates(world: World, event: Event) -> list[str]:
    """Columns of the report in which an interaction is."""
    month, row = world.this_month, at_close(world, event).row
    final = month.holds(row.planned_start_at)
    found = []
    if world.next_month.holds(planned_ahead(world, event)):
        found.append("next_period_planned")
    if row.cancelled_at and row.cancelled_at < month.start:
        return found
    known_at_start = row.created_at < month.start
    opening = known_at_start and month.holds(event.planned_before(month.start))
    if opening:
        found.append("opening")
    if final and not opening:
        found.append("moved_in" if known_at_start else "added")
    if opening and not final:
        found.append("moved_out")
    if final and row.cancelled_at:
        found.append("cancelled")
    elif final:
        found.append("done" if row.completed_at else "not_done")
    return found


def rpt_planned_activity(world: World, base: Base, events: list[Event]) -> list[Cells]:
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for manager in present(world, base, world.this_month):
        for kind in SPINE_KINDS:
            counts[manager, kind].clear()
    for event in events:
        for fate in fates(world, event):
            manager = at_close(world, event).holder or "no manager"
            counts[manager, event.kind][fate] += 1
    return [
        {
            **world.key(world.this_month),
            "manager_id": manager,
            "interaction_kind": kind,
            **{f"{fate}_count": cell[fate] for fate in FATES},
            "done_share": ratio(cell["done"], cell["done"] + cell["not_done"]),
        }
        for (manager, kind), cell in counts.items()
    ]
