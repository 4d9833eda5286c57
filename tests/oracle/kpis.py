"""Number and duration of completed interactions."""

from collections import defaultdict
from fractions import Fraction
from itertools import product

from tests.oracle.base import Base
from tests.oracle.events import Event
from tests.oracle.staff import present
from tests.oracle.world import Cells, Period, World, percentile, rounded

Key = tuple[str, str, str, str]


def rpt_interaction_kpis(world: World, base: Base, events: list[Event]) -> list[Cells]:
    found = []
    for period in world.periods:
        rows: dict[Key, list[Event]] = defaultdict(list)
        for attribution in ("performer", "owner at event", "owner at period end"):
            for manager in ("all", *present(world, base, period)):
                rows[attribution, manager, "all", "all"] = []
        for event in events:
            if event.in_period(period):
                for attribution, who in _managers(base, event, period).items():
                    # Groups stand below their kind: there is no group over all kinds.
                    kinds = (("all", "all"), (event.kind, "all"), (event.kind, event.group))
                    for name, kind in product(("all", who or "no manager"), kinds):
                        rows[attribution, name, *kind].append(event)
        for key, own in rows.items():
            names = ("attribution", "manager_id", "interaction_kind", "interaction_group")
            cells: Cells = dict(zip(names, key, strict=True))
            found.append({**world.key(period), **cells, **_figures(world, own, period)})
    return found


def _managers(base: Base, event: Event, period: Period) -> dict[str, str | None]:
    return {
        "performer": event.performer,
        "owner at event": event.owner_at_event,
        "owner at period end": base.owner_before(event.primary(period.end), period.end),
    }


def _figures(world: World, events: list[Event], period: Period) -> Cells:
    known = [event.minutes for event in events if event.minutes is not None]
    calls = [event for event in events if event.kind == "call"]
    meetings = [event for event in events if event.kind != "call" and event.minutes is not None]
    states = [event.duration_state for event in events]
    return {
        "interaction_count": len(events),
        "client_count": len({c for event in events for c in event.clients(period.end)}),
        "conversation_count": sum(event.is_conversation for event in events),
        "attempt_count": sum(event.is_attempt for event in events),
        "call_minutes": rounded(sum((e.minutes or Fraction(0) for e in calls), Fraction(0)), 2),
        "meeting_minutes": rounded(
            sum((e.minutes or Fraction(0) for e in meetings), Fraction(0)), 2
        ),
        "person_minutes": rounded(
            sum(((e.minutes or 0) * e.attendee_count for e in meetings), Fraction(0)), 2
        ),
        "planned_minutes": rounded(sum((_planned(world, e) for e in events), Fraction(0)), 2),
        "known_duration_count": states.count("known"),
        "unknown_duration_count": states.count("unknown"),
        "invalid_duration_count": states.count("invalid"),
        "mean_minutes": rounded(sum(known, Fraction(0)) / len(known) if known else None, 2),
        "median_minutes": rounded(percentile(known, Fraction(1, 2)), 2),
        "p90_minutes": rounded(percentile(known, Fraction(9, 10)), 2),
    }


def _planned(world: World, event: Event) -> Fraction:
    row = event.row
    if event.kind not in ("meeting", "visit", "call") or row.is_all_day:
        return Fraction(0)
    if row.planned_start_at is None or row.planned_end_at is None:
        return Fraction(0)
    minutes = Fraction(int((row.planned_end_at - row.planned_start_at).total_seconds()), 60)
    return minutes if 0 <= minutes <= world.rules.max_duration_minutes else Fraction(0)
