"""Contacts with clients: last ones, planned ones, and clients without any."""

from datetime import datetime, timedelta

from tests.oracle.ahead import planned_ahead
from tests.oracle.base import Base
from tests.oracle.events import Event
from tests.oracle.world import Cells, World

Touch = tuple[datetime, str, Event]


def last_contacts(events: list[Event], base: Base, before: datetime) -> dict[str, Touch]:
    """The last contact of each surviving client before a moment; ties: the highest id."""
    found: dict[str, Touch] = {}
    for event in events:
        if event.event_at is None or not event.is_contact or event.event_at >= before:
            continue
        for client in event.clients(before):
            touch = (event.event_at, event.id, event)
            if client not in found or touch[:2] > found[client][:2]:
                found[client] = touch
    return found


def planned_items(world: World, events: list[Event]) -> dict[str, list[datetime]]:
    """Starts after the month of meetings, visits and calls that were planned ahead."""
    found: dict[str, list[datetime]] = {}
    end = world.this_month.end
    for event in events:
        start = planned_ahead(world, event)
        if start and event.kind in ("meeting", "visit", "call"):
            for client in event.clients(end):
                found.setdefault(client, []).append(start)
    return {client: sorted(starts) for client, starts in found.items()}


def rpt_no_contact_clients(world: World, base: Base, events: list[Event]) -> list[Cells]:
    month, previous = world.this_month, world.previous_month
    last = last_contacts(events, base, month.end)
    planned = planned_items(world, events)
    left = {m.manager_id for m in world.crm.managers if m.left_on and m.left_on < month.after}
    found = []
    for client in base.members(month.end):
        version = base.version(client, month.end)
        own = sorted(
            (e for e in events if e.event_at and client in e.clients(month.end)),
            key=lambda e: (e.event_at, e.id),
        )
        now = [e for e in own if e.in_period(month)]
        contacts = [e for e in now if e.is_contact]
        attempts = [e for e in now if e.is_attempt]
        before = [e for e in own if e.in_period(previous) and e.is_contact]
        owner = base.owner_before(client, month.end)
        spell = next(s for s in base.spells[client] if s.holds_before(month.end))
        status = "contacted" if contacts else "no contact"
        if version.do_not_contact:
            status = "do not contact"
        elif month.holds(spell.entered_at):
            status = "entered"
        last_at, _, last_event = last.get(client, (None, "", None))
        starts = planned.get(client, [])
        soon = any(world.next_month.holds(start) for start in starts)
        days = None
        if last_at:
            days = (month.after - timedelta(days=1) - world.local_date(last_at)).days
        long_silent = days is None or days > world.rules.inactive_warning_days
        reasons = (
            (bool(attempts), "attempts only"),
            (any(e.is_mass for e in now), "mass mail only"),
            (last_at is None, "never contacted"),
            (soon, "planned soon"),
            (owner in left, "manager left"),
            (True, "silent"),
        )
        reason = next(text for holds, text in reasons if holds)
        resumed = status == "contacted" and not before
        found.append(
            {
                **world.key(month),
                "client_id": client,
                "owner_manager_id": owner,
                "client_class": version.client_class,
                "contact_status": status,
                "contact_count": len(contacts),
                "attempt_count": len(attempts),
                "last_contact_at": last_at,
                "last_contact_manager_id": last_event.performer if last_event else None,
                "last_contact_interaction_id": last_event.id if last_event else None,
                "days_since_last_contact": days,
                "is_never_contacted": last_at is None,
                "next_planned_at": starts[0] if starts else None,
                "is_planned_in_grace_days": any(s < world.scheduled_close_at for s in starts),
                "no_contact_reason": reason if status == "no contact" else None,
                "priority": (3 - long_silent - (not soon) if status == "no contact" else None),
                "is_slipped": bool(before) and status == "no contact",
                "is_resumed": resumed,
                "resumed_by_manager_id": contacts[0].performer if resumed else None,
            }
        )
    return found
