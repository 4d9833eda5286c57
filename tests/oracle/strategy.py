"""Hypothesis strategy of small companies: managers, clients, who has whom, plans."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from tests.oracle.contract import (
    Absence,
    ClientPerson,
    Crm,
    Manager,
    Merge,
    Person,
    SourceLoad,
)
from tests.oracle.dice import Dice
from tests.oracle.strategy_clients import add_client
from tests.oracle.strategy_interactions import add_interactions
from tests.oracle.strategy_plans import add_plans
from tests.oracle.world import World

POSITIONS = ("директор", " Директор ", "Бухгалтер", "никто такой", "")
ROLES = ("ЛПР", "лпр", "Влияет", "unheard of", "")


@st.composite
def crms(draw: st.DrawFn, world: World, prefix: str) -> Crm:
    """One company whose ids begin with the prefix."""
    managers, clients = draw(st.integers(2, 6)), draw(st.integers(3, 15))
    interactions = draw(st.integers(0, 60))
    dice = Dice(draw(st.randoms(use_true_random=True)), world)
    crm = Crm()
    _add_managers(crm, dice, prefix, managers)
    loads = sorted({dice.moment() for _ in range(dice.rng.randint(1, 4))} | {world.as_of})
    for number in range(1, clients + 1):
        add_client(crm, dice, f"{prefix}:k{number}", loads)
    _add_merges(crm, dice)
    _add_persons(crm, dice, prefix)
    add_interactions(crm, dice, prefix, interactions)
    if dice.chance(0.7):
        add_plans(crm, dice, prefix)
    _add_loads(crm, dice, prefix, loads)
    return crm


def _add_loads(crm: Crm, dice: Dice, prefix: str, loads: list[datetime]) -> None:
    """The company's loads; half of its interactions were first shown by one of them."""
    for number, moment in enumerate(loads):
        crm.source_loads.append(
            SourceLoad(
                source=prefix,
                load_id=f"{prefix}/{number}",
                extracted_at=moment,
                is_complete=dice.chance(0.75),
            )
        )
    for place, version in enumerate(crm.interaction_versions):
        if dice.chance(0.5):
            crm.interaction_versions[place] = replace(version, known_from=dice.one(loads))


def _add_managers(crm: Crm, dice: Dice, prefix: str, count: int) -> None:
    for number in range(1, count + 1):
        manager_id = f"{prefix}:m{number}"
        hired = dice.day() if dice.chance(0.5) else None
        left = dice.day() if dice.chance(0.25) else None
        deleted = dice.moment() if dice.chance(0.08) else None
        crm.managers.append(
            Manager(
                manager_id=manager_id,
                full_name=f"Manager {number}",
                team=dice.maybe(0.7, ("north", "south")),
                head_manager_id=dice.maybe(0.5, (f"{prefix}:m1", f"{prefix}:m2", "nobody:known")),
                hired_on=hired,
                left_on=max(left, hired) if left and hired else left,
                is_robot=dice.chance(0.08),
                is_deleted=deleted is not None,
                deleted_at=deleted,
            )
        )
        for first in sorted({dice.day() for _ in range(dice.rng.randint(0, 2))}):
            last = first + timedelta(days=dice.one((0, 1, 6, 13, 40)))
            crm.absences.append(
                Absence(
                    manager_id=manager_id,
                    absent_from=first,
                    absent_to=last,
                    kind=dice.maybe(0.8, ("vacation", "illness")),
                    is_deleted=dice.chance(0.1),
                )
            )


def _add_merges(crm: Crm, dice: Dice) -> None:
    """Merges into a client further down the list: chains, but no circles."""
    clients = [client.client_id for client in crm.clients]
    for place, losing in enumerate(clients[:-1]):
        if dice.chance(0.15):
            crm.client_merges.append(
                Merge(
                    losing_client_id=losing,
                    surviving_client_id="nobody:known"
                    if dice.chance(0.05)
                    else dice.one(clients[place + 1 :]),
                    merged_at=dice.moment(),
                    is_deleted=dice.chance(0.08),
                )
            )


def _add_persons(crm: Crm, dice: Dice, prefix: str) -> None:
    clients = [client.client_id for client in crm.clients]
    for number in range(1, dice.rng.randint(0, 8) + 1):
        person_id = f"{prefix}:p{number}"
        crm.contact_persons.append(
            Person(
                person_id=person_id,
                full_name=dice.maybe(0.9, ("Anna", "Ivan")),
                email=dice.maybe(0.5, ("a@example.org",)),
                phone=dice.maybe(0.5, ("+7 1",)),
                is_active=dice.chance(0.9),
                is_deleted=dice.chance(0.05),
            )
        )
        for client_id in dice.some(clients, 2):
            for _ in range(dice.one((1, 1, 2))):
                since = dice.moment() if dice.chance(0.5) else None
                crm.client_contact_persons.append(
                    ClientPerson(
                        client_id=client_id,
                        person_id=person_id,
                        position=dice.maybe(0.8, POSITIONS),
                        role=dice.maybe(0.6, ROLES),
                        valid_from=since,
                        valid_to=dice.moment(since) if dice.chance(0.3) else None,
                        is_deleted=dice.chance(0.05),
                    )
                )
