"""Marts that show rows as they are: dimensions, restricted details, the fact of interactions."""

from datetime import timedelta

from tests.oracle.base import Base
from tests.oracle.events import Event
from tests.oracle.world import Cells, Period, World, rounded


def dim_periods(world: World) -> list[Cells]:
    return [
        {
            **world.key(period),
            "period_end": period.after,
            "period_label": _label(period),
            "start_at": period.start,
            "end_at": period.end,
            "as_of": world.as_of,
            "is_reconstructed": world.is_reconstructed,
        }
        for period in world.periods
    ]


def _label(period: Period) -> str:
    first = period.first
    if period.kind == "week":
        year, week, _ = first.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if period.kind == "quarter":
        return f"{first.year:04d}-Q{(first.month + 2) // 3}"
    return f"{first:%Y-%m}" if period.kind == "month" else f"{first:%Y}"


def dim_managers(world: World) -> list[Cells]:
    names = {manager.manager_id: manager.full_name for manager in world.crm.managers}
    return [
        {
            "manager_id": row.manager_id,
            "manager_name": row.full_name,
            "team": row.team,
            "head_manager_id": row.head_manager_id,
            "head_manager_name": names.get(row.head_manager_id or ""),
            "hired_on": row.hired_on,
            "left_on": row.left_on,
            "is_robot": row.is_robot,
            "is_deleted": row.is_deleted,
        }
        for row in world.crm.managers
    ]


def dim_clients(world: World, base: Base) -> list[Cells]:
    after = world.as_of + timedelta(microseconds=1)
    same = (
        *("client_id", "parent_client_id", "client_kind", "client_class", "region", "city"),
        *("industry", "source_channel", "is_client", "do_not_contact", "is_test", "is_migrated"),
        *("is_deleted", "registered_at", "archived_at"),
    )
    return [
        {name: getattr(row, name) for name in same}
        | {
            "surviving_client_id": base.survivor(row.client_id, after),
            "owner_now_id": base.owner_at(row.client_id, world.as_of),
        }
        for row in world.crm.clients
    ]


def client_names(world: World) -> list[Cells]:
    names = ("client_id", "client_name", "tax_id")
    return [{name: getattr(row, name) for name in names} for row in world.crm.clients]


def contact_person_details(world: World) -> list[Cells]:
    names = ("person_id", "full_name", "email", "phone")
    return [{name: getattr(row, name) for name in names} for row in world.crm.contact_persons]


def interaction_subjects(world: World, told: set[str]) -> list[Cells]:
    names = ("interaction_id", "subject")
    return [
        {name: getattr(row, name) for name in names} | {"close_month": world.this_month.first}
        for row in world.crm.interactions
        if row.interaction_id in told
    ]


def fct_interactions(world: World, base: Base, events: list[Event]) -> list[Cells]:
    found = []
    for period in world.periods:
        for event in events:
            if not event.in_period(period) or event.event_at is None:
                continue
            client = event.primary(period.end)
            found.append(
                {
                    **world.key(period),
                    "interaction_id": event.id,
                    "event_date": world.local_date(event.event_at),
                    "event_at": event.event_at,
                    "interaction_kind": event.kind,
                    "interaction_group": event.group,
                    "direction": event.row.direction,
                    "result": event.row.result,
                    "client_id": client,
                    "performer_id": event.performer,
                    "owner_at_event_id": event.owner_at_event,
                    "owner_at_period_end_id": base.owner_before(client, period.end),
                    "is_contact": event.is_contact,
                    "is_conversation": event.is_conversation,
                    "is_attempt": event.is_attempt,
                    "is_mass": event.is_mass,
                    "duration_state": event.duration_state,
                    "duration_minutes": rounded(event.minutes, 2),
                    "attendee_count": event.attendee_count,
                }
            )
    return [row for row in found if row["period_kind"] == "month"]
