"""Hypothesis strategy of small companies: what happens with their clients."""

from datetime import datetime, timedelta

from tests.oracle.contract import Crm, Interaction
from tests.oracle.dice import Dice
from tests.oracle.strategy_history import random_changes, random_parties, random_version

KINDS = ("meeting", "meeting", "call", "call", "task", "visit", "email", "message", "note")
GROUPS = ("first_contact", "complaint", "consultation", "sales")
RESULTS = (
    ("Согласие", "positive"),
    ("Отказ", "negative"),
    ("Думает", "neutral"),
    ("?", "unmapped"),
)


def add_interactions(crm: Crm, dice: Dice, prefix: str, count: int) -> None:
    """Interactions with their parties and changes."""
    for number in range(1, count + 1):
        interaction = _interaction(crm, dice, f"{prefix}:i{number:02d}")
        changes = random_changes(crm, dice, interaction)
        crm.interactions.append(interaction)
        crm.interaction_changes += changes
        crm.interaction_parties += random_parties(crm, dice, interaction.interaction_id)
        crm.interaction_versions.append(random_version(dice, interaction))


def _interaction(crm: Crm, dice: Dice, interaction_id: str) -> Interaction:
    managers = [manager.manager_id for manager in crm.managers]
    clients = [client.client_id for client in crm.clients]
    kind = dice.one((*KINDS, "mailing"))
    created = dice.moment()
    all_day = dice.chance(0.1)
    planned = dice.moment(high=dice.world.next_month.end) if dice.chance(0.6) else None
    state = dice.one(("completed", "completed", "completed", "open", "cancelled"))
    if state == "open" and dice.chance(0.4):
        planned = dice.moment(dice.world.this_month.end, dice.world.next_month.end)
    planned_end = planned + _length(dice) if planned and dice.chance(0.8) else None
    deadline = dice.moment(high=dice.world.next_month.end) if dice.chance(0.5) else None
    is_date = dice.chance(0.4) if deadline else all_day
    deadline = deadline or planned_end or planned
    if deadline and is_date:
        deadline = dice.world.start_of(dice.world.local_date(deadline))
    completed = _closing(dice, created, deadline) if state == "completed" else None
    cancelled = _closing(dice, created, deadline) if state == "cancelled" else None
    started = None
    if completed and dice.chance(0.5):
        started = dice.one((completed, dice.moment(), completed - timedelta(minutes=30)))
    ended = started + _length(dice) if started and dice.chance(0.7) else None
    recorded = dice.one((0, 9, 10, 59, 600, 43200, 43201)) if dice.chance(0.4) else None
    computed = int((ended - started).total_seconds()) if started and ended else None
    result, result_class = dice.one(RESULTS) if dice.chance(0.5) else (None, "none")
    sources = [
        name
        for name, found in (
            ("recorded", recorded),
            ("computed", computed),
            ("planned", planned_end),
        )
        if found is not None
    ]
    return Interaction(
        interaction_id=interaction_id,
        interaction_kind=kind,
        raw_type=f"{kind} type",
        interaction_group=dice.maybe(0.85, GROUPS),
        direction=dice.maybe(0.8, ("in", "out")),
        subject=dice.maybe(0.7, ("Subject",)),
        responsible_manager_id=dice.hot(managers) if dice.chance(0.92) else None,
        created_by_id=dice.maybe(0.7, managers),
        client_id=dice.hot(clients) if dice.chance(0.85) else None,
        created_at=created,
        planned_start_at=planned,
        planned_end_at=planned_end,
        actual_start_at=started,
        actual_end_at=ended,
        deadline_at=deadline,
        deadline_is_date=is_date,
        completed_at=completed,
        cancelled_at=cancelled,
        is_all_day=all_day,
        answered=dice.maybe(0.6, (True, True, False)),
        talk_seconds=dice.one((0, 9, 10, 61, 600, 43201)) if dice.chance(0.5) else None,
        duration_seconds=computed if recorded is None else recorded,
        duration_source=sources[0] if sources else "none",
        result=result,
        result_class=result_class,
        is_mass=dice.chance(0.1),
        is_auto=dice.chance(0.06),
        is_deleted=dice.chance(0.05),
    )


def _length(dice: Dice) -> timedelta:
    """Mostly an hour, sometimes negative or over twelve hours, to the second."""
    minutes = dice.one((60, 60, 30, 45, 0, -15, 720, 721))
    return timedelta(minutes=minutes, seconds=dice.one((0, 0, 0, 1, 29)))


def _closing(dice: Dice, created: datetime, deadline: datetime | None) -> datetime:
    """When it was closed: at the deadline, around it, or any time, even before it was entered."""
    if deadline and deadline <= dice.newest and dice.chance(0.3):
        nudge = dice.one((-1, 0, 1, 86_400_000_000 - 1, 86_400_000_000))
        return min(deadline + timedelta(microseconds=nudge), dice.newest)
    return dice.moment(created if dice.chance(0.85) else None)
