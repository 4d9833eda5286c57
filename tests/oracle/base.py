"""Clients over time: survivors of merges, spells in the client base, attributes, owners."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from tests.oracle.contract import Assignment, Client, ClientVersion
from tests.oracle.world import World

ATTRIBUTES = ("client_kind", "client_class", "region", "city", "industry", "source_channel")


@dataclass(frozen=True)
class Spell:
    """An uninterrupted time [entered_at, left_at) in the client base."""

    client_id: str
    entered_at: datetime
    left_at: datetime | None
    entry_kind: str
    exit_kind: str | None

    def holds_before(self, moment: datetime) -> bool:
        return self.entered_at < moment and (self.left_at is None or self.left_at >= moment)


class Base:
    """The client base of a world at any moment."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clients: dict[str, Client] = {row.client_id: row for row in world.crm.clients}
        self.managers = {row.manager_id: row for row in world.crm.managers}
        self.merges = {
            row.losing_client_id: row for row in world.crm.client_merges if not row.is_deleted
        }
        self.versions: dict[str, list[ClientVersion]] = defaultdict(list)
        for version in sorted(world.crm.client_versions, key=lambda row: row.known_from):
            self.versions[version.client_id].append(version)
        self.assignments: dict[str, list[Assignment]] = defaultdict(list)
        for row in world.crm.client_assignments:
            if not row.is_deleted:
                self.assignments[row.client_id].append(row)
        self.spells = {
            client.client_id: list(self._spells(client))
            for client in world.crm.clients
            if not client.is_test
        }

    def survivor(self, client_id: str, before: datetime) -> str:
        """Under which id a client goes just before a moment."""
        merge = self.merges.get(client_id)
        while merge and merge.merged_at < before:
            client_id = merge.surviving_client_id
            merge = self.merges.get(client_id)
        return client_id

    def _outs(self, client: Client) -> list[tuple[datetime, datetime | None, str]]:
        """Times out of the base with their reasons; they may overlap."""
        found = []
        versions = self.versions[client.client_id]
        for place, version in enumerate(versions):
            following = versions[place + 1].known_from if place + 1 < len(versions) else None
            if version.archived_at:
                found.append((version.archived_at, version.known_to, "lost"))
            if not version.is_client or version.is_deleted:
                since = version.known_from if place else datetime.min
                found.append((since, version.known_to, "lost"))
            if version.known_to and version.known_to != following:
                found.append((version.known_to, following, "lost"))
        merge = self.merges.get(client.client_id)
        if merge:
            found.append((merge.merged_at, None, "merged"))
        return [(a, b, why) for a, b, why in found if b is None or a < b]

    def _spells(self, client: Client) -> list[Spell]:
        outs = self._outs(client)
        steps = {client.registered_at, *(a for a, _, _ in outs), *(b for _, b, _ in outs if b)}
        moments = sorted(moment for moment in steps if moment >= client.registered_at)
        found: list[Spell] = []
        inside = False
        for moment in moments:
            why = {w for a, b, w in outs if a <= moment and (b is None or moment < b)}
            if not why and not inside:
                first = "migrated" if client.is_migrated else "new"
                kind = "restored" if found else first
                found.append(Spell(client.client_id, moment, None, kind, None))
            elif why and inside:
                kind = "merged" if "merged" in why else "lost"
                last = found[-1]
                found[-1] = Spell(last.client_id, last.entered_at, moment, last.entry_kind, kind)
            inside = not why
        return found

    def members(self, before: datetime) -> list[str]:
        """Clients in the base just before a moment."""
        return sorted(
            client_id
            for client_id, spells in self.spells.items()
            if any(spell.holds_before(before) for spell in spells)
        )

    def version(self, client_id: str, before: datetime) -> ClientVersion:
        """The version known just before a moment; the first one from the beginning."""
        versions = self.versions[client_id]
        known = [version for version in versions if version.known_from < before]
        return known[-1] if known else versions[0]

    def attribute(self, client_id: str, name: str, before: datetime) -> str | None:
        found: str | None = getattr(self.version(client_id, before), name)
        return found

    def owners_before(self, client_id: str, moment: datetime) -> list[str]:
        """Managers of a client just before a moment, the main one first."""
        valid = [
            row
            for row in self.assignments[client_id]
            if (row.valid_from is None or row.valid_from < moment)
            and (row.valid_to is None or row.valid_to >= moment)
        ]
        return _ranked(valid)

    def owners_at(self, client_id: str, moment: datetime) -> list[str]:
        valid = [
            row
            for row in self.assignments[client_id]
            if (row.valid_from is None or row.valid_from <= moment)
            and (row.valid_to is None or row.valid_to > moment)
        ]
        return _ranked(valid)

    def owner_before(self, client_id: str | None, moment: datetime) -> str | None:
        owners = self.owners_before(client_id, moment) if client_id else []
        return owners[0] if owners else None

    def owner_at(self, client_id: str | None, moment: datetime) -> str | None:
        owners = self.owners_at(client_id, moment) if client_id else []
        return owners[0] if owners else None


def _ranked(rows: list[Assignment]) -> list[str]:
    """The CRM's flag, else the earliest assignment, else the lowest id."""
    ordered = sorted(
        rows,
        key=lambda r: (r.assignment_role != "main", r.valid_from or datetime.min, r.manager_id),
    )
    return list(dict.fromkeys(row.manager_id for row in ordered))
