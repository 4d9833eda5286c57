"""Plan and fact of contacts."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.oracle.base import Base
from tests.oracle.contract import Plan
from tests.oracle.events import Event
from tests.oracle.plan_lines import Line, lines
from tests.oracle.plans import amendments, facts
from tests.oracle.staff import present
from tests.oracle.world import Cells, Period, World, ratio

Part = tuple[str, str]  # plan and manager


@dataclass
class Total:
    """Sums over lines and over contacts that no line takes."""

    lines: list[Line] = field(default_factory=list)
    parts: list[tuple[str | None, int, int]] = field(default_factory=list)  # client, plan, made
    fact: int = 0
    fulfilled: int = 0
    unplanned: int = 0
    clients: set[tuple[str, str]] = field(default_factory=set)
    missed: set[tuple[str, str]] = field(default_factory=set)

    def add(self, line: Line, fact: int) -> None:
        self.lines.append(line)
        self.parts.append((line.client_id, line.planned, min(fact, line.planned)))
        self.fact += fact
        self.fulfilled += min(fact, line.planned)
        self.unplanned += fact if line.planned == 0 else 0
        if line.client_id and line.planned > 0:
            self.clients.add((line.manager_id, line.client_id))
            if fact < line.planned:
                self.missed.add((line.manager_id, line.client_id))

    def cells(self) -> Cells:
        planned = sum(line.planned for line in self.lines) if self.lines else None
        covered = len(self.clients - self.missed)
        return {
            "plan_status": "planned" if self.lines else "no plan",
            "planned_count": planned,
            "fact_count": self.fact,
            "fulfilled_count": self.fulfilled,
            "fulfilment_share": ratio(self.fulfilled, planned or 0),
            "uncapped_share": ratio(self.fact, planned or 0),
            "unplanned_count": self.unplanned,
            "planned_client_count": len(self.clients),
            "covered_client_count": covered,
            "coverage_share": ratio(covered, len(self.clients)),
        }


def totals(
    world: World, base: Base, events: list[Event], month: Period
) -> tuple[dict[tuple[str, ...], Total], dict[str, Total]]:
    """Sums by cell (row kind, manager, client, kind, group) and by manager."""
    cells: dict[tuple[str, ...], Total] = defaultdict(Total)
    managers: dict[str, Total] = defaultdict(Total)
    taken = Counter[Part]()
    for fact in facts(world, base, events, month):
        if fact.line:
            taken[fact.line.plan_id, fact.line.manager_id] += 1
            continue
        manager = fact.event.performer or "no manager"
        kind, group = fact.event.kind, fact.event.group
        cells["unplanned", manager, fact.client_id or "no client", kind, group].unplanned += 1
        managers[manager].unplanned += 1
    for line in lines(world, base, month):
        count = taken[line.plan_id, line.manager_id]
        cells["line", *line.cell].add(line, count)
        managers[line.manager_id].add(line, count)
    return cells, managers


def rpt_plan_fulfilment(world: World, base: Base, events: list[Event]) -> list[Cells]:
    month = world.this_month
    cells, managers = totals(world, base, events, month)
    late = amendments(world, month)
    in_month = [rows for rows in late.values() if _is_of(rows[-1], month)]
    for manager in (*present(world, base, month), *(rows[-1].manager_id for rows in in_month)):
        managers.setdefault(manager, Total())
    found = []
    names = ("row_kind", "manager_id", "client_id", "interaction_kind", "interaction_group")
    for key, total in cells.items():
        named: Cells = dict(zip(names, key, strict=True))
        ids = sorted({line.plan_id for line in total.lines})
        versions = [line.version for line in total.lines]
        amended = [late[plan_id] for plan_id in ids if plan_id in late]
        named |= {
            "plan_ids": ", ".join(ids) or None,
            "plan_version": max(versions, default=None),
            "amendment_count": sum(len(rows) for rows in amended),
            "amended_planned_count": sum(rows[-1].planned_count for rows in amended)
            if amended
            else None,
        }
        found.append({**world.key(month), **named, **total.cells()})
    every = Total()
    for total in managers.values():
        every.lines += total.lines
        every.fact += total.fact
        every.fulfilled += total.fulfilled
        every.unplanned += total.unplanned
        every.clients |= total.clients
        every.missed |= total.missed
    for manager, total in [*managers.items(), ("all", every)]:
        amended = [rows for rows in in_month if manager in ("all", rows[-1].manager_id)]
        row: Cells = dict.fromkeys(names, "all")
        row |= {
            "row_kind": "total" if manager == "all" else "manager",
            "manager_id": manager,
            "plan_ids": None,
            "plan_version": None,
            "amendment_count": sum(len(rows) for rows in amended),
            "amended_planned_count": None,
        }
        found.append({**world.key(month), **row, **total.cells()})
    return found


def _is_of(row: Plan, month: Period) -> bool:
    return month.first <= row.period_start and row.period_end <= month.after
