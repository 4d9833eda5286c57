"""What was planned for after the month when it was due to be closed."""

from datetime import datetime

from tests.oracle.events import Event
from tests.oracle.world import World


def at_close(world: World, event: Event) -> Event:
    """An interaction as it was at the month's scheduled close."""
    return event.as_of(world.scheduled_close_at, counted_in=world.this_month)


def planned_ahead(world: World, event: Event) -> datetime | None:
    """Planned start after the month of what was entered, not cancelled and not done by the close.

    What was planned for the grace days and held in them was planned ahead, too.
    """
    then, end, close = at_close(world, event), world.this_month.end, world.scheduled_close_at
    start = then.row.planned_start_at
    if start is None or start < end or event.row.created_at >= close or then.row.cancelled_at:
        return None
    if then.event_at is not None and not (start < close and then.event_at >= end):
        return None
    return start
