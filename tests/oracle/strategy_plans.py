"""Hypothesis strategy of small companies: plan lines with their versions."""

from datetime import timedelta

from tests.oracle.contract import Crm, Plan
from tests.oracle.dice import Dice
from tests.oracle.strategy_interactions import GROUPS
from tests.oracle.world import add_months


def add_plans(crm: Crm, dice: Dice, prefix: str) -> None:
    world = dice.world
    managers = [manager.manager_id for manager in crm.managers]
    clients = [client.client_id for client in crm.clients]
    for number in range(1, dice.rng.randint(0, 25) + 1):
        month = add_months(world.month, dice.one((0, 0, 0, -1, -1, 1)))
        first, after = month, add_months(month, 1)
        if dice.chance(0.25):
            first += timedelta(days=dice.one((1, 10, 14)))
        if dice.chance(0.25):
            after += timedelta(days=dice.one((-10, -1, 1)))
        start, manager = world.start_of(month), dice.hot(managers)
        cells = (
            dice.hot(clients) if dice.chance(0.7) else None,
            dice.maybe(0.4, ("meeting", "call", "visit", "email")),
            dice.maybe(0.2, GROUPS),
        )
        for version in range(1, dice.one((1, 1, 2, 3)) + 1):
            approved = dice.one((start - timedelta(days=30), start, dice.moment()))
            is_deleted = dice.chance(0.08)
            crm.contact_plans.append(
                Plan(
                    plan_id=f"{prefix}:plan{number}",
                    plan_version=version,
                    approved_at=min(approved, world.as_of),
                    period_start=first,
                    period_end=after,
                    manager_id=manager if dice.chance(0.9) else dice.one(managers),
                    client_id=cells[0],
                    interaction_kind=cells[1],
                    interaction_group=cells[2],
                    planned_count=dice.one((0, 1, 1, 2, 3, 5, 12)),
                    is_deleted=is_deleted,
                    deleted_at=dice.one((start, dice.moment())) if is_deleted else None,
                )
            )
