"""How late interactions were entered, and how complete months were when they were due to close."""

from collections import defaultdict
from datetime import datetime

from tests.oracle.base import Base
from tests.oracle.events import Event
from tests.oracle.staff import present
from tests.oracle.world import Cells, Period, World, add_months, ratio

LATE = (("1_to_7", 7), ("8_to_30", 30), ("31_to_90", 90))
CLASSES = (
    *("in_month", "in_grace_days"),
    *(f"late_{name}_days" for name, _ in LATE),
    *("late_over_90_days", "not_judged"),
)


class Entries:
    """When the sources' loads showed what."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.loads = world.crm.source_loads
        self.shown: dict[str, datetime] = {}
        for row in world.crm.interaction_versions:
            known = self.shown.get(row.interaction_id, row.known_from)
            self.shown[row.interaction_id] = min(known, row.known_from)

    def entered_at(self, event: Event) -> datetime:
        """By the CRM's word, between the complete load that lacks it and the load that shows it."""
        shown = self.shown[event.id]
        lacking = [
            load.extracted_at
            for load in self.loads
            if load.source == _source(event) and load.is_complete and load.extracted_at < shown
        ]
        return min(max([event.row.created_at, *lacking]), shown)

    def is_judged(self, source: str, month: Period) -> bool:
        return any(load.source == source and load.extracted_at < month.end for load in self.loads)

    def entry_class(self, event: Event, month: Period) -> str:
        entered, close = self.entered_at(event), self.world.due_close(month)
        if not self.is_judged(_source(event), month):
            return "not_judged"
        if entered < month.end:
            return "in_month"
        if entered < close:
            return "in_grace_days"
        days = (self.world.local_date(entered) - self.world.local_date(close)).days
        fitting = [name for name, most in LATE if days <= most]
        return f"late_{fitting[0]}_days" if fitting else "late_over_90_days"


def _source(event: Event) -> str:
    return event.id.split(":")[0]


def rpt_late_entries(world: World, base: Base, events: list[Event]) -> list[Cells]:
    entries = Entries(world)
    known = [e for e in events if entries.entered_at(e) < world.scheduled_close_at]
    sources = {load.source for load in world.crm.source_loads}
    found = []
    for back in range(12):
        first = add_months(world.month, -back)
        month = world.period("month", first, add_months(first, 1))
        counts: dict[str, dict[str, int]] = {"all": defaultdict(int)}
        if back == 0:
            counts |= {manager: defaultdict(int) for manager in present(world, base, month)}
        for event in known:
            if event.in_period(month):
                for manager in ("all", event.performer or "no manager"):
                    cell = counts.setdefault(manager, defaultdict(int))
                    cell[entries.entry_class(event, month)] += 1
        is_reconstructed = any(not entries.is_judged(source, month) for source in sources)
        for manager, cell in counts.items():
            found.append(
                {
                    **world.key(world.this_month),
                    "event_month": first,
                    "manager_id": manager,
                    **_figures(cell),
                    "is_reconstructed": is_reconstructed,
                }
            )
    return found


def _figures(cell: dict[str, int]) -> Cells:
    total = sum(cell[name] for name in CLASSES)
    late = sum(cell[name] for name in CLASSES if name.startswith("late_"))
    judged = total - cell["not_judged"]
    return {
        **{f"{name}_count": cell[name] for name in CLASSES},
        "interaction_count": total,
        "judged_count": judged,
        "late_count": late,
        "entered_after_month_share": ratio(judged - cell["in_month"], judged),
        "complete_at_close_share": ratio(judged - late, judged),
    }
