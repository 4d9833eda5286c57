"""The register: every interaction whose figures enter a report of the month."""

from datetime import date, datetime, timedelta

from tests.oracle.ahead import at_close
from tests.oracle.base import Base
from tests.oracle.deadlines import due, first_deadline, is_moved_after_expiry, moves
from tests.oracle.events import Event
from tests.oracle.outcomes import outcome, overdue_steps
from tests.oracle.planned import fates
from tests.oracle.world import Cells, World, rounded

IN_PLAN = ("opening", "added", "moved_in")
FLAGS = (
    *("is_counted", "is_in_outcomes", "is_overdue_flow", "is_due", "is_first_due", "is_planned"),
    *("is_planned_next", "is_opened"),
)


def rpt_interaction_register(world: World, base: Base, events: list[Event]) -> list[Cells]:
    rows = [_row(world, base, event) for event in events]
    return [row for row in rows if any(row[flag] for flag in FLAGS)]


def _row(world: World, base: Base, event: Event) -> Cells:
    then = at_close(world, event)
    month, row = world.this_month, then.row
    client = event.primary(month.end)
    present, first = due(world, event, "current", month), due(world, event, "first", month)
    what, fate = outcome(event, month), fates(world, event)
    in_plan = [name for name in fate if name != "next_period_planned"]
    is_open = is_open_at_end(world, event)
    days, working_days = _lateness(world, then)
    persons = {party.party_id for party in event.parties if party.party_kind == "person"}
    return {
        **world.key(month),
        "interaction_id": event.id,
        "interaction_kind": event.kind,
        "interaction_group": event.group,
        "direction": row.direction,
        "client_id": client,
        "client_ids": _list(event.clients(month.end)),
        "person_ids": _list(persons),
        "manager_ids": _list(then.attendees),
        "created_at": row.created_at,
        "planned_start_at": row.planned_start_at,
        "planned_end_at": row.planned_end_at,
        "event_at": then.event_at,
        "completed_at": row.completed_at,
        "cancelled_at": row.cancelled_at,
        "first_deadline_at": first_deadline(then),
        "deadline_at": then.last_deadline,
        "deadline_move_count": len(moves(then)),
        "is_moved_after_expiry": is_moved_after_expiry(then),
        "outcome": what.replace("_", " ").replace("open due", "open, due") if what else None,
        "deadline_class": present.what.replace("_", " ") if present else None,
        "days_late": days,
        "working_days_late": working_days,
        "result": row.result,
        "result_class": row.result_class,
        "planned_activity": ", ".join(in_plan).replace("_", " ") if in_plan else None,
        "performer_id": then.performer,
        "responsible_at_deadline_id": present.manager if present else None,
        "holder_at_end_id": event.responsible_before(month.end) if is_open else None,
        "owner_at_event_id": event.owner_at_event if event.in_period(month) else None,
        "owner_at_period_end_id": base.owner_before(client, month.end),
        "is_contact": then.is_contact,
        "is_conversation": then.is_conversation,
        "is_attempt": then.is_attempt,
        "is_mass": event.is_mass,
        "duration_state": then.duration_state,
        "duration_minutes": rounded(then.minutes, 2),
        "is_counted": event.in_period(month),
        "is_in_outcomes": what is not None,
        "is_overdue_flow": _is_overdue_in(world, event),
        "is_due": present is not None,
        "is_first_due": first is not None,
        "is_planned": any(name in fate for name in IN_PLAN),
        "is_planned_next": "next_period_planned" in fate,
        "is_opened": month.holds(row.created_at),
    }


def is_open_at_end(world: World, event: Event) -> bool:
    end = world.this_month.end
    return event.row.created_at < end and (event.closed_at or end) >= end


def _list(ids: set[str]) -> str | None:
    return ", ".join(sorted(ids)) or None


def _is_overdue_in(world: World, event: Event) -> bool:
    """Overdue just before the month's start or at any time in it."""
    since: datetime | None = None
    for step in overdue_steps(event):
        if (
            step.old
            and since
            and since < world.this_month.end
            and step.at >= world.this_month.start
        ):
            return True
        since = step.at if step.new else None
    return since is not None and since < world.this_month.end


def _lateness(world: World, event: Event) -> tuple[int | None, int | None]:
    """Days and working days after the deadline's day until it was done, or the month's last day."""
    deadline, completed = event.last_deadline, event.row.completed_at
    if deadline is None:
        return None, None
    if completed and completed <= deadline:
        return 0, 0
    if completed is None and (not is_open_at_end(world, event) or deadline >= world.this_month.end):
        return None, None
    last = world.this_month.after - timedelta(days=1)
    first, until = world.local_date(deadline), world.local_date(completed) if completed else last
    return (until - first).days, sum(world.is_working(day) for day in _days(first, until))


def _days(first: date, last: date) -> list[date]:
    """Days after the first up to the last one."""
    return [first + timedelta(days=number) for number in range(1, (last - first).days + 1)]


def told_interactions(world: World, reports: dict[str, list[Cells]]) -> set[str]:
    """Interactions that a report of the month names, or that changed since it began."""
    named = {str(row["interaction_id"]) for row in reports["rpt_interaction_register"]}
    last = (row["last_contact_interaction_id"] for row in reports["rpt_no_contact_clients"])
    named.update(str(found) for found in last if found)
    return named | {
        interaction_id
        for interaction_id, moment in world.last_changed_at.items()
        if moment >= world.this_month.start
    }


def dim_interactions(world: World, every: list[Event], told: set[str]) -> list[Cells]:
    return [
        {
            "interaction_id": event.id,
            "responsible_now_id": event.row.responsible_manager_id,
            "completed_at": event.row.completed_at,
            "cancelled_at": event.row.cancelled_at,
            "deadline_at": event.last_deadline,
            "is_deleted": event.row.is_deleted,
            "last_changed_at": world.last_changed_at[event.id],
            "close_month": world.this_month.first,
        }
        for event in every
        if event.id in told
    ]
