"""Interactions by group: results, first contacts, opened and closed."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from itertools import product

from tests.oracle.base import Base
from tests.oracle.events import Event
from tests.oracle.staff import present
from tests.oracle.world import (
    Cells,
    Period,
    World,
    percentile,
    ratio,
    rounded,
    whole_seconds,
)

Key = tuple[str, str]
RESULTS = {
    "positive": "positive_count",
    "neutral": "neutral_count",
    "negative": "negative_count",
    "none": "no_result_count",
    "unmapped": "unmapped_result_count",
}


def first_contacts(world: World, base: Base, events: list[Event], end: datetime) -> dict[str, str]:
    """The first contact of each surviving client; none of one that is older than the data."""
    first: dict[str, tuple[datetime, str]] = {}
    for event in events:
        if event.event_at and event.is_contact:
            for client in event.clients(end):
                touch = (event.event_at, event.id)
                first[client] = min(first.get(client, touch), touch)
    data_start = world.start_of(world.first_month)
    for row in base.clients.values():
        if row.is_migrated or row.registered_at < data_start:
            first.pop(base.survivor(row.client_id, end), None)
    return {client: touch[1] for client, touch in first.items()}


def rpt_interaction_groups(world: World, base: Base, events: list[Event]) -> list[Cells]:
    found = []
    for period in world.periods:
        now = [event for event in events if event.in_period(period)]
        before = [e for e in events if e.event_at and _previous(world, period).holds(e.event_at)]
        opened = [event for event in events if period.holds(event.row.created_at)]
        closed = [event for event in events if period.holds(event.row.completed_at)]
        lists = (
            _spread(now, _performer),
            _spread(before, _performer),
            _spread(opened, lambda e: e.responsible_at(datetime.min)),
            _spread(closed, _performer),
        )
        spine = {("all", "all"), *(("all", m) for m in present(world, base, period))}
        firsts = first_contacts(world, base, events, period.end)
        for key in spine.union(*lists):
            found.append(
                {
                    **world.key(period),
                    "interaction_group": key[0],
                    "manager_id": key[1],
                    **_figures([rows.get(key, []) for rows in lists], firsts, period),
                }
            )
    return found


def _previous(world: World, period: Period) -> Period:
    match period.kind:
        case "month":
            return world.previous_month
        case "week":
            first = period.first - (period.after - period.first)
        case "quarter":
            month = period.first.month
            first = period.first.replace(
                year=period.first.year - (month == 1), month=(month - 4) % 12 + 1
            )
        case _:
            first = period.first.replace(year=period.first.year - 1)
    return world.period(period.kind, first, period.first)


def _performer(event: Event) -> str | None:
    return event.performer


def _spread(events: list[Event], who: Callable[[Event], str | None]) -> dict[Key, list[Event]]:
    found: dict[Key, list[Event]] = defaultdict(list)
    for event in events:
        for key in product(("all", event.group), ("all", who(event) or "no manager")):
            found[key].append(event)
    return found


def _figures(lists: list[list[Event]], firsts: dict[str, str], period: Period) -> Cells:
    now, before, opened, closed = lists
    ids = {event.id for event in now}
    results = {name: sum(e.row.result_class == c for e in now) for c, name in RESULTS.items()}
    judged = sum(results[RESULTS[c]] for c in ("positive", "neutral", "negative"))
    hours = [
        Fraction(whole_seconds(event.row.completed_at - event.row.created_at), 3600)
        for event in closed
        if event.row.completed_at and event.row.completed_at >= event.row.created_at
    ]
    return {
        "interaction_count": len(now),
        "previous_interaction_count": len(before),
        "change_interaction_count": len(now) - len(before),
        "client_count": len({client for event in now for client in event.clients(period.end)}),
        "first_contact_client_count": sum(first in ids for first in firsts.values()),
        "labelled_first_contact_count": sum(event.group == "first_contact" for event in now),
        **results,
        "with_result_share": ratio(len(now) - results["no_result_count"], len(now)),
        "positive_share": ratio(results["positive_count"], judged),
        "opened_count": len(opened),
        "closed_count": len(closed),
        "mean_hours_to_close": rounded(sum(hours, Fraction(0)) / len(hours) if hours else None, 2),
        "median_hours_to_close": rounded(percentile(hours, Fraction(1, 2)), 2),
    }
