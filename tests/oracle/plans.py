"""Plan lines in force, split by days owned, and the contacts that each of them takes."""

from collections import defaultdict
from dataclasses import dataclass

from tests.oracle.base import Base
from tests.oracle.contract import Plan
from tests.oracle.events import Event
from tests.oracle.plan_lines import Line, lines, versions_of
from tests.oracle.world import Period, World


@dataclass(frozen=True)
class Fact:
    """A contact as a line takes it: once a client, or once for a line of any client."""

    event: Event
    line: Line | None
    client_id: str | None


def facts(world: World, base: Base, events: list[Event], month: Period) -> list[Fact]:
    """Contacts of a month with the line that each serves, by client, once, or none."""
    found = []
    own: dict[str, list[Line]] = defaultdict(list)
    for line in lines(world, base, month):
        own[line.manager_id].append(line)
    for event in events:
        if not event.is_contact or not event.in_period(month):
            continue
        fitting = [line for line in own[event.performer or ""] if _fits(world, line, event)]
        taken = []
        for client in sorted(event.clients(month.end)):
            best = _best([line for line in fitting if line.client_id == client])
            if best:
                taken.append(Fact(event, best, client))
        if not taken:
            best = _best([line for line in fitting if line.client_id is None])
            taken = [Fact(event, best, event.primary(month.end))]
        found += taken
    return found


def _fits(world: World, line: Line, event: Event) -> bool:
    at = event.event_at
    if at is None or not world.start_of(line.first) <= at < world.start_of(line.after):
        return False
    return line.kind in (None, event.kind) and line.group in (None, event.group)


def _best(fitting: list[Line]) -> Line | None:
    """The most precise line: kind and group, group, kind, any; then the lowest id."""
    return min(
        fitting,
        key=lambda line: (line.group is None, line.kind is None, line.plan_id),
        default=None,
    )


def amendments(world: World, month: Period) -> dict[str, list[Plan]]:
    """Versions of plans approved after the month's start and by its scheduled close."""
    close = world.due_close(month)
    found = {}
    for plan_id, versions in versions_of(world).items():
        late = [
            row
            for row in versions
            if month.start < row.approved_at < close
            and not (row.is_deleted and (row.deleted_at is None or row.deleted_at < close))
        ]
        if late:
            found[plan_id] = late
    return found
