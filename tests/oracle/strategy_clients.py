"""Hypothesis strategy of small companies: clients over the loads, and who has them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.oracle.contract import Assignment, Characteristic, ClientVersion, Crm, client_of
from tests.oracle.dice import Dice

CLASSES = ("A", "B", "C")
CLASSES = ("A", "B", "C")


def add_client(crm: Crm, dice: Dice, client_id: str, loads: list[datetime]) -> None:
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
    return replace(version, known_to=known_to)


def _latest(version: ClientVersion) -> ClientVersion:
    return replace(version, is_latest=True)


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
