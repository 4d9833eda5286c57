"""Interactions that count: history, performer, date, kind of contact, duration, clients."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from tests.oracle.base import Base
from tests.oracle.contract import Change, ClientPerson, Party
from tests.oracle.history import History
from tests.oracle.world import MICROSECOND, Period, World


@dataclass
class Event(History):
    """An interaction with what follows from it."""

    parties: list[Party]
    persons_clients: list[ClientPerson]
    robots: set[str]

    @property
    def id(self) -> str:
        return self.row.interaction_id

    @property
    def kind(self) -> str:
        return self.row.interaction_kind

    @property
    def group(self) -> str:
        return self.row.interaction_group or "unclassified"

    @property
    def closed_at(self) -> datetime | None:
        return self.row.completed_at or self.row.cancelled_at

    @property
    def performer(self) -> str | None:
        return self.responsible_at(self.closed_at) if self.closed_at else None

    @property
    def holder(self) -> str | None:
        return self.performer if self.closed_at else self.row.responsible_manager_id

    @property
    def event_at(self) -> datetime | None:
        completed = self.row.completed_at
        return (self.row.actual_start_at or completed) if completed else None

    @property
    def counts(self) -> bool:
        client = self.base.clients.get(self.row.client_id or "")
        return not (
            self.row.is_deleted
            or self.row.is_auto
            or (client is not None and client.is_test)
            or self.holder in self.robots
        )

    @property
    def is_attempt(self) -> bool:
        talk, rules = self.row.talk_seconds, self.base.world.rules
        short = talk is not None and talk < rules.talk_threshold_seconds
        return self._completed("call") and (self.row.answered is False or short)

    @property
    def is_conversation(self) -> bool:
        return self._completed("call") and not self.is_attempt

    def _completed(self, *kinds: str) -> bool:
        return self.row.completed_at is not None and self.kind in kinds

    @property
    def is_contact(self) -> bool:
        letter = self._completed("email", "message") and self.row.direction == "in"
        return not self.is_mass and (
            self._completed("meeting", "visit") or self.is_conversation or letter
        )

    @property
    def is_mass(self) -> bool:
        return self.row.is_mass or self.kind == "mailing"

    @property
    def owner_at_event(self) -> str | None:
        """Main manager of the client that the primary one was at the event."""
        if self.event_at is None:
            return None
        client = self.primary(self.event_at + MICROSECOND)
        return self.base.owner_at(client, self.event_at)

    @property
    def seconds(self) -> Fraction | None:
        """Duration of a conversation, meeting or visit, also an invalid one."""
        row = self.row
        if row.is_all_day:
            return None
        if self.is_conversation:
            seconds = row.talk_seconds if row.talk_seconds is not None else row.duration_seconds
            return None if seconds is None else Fraction(seconds)
        if not self._completed("meeting", "visit"):
            return None
        if row.actual_start_at and row.actual_end_at:
            return Fraction((row.actual_end_at - row.actual_start_at) // MICROSECOND, 10**6)
        return None if row.duration_seconds is None else Fraction(row.duration_seconds)

    @property
    def duration_state(self) -> str | None:
        if not (self.is_conversation or self._completed("meeting", "visit")):
            return None
        if self.seconds is None:
            return "unknown"
        most = self.base.world.rules.max_duration_minutes * 60
        return "known" if 0 <= self.seconds <= most else "invalid"

    @property
    def minutes(self) -> Fraction | None:
        return (
            self.seconds / 60
            if self.duration_state == "known" and self.seconds is not None
            else None
        )

    @property
    def attendees(self) -> set[str]:
        came = {
            party.party_id
            for party in self.parties
            if party.party_kind == "manager" and party.attended is not False
        }
        came -= {row.manager_id for row in self.base.world.crm.managers if row.is_robot}
        return came | ({self.holder} if self.holder else set())

    @property
    def attendee_count(self) -> int:
        return max(len(self.attendees), 1)

    def clients(self, before: datetime) -> set[str]:
        """Clients that take part, themselves or by a person, under their surviving ids."""
        found = {party.party_id for party in self.parties if party.party_kind == "client"}
        moment = self.event_at or self.row.planned_start_at or self.row.created_at
        found |= {
            row.client_id
            for row in self.persons_clients
            if (row.valid_from is None or row.valid_from <= moment)
            and (row.valid_to is None or row.valid_to > moment)
        }
        if self.row.client_id:
            found.add(self.row.client_id)
        clients = self.base.clients
        return {
            self.base.survivor(client_id, before)
            for client_id in found
            if client_id in clients and not clients[client_id].is_test
        }

    def primary(self, before: datetime) -> str | None:
        return self.base.survivor(self.row.client_id, before) if self.row.client_id else None

    def in_period(self, period: Period) -> bool:
        return period.holds(self.event_at)


def events(world: World, base: Base) -> list[Event]:
    """All interactions, also those that do not count."""
    changes: dict[str, list[Change]] = defaultdict(list)
    for change in world.crm.interaction_changes:
        if not change.is_deleted:
            changes[change.interaction_id].append(change)
    parties: dict[str, list[Party]] = defaultdict(list)
    for party in world.crm.interaction_parties:
        if not party.is_deleted:
            parties[party.interaction_id].append(party)
    clients_of: dict[str, list[ClientPerson]] = defaultdict(list)
    for pair in world.crm.client_contact_persons:
        if not pair.is_deleted:
            clients_of[pair.person_id].append(pair)
    robots = {manager.manager_id for manager in world.crm.managers if manager.is_robot}
    found = []
    for row in world.crm.interactions:
        own = parties[row.interaction_id]
        persons = [party.party_id for party in own if party.party_kind == "person"]
        by_person = [pair for person in persons for pair in clients_of[person]]
        found.append(Event(row, base, changes[row.interaction_id], own, by_person, robots))
    return found
