"""Contact persons of clients by position and role."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from tests.oracle.base import Base
from tests.oracle.world import Cells, World, in_force, seed


@dataclass(frozen=True)
class Pair:
    client_id: str
    person_id: str
    position: str
    role: str
    decides: bool


def rpt_contact_persons(world: World, base: Base) -> list[Cells]:
    month = world.this_month
    clients = base.members(month.end)
    pairs = _pairs(world, base, set(clients))
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for client in clients:
        groups["all", "all"].append(client)
        for kind in world.rules.contact_person_characteristics:
            value = base.attribute(client, kind, month.end) or "unknown"
            groups[kind, value].append(client)
    found = []
    for (name, value), members in groups.items():
        own = [pair for pair in pairs if pair.client_id in members]
        cells: dict[tuple[str, str], list[Pair]] = {("all", "all"): []}
        for pair in own:
            for key in product({"all", pair.position}, {"all", pair.role}):
                cells.setdefault(key, []).append(pair)
        for (position, role), rows in cells.items():
            row: Cells = {
                **world.key(month),
                "characteristic": name,
                "value": value,
                "position": position,
                "role": role,
                "pair_count": len({(pair.client_id, pair.person_id) for pair in rows}),
                "person_count": len({pair.person_id for pair in rows}),
                "client_count": len({pair.client_id for pair in rows}),
                "base_client_count": None,
                "client_without_person_count": None,
                "client_without_decision_maker_count": None,
            }
            if (position, role) == ("all", "all"):
                row["base_client_count"] = len(members)
                with_person = {pair.client_id for pair in own}
                with_decider = {pair.client_id for pair in own if pair.decides}
                row["client_without_person_count"] = len(members) - len(with_person)
                row["client_without_decision_maker_count"] = len(members) - len(with_decider)
            found.append(row)
    return found


def _pairs(world: World, base: Base, clients: set[str]) -> list[Pair]:
    end = world.this_month.end
    active = {p.person_id for p in world.crm.contact_persons if p.is_active and not p.is_deleted}
    found = []
    for row in world.crm.client_contact_persons:
        begun = row.valid_from is None or row.valid_from < end
        valid = begun and (row.valid_to is None or row.valid_to >= end)
        client = base.survivor(row.client_id, end)
        if not valid or row.is_deleted or row.person_id not in active or client not in clients:
            continue
        position, by_position = _named(world, "position", row.position)
        role, by_role = _named(world, "role", row.role)
        found.append(Pair(client, row.person_id, position, role, by_position or by_role))
    return found


def _named(world: World, column: str, raw: str | None) -> tuple[str, bool]:
    """What the reference list calls a text on the month's last day, and whether it decides."""
    text = (raw or "").strip(" ").lower()
    if not text:
        return "empty", False
    last = world.this_month.after - timedelta(days=1)
    for row in seed(f"{column}s"):
        known = row[f"raw_{column}"].strip(" ").lower()
        if known == text and in_force(row, last):
            return row[column], row["is_decision_maker"] == "true"
    return "unmapped", False
