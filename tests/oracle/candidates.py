"""Managers with the counts behind their score, by client, and the score."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracle.base import Base
from tests.oracle.deadlines import due
from tests.oracle.events import Event
from tests.oracle.fulfilment import totals
from tests.oracle.outcomes import manager_in, outcome
from tests.oracle.staff import present
from tests.oracle.world import Period, World, in_force, ratio, rounded, seed

COUNTS = (
    *("fulfilled_count", "planned_count", "covered_client_count", "planned_client_count"),
    *("on_time_count", "due_count", "overdue_count", "open_count"),
)
PARTS = ("fulfilment", "coverage", "on_time", "no_overdue")
NO_CLIENT = "\U0010ffff"  # sorts behind every client
Counts = dict[str, int]
Weights = dict[str, Fraction]


@dataclass
class Candidate:
    """A manager in a month with what each client contributes."""

    manager_id: str
    clients: dict[str, Counts] = field(default_factory=dict)
    has_plan: bool = False
    main_clients: int = 0
    working_days: int = 0
    absence_days: int = 0

    @property
    def counts(self) -> Counts:
        return added(self.clients.values())

    def reason(self, world: World) -> str | None:
        """Why the manager is not ranked."""
        days, rules = self.working_days - self.absence_days, world.rules
        reasons = (
            (self.main_clients == 0, "no clients"),
            (self.working_days > 0 and days == 0, "absent"),
            (days < rules.ranking_min_working_days, "too few working days"),
            (not self.has_plan, "no plan"),
            (self.counts["planned_count"] < rules.ranking_min_planned, "plan too small"),
        )
        return next((text for holds, text in reasons if holds), None)


def added(rows: Iterable[Counts]) -> Counts:
    total = dict.fromkeys(COUNTS, 0)
    for row in rows:
        for name, count in row.items():
            total[name] += count
    return total


def parts(counts: Counts) -> dict[str, Decimal | None]:
    kept = counts["open_count"] - counts["overdue_count"]
    return {
        "fulfilment": ratio(counts["fulfilled_count"], counts["planned_count"], 6),
        "coverage": ratio(counts["covered_client_count"], counts["planned_client_count"], 6),
        "on_time": ratio(counts["on_time_count"], counts["due_count"], 6),
        "no_overdue": ratio(kept, counts["open_count"], 6)
        if counts["open_count"]
        else ratio(1, 1, 6),
    }


def score(counts: Counts, weights: Weights) -> Decimal | None:
    known = {name: part for name, part in parts(counts).items() if part is not None}
    whole = sum((weights[name] for name in known), Fraction(0))
    if not whole:
        return None
    total = sum((weights[name] * Fraction(part) for name, part in known.items()), Fraction(0))
    return rounded(total / whole, 6)


def weights_of(month: Period) -> Weights:
    last = month.after - timedelta(days=1)
    found = {name: Fraction(0) for name in PARTS}
    for row in seed("ranking_weights"):
        if in_force(row, last):
            found[row["part"]] = Fraction(row["weight"])
    return found


def candidates(
    world: World, base: Base, events: list[Event], month: Period
) -> dict[str, Candidate]:
    found = {name: Candidate(name) for name in present(world, base, month)}
    clients: dict[tuple[str, str], Counts] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    _, managers = totals(world, base, events, month)
    for name, total in managers.items():
        if name in found:
            found[name].has_plan = bool(total.lines)
        for client, planned, fulfilled in total.parts:
            clients[name, client or NO_CLIENT]["planned_count"] += planned
            clients[name, client or NO_CLIENT]["fulfilled_count"] += fulfilled
        for _, client in total.clients:
            clients[name, client]["planned_client_count"] += 1
            clients[name, client]["covered_client_count"] += (name, client) not in total.missed
    for event in events:
        client = event.primary(month.end) or NO_CLIENT
        kept = due(world, event, "current", month)
        if kept and kept.what != "not_yet_due":
            cell = clients[kept.manager or "no manager", client]
            cell["due_count"] += 1
            cell["on_time_count"] += kept.what == "on_time"
        what = outcome(event, month) or ""
        if what.startswith(("open", "overdue")):
            cell = clients[manager_in(event, month), client]
            cell["open_count"] += 1
            cell["overdue_count"] += what == "overdue"
    for (name, client), counts in clients.items():
        if name in found:
            found[name].clients[client] = counts
    owners = Counter(base.owner_before(client, month.end) for client in base.members(month.end))
    for candidate in found.values():
        candidate.main_clients = owners[candidate.manager_id]
        _add_days(world, candidate, month)
    return found


def _add_days(world: World, candidate: Candidate, month: Period) -> None:
    [manager] = [row for row in world.crm.managers if row.manager_id == candidate.manager_id]
    hired, left = manager.hired_on, manager.left_on
    days = [month.first + timedelta(days=n) for n in range((month.after - month.first).days)]
    away = [row for row in world.crm.absences if row.manager_id == candidate.manager_id]
    for day in days:
        if world.is_working(day) and (hired or day) <= day <= (left or day):
            candidate.working_days += 1
            candidate.absence_days += any(
                row.absent_from <= day <= row.absent_to for row in away if not row.is_deleted
            )
