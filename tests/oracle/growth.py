"""Growth of the client base, in total and by values of characteristics."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta

from tests.oracle.base import Base, Spell
from tests.oracle.contacts import last_contacts
from tests.oracle.events import Event
from tests.oracle.world import Cells, Period, World, ratio

ENTRIES = ("new", "migrated", "restored", "moved_in")
EXITS = ("lost", "merged", "moved_out")
Values = dict[tuple[str, str], list[Spell]]


def memberships(world: World, base: Base) -> Values:
    """Spells in the base cut at the moments when the value of a characteristic changes."""
    found: Values = defaultdict(list)
    for spells in base.spells.values():
        found["all", "all"] += spells
        for name in world.rules.growth_characteristics:
            for spell in spells:
                for value, part in _cut(base, name, spell):
                    found[name, value].append(part)
    return found


def _value(base: Base, name: str, client: str, moment: datetime) -> str:
    if name == "main_manager":
        return base.owner_at(client, moment) or "no manager"
    return base.attribute(client, name, moment + timedelta(microseconds=1)) or "unknown"


def _cut(base: Base, name: str, spell: Spell) -> list[tuple[str, Spell]]:
    client = spell.client_id
    steps = {version.known_from for version in base.versions[client]}
    if name == "main_manager":
        rows = base.assignments[client]
        steps = {at for row in rows for at in (row.valid_from, row.valid_to) if at}
    inside = sorted(
        at
        for at in steps
        if spell.entered_at < at and (spell.left_at is None or at < spell.left_at)
    )
    found = [(_value(base, name, client, spell.entered_at), spell)]
    for at in inside:
        value, part = _value(base, name, client, at), found[-1][1]
        if value != found[-1][0]:
            found[-1] = (found[-1][0], replace(part, left_at=at, exit_kind="moved_out"))
            found.append((value, replace(spell, entered_at=at, entry_kind="moved_in")))
    return found


def active_days(world: World, base: Base, client: str, end: datetime) -> int:
    """Within how many days a client of its class has to be contacted to be active."""
    name = base.attribute(client, "client_class", end) or "unknown"
    return world.rules.active_days_by_class.get(name, world.rules.active_days)


def _since(world: World, base: Base, client: str, end: datetime, day: date) -> datetime:
    return world.start_of(day - timedelta(days=active_days(world, base, client, end)))


def active(world: World, base: Base, events: list[Event], period: Period) -> set[str]:
    """Clients of the base at a period's end that were contacted not long before it."""
    last = last_contacts(events, base, period.end)
    return {
        client
        for client in base.members(period.end)
        if client in last
        and last[client][0] >= _since(world, base, client, period.end, period.after)
    }


def reactivated(world: World, base: Base, events: list[Event], period: Period) -> set[str]:
    """Active at the end, and at the start in the base without being active."""
    contacts: dict[str, list[datetime]] = defaultdict(list)
    for event in events:
        if event.event_at and event.is_contact and event.event_at < period.start:
            for client in event.clients(period.end):
                contacts[client].append(event.event_at)
    opening = set(base.members(period.start))
    found = set()
    for client in active(world, base, events, period) & opening:
        since = _since(world, base, client, period.end, period.first)
        if not any(at >= since for at in contacts[client]):
            found.add(client)
    return found


def rpt_client_growth(world: World, base: Base, events: list[Event]) -> list[Cells]:
    found = []
    parts = memberships(world, base)
    for period in world.periods:
        live = active(world, base, events, period)
        back = reactivated(world, base, events, period)
        for (name, value), spells in parts.items():
            touching = [
                spell
                for spell in spells
                if spell.entered_at < period.end
                and (spell.left_at is None or spell.left_at >= period.start)
            ]
            if not touching and name != "all":
                continue
            found.append(
                {
                    **world.key(period),
                    "characteristic": name,
                    "value": value,
                    **_flows(spells, period),
                    **_activity(spells, period, live, back),
                    "is_reconstructed": world.is_reconstructed,
                }
            )
    return found


def _flows(spells: list[Spell], period: Period) -> Cells:
    opening = sum(spell.holds_before(period.start) for spell in spells)
    closing = sum(spell.holds_before(period.end) for spell in spells)
    row: Cells = {
        "opening_client_count": opening,
        "closing_client_count": closing,
        "growth_client_count": closing - opening,
        "growth_share": ratio(closing - opening, opening),
    }
    for kind in ENTRIES:
        row[f"{kind}_client_count"] = sum(
            spell.entry_kind == kind and period.holds(spell.entered_at) for spell in spells
        )
    for kind in EXITS:
        row[f"{kind}_client_count"] = sum(
            spell.exit_kind == kind and period.holds(spell.left_at) for spell in spells
        )
    return row


def _activity(spells: list[Spell], period: Period, live: set[str], back: set[str]) -> Cells:
    closing = {spell.client_id for spell in spells if spell.holds_before(period.end)}
    return {
        "active_client_count": len(closing & live),
        "dormant_client_count": len(closing - live),
        "reactivated_client_count": len(closing & back),
    }
