"""Hypothesis strategy of small companies: changes, parties and versions of interactions."""

from datetime import datetime

from tests.oracle.contract import Change, Crm, Interaction, InteractionVersion, Party
from tests.oracle.dice import Dice


def random_changes(crm: Crm, dice: Dice, interaction: Interaction) -> list[Change]:
    """Changes that end in the present value."""
    managers = [manager.manager_id for manager in crm.managers]
    low = interaction.created_at if dice.chance(0.9) else dice.oldest
    deadline = interaction.deadline_at
    if deadline and interaction.deadline_is_date:
        deadline = dice.world.end_of(dice.world.local_date(deadline))
    ends: dict[str, str | None] = {
        "responsible": interaction.responsible_manager_id,
        "deadline": as_text(deadline),
        "planned_start": as_text(interaction.planned_start_at),
        "status": "completed" if interaction.completed_at else "open",
    }
    found = []
    for name, present in ends.items():
        moments = dice.distinct_moments(3, low, dice.newest) if dice.chance(0.35) else []
        if interaction.deadline_at and low < interaction.deadline_at < dice.newest and moments:
            moments[-1] = dice.moment(interaction.deadline_at)
        new_value = present
        for moment in sorted(set(moments), reverse=True):
            old_value = new_value
            while old_value == new_value:
                match name:
                    case "responsible":
                        old_value = dice.maybe(0.9, [*managers, "nobody:known"])
                    case "status":
                        old_value = dice.one(("open", "in work", "completed"))
                    case _:
                        old_value = as_text(
                            dice.moment(high=dice.world.next_month.end)
                            if dice.chance(0.85)
                            else None
                        )
            found.append(
                Change(
                    interaction_id=interaction.interaction_id,
                    changed_at=moment,
                    field=name,
                    old_value=old_value,
                    new_value=new_value,
                )
            )
            new_value = old_value
    return found


def as_text(moment: datetime | None) -> str | None:
    return moment.isoformat(sep=" ") if moment else None


def random_parties(crm: Crm, dice: Dice, interaction_id: str) -> list[Party]:
    pools = {
        "client": [*(client.client_id for client in crm.clients), "nobody:known"],
        "person": [*(person.person_id for person in crm.contact_persons), "nobody:known"],
        "manager": [*(manager.manager_id for manager in crm.managers), "nobody:known"],
    }
    return [
        Party(
            interaction_id=interaction_id,
            party_kind=kind,
            party_id=party_id,
            party_role=role,
            attended=dice.maybe(0.5, (True, True, False)),
            is_deleted=dice.chance(0.04),
        )
        for kind, pool in pools.items()
        if dice.chance(0.35)
        for party_id in dice.some(pool, 2)
        for role in dice.one(
            (
                ("participant",),
                ("target",),
                ("assignee",),
                ("creator",),
                ("assignee", "participant"),
            )
        )
    ]


def random_version(dice: Dice, interaction: Interaction) -> InteractionVersion:
    gone = dice.chance(0.1)
    state = "completed" if interaction.completed_at else "open"
    return InteractionVersion(
        interaction_id=interaction.interaction_id,
        interaction_kind=interaction.interaction_kind,
        raw_type=interaction.raw_type,
        created_at=interaction.created_at,
        state="cancelled" if interaction.cancelled_at else state,
        known_from=dice.moment(interaction.created_at),
        known_to=dice.newest if gone else None,
        is_latest=True,
        is_baseline=False,
        is_deleted=interaction.is_deleted and not gone,
    )
