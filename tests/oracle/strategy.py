"""Hypothesis strategy of small companies: managers, clients, who has whom, plans."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.contract import (
    Absence,
    Assignment,
    Characteristic,
    ClientPerson,
    ClientVersion,
    Crm,
    Manager,
    Merge,
    Person,
    Plan,
    client_of,
)
from tests.oracle.dice import Dice
from tests.oracle.strategy_interactions import GROUPS, add_interactions
from tests.oracle.world import World, add_months

CLASSES = ("A", "B", "C")
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
        _add_client(crm, dice, f"{prefix}:k{number}", loads)
    _add_merges(crm, dice)
    _add_persons(crm, dice, prefix)
    add_interactions(crm, dice, prefix, interactions)
    if dice.chance(0.7):
        _add_plans(crm, dice, prefix)
    return crm


def _add_managers(crm: Crm, dice: Dice, prefix: str, count: int) -> None:
    for number in range(1, count + 1):
        manager_id = f"{prefix}:m{number}"
        hired = dice.day() if dice.chance(0.5) else None
        left = dice.day() if dice.chance(0.25) else None
        crm.managers.append(
            Manager(
                manager_id=manager_id,
                full_name=f"Manager {number}",
                team=dice.maybe(0.7, ("north", "south")),
                head_manager_id=dice.maybe(0.5, (f"{prefix}:m1", f"{prefix}:m2", "nobody:known")),
                hired_on=hired,
                left_on=max(left, hired) if left and hired else left,
                is_robot=dice.chance(0.08),
                is_deleted=dice.chance(0.05),
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


def _add_client(crm: Crm, dice: Dice, client_id: str, loads: list[datetime]) -> None:
    managers = [manager.manager_id for manager in crm.managers]
    first = dice.rng.randrange(len(loads)) if dice.chance(0.4) else 0
    registered = dice.moment(high=loads[first]) if dice.chance(0.95) else None
    cells: dict[str, Any] = _client_cells(dice, managers)
    fixed: dict[str, Any] = {
        "parent_client_id": crm.clients[0].client_id if crm.clients and dice.chance(0.2) else None,
        "client_id": client_id,
        "client_name": f"Client {client_id}",
        "client_kind": dice.one(("organisation", "organisation", "person")),
        "tax_id": dice.maybe(0.5, ("7701", "7702")),
        "is_test": dice.chance(0.05),
        "is_migrated": dice.chance(0.2),
    }
    versions: list[ClientVersion] = []
    for place in range(first, len(loads)):
        known_from = loads[place]
        is_last = place == len(loads) - 1
        if place > first and not is_last and dice.chance(0.4):
            continue  # unchanged in this load
        if place > first and dice.chance(0.5):
            cells = _changed_cells(dice, cells, managers, registered, known_from)
        elif place > first:
            continue
        if versions and versions[-1].known_to is None:
            versions[-1] = _closed(versions[-1], known_from)
        if place > first and dice.chance(0.08):
            continue  # gone from this load
        versions.append(
            ClientVersion(
                **fixed,
                **cells,
                registered_at=registered,
                known_from=known_from,
                known_to=None,
                is_latest=False,
                is_baseline=place == 0,
            )
        )
    versions[-1] = _latest(versions[-1])
    crm.client_versions += versions
    client = client_of(versions)
    crm.clients.append(client)
    _add_assignments(crm, dice, client_id, managers, client.registered_at)
    for name in ("product", "interest"):
        for value in dice.some(("P1", "P2", "P3"), 2) if dice.chance(0.4) else []:
            since = dice.moment() if dice.chance(0.6) else None
            crm.client_characteristics.append(
                Characteristic(
                    client_id=client_id,
                    characteristic=name,
                    value=value,
                    valid_from=since,
                    valid_to=dice.moment(since) if dice.chance(0.4) else None,
                    is_deleted=dice.chance(0.05),
                )
            )


def _closed(version: ClientVersion, known_to: datetime) -> ClientVersion:
    return ClientVersion(**{**vars(version), "known_to": known_to})


def _latest(version: ClientVersion) -> ClientVersion:
    return ClientVersion(**{**vars(version), "is_latest": True})


def _client_cells(dice: Dice, managers: list[str]) -> dict[str, Any]:
    return {
        "is_client": dice.chance(0.93),
        "archived_at": None,
        "responsible_manager_id": dice.maybe(0.8, managers),
        "region": dice.maybe(0.7, ("North", "South")),
        "city": dice.maybe(0.5, ("Омск", "Томск")),
        "industry": dice.maybe(0.5, ("Steel", "Retail")),
        "client_class": dice.maybe(0.8, CLASSES),
        "source_channel": dice.maybe(0.5, ("web", "fair")),
        "do_not_contact": dice.chance(0.08),
        "is_deleted": dice.chance(0.04),
    }


def _changed_cells(
    dice: Dice,
    cells: dict[str, Any],
    managers: list[str],
    registered: datetime | None,
    known_from: datetime,
) -> dict[str, Any]:
    fresh = _client_cells(dice, managers)
    changed = dice.some(sorted(fresh), 3)
    cells = {**cells, **{name: fresh[name] for name in changed}}
    if dice.chance(0.4):
        archived = dice.moment(registered, known_from)
        cells["archived_at"] = archived if cells["archived_at"] is None else None
    return cells


def _add_assignments(
    crm: Crm, dice: Dice, client_id: str, managers: list[str], registered: datetime
) -> None:
    """Main managers one after the other, with gaps and overlaps, and second ones."""
    since: datetime | None = None if dice.chance(0.3) else registered
    for _ in range(dice.one((0, 1, 1, 2, 3))):
        until = dice.moment(since) if dice.chance(0.6) else None
        _assign(crm, _assignment(dice, (client_id, dice.hot(managers)), "main", (since, until)))
        since = dice.moment(until) if until is None or dice.chance(0.3) else until
    for manager_id in dice.some(managers, 2) if dice.chance(0.4) else []:
        since = dice.moment() if dice.chance(0.7) else None
        until = dice.moment(since) if dice.chance(0.4) else None
        _assign(crm, _assignment(dice, (client_id, manager_id), "second", (since, until)))


def _assignment(
    dice: Dice,
    who: tuple[str, str],
    role: str,
    valid: tuple[datetime | None, datetime | None],
) -> Assignment:
    return Assignment(
        client_id=who[0],
        manager_id=who[1],
        assignment_role=role,
        valid_from=valid[0],
        valid_to=dice.moment() if dice.chance(0.03) else valid[1],  # even before its start
        is_deleted=dice.chance(0.04),
    )


def _assign(crm: Crm, found: Assignment) -> None:
    """Add an assignment unless its key is taken; a manager may be assigned twice at a time."""
    taken = any(
        (row.client_id, row.manager_id, row.assignment_role, row.valid_from)
        == (found.client_id, found.manager_id, found.assignment_role, found.valid_from)
        for row in crm.client_assignments
    )
    if not taken:
        crm.client_assignments.append(found)


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


def _add_plans(crm: Crm, dice: Dice, prefix: str) -> None:
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
