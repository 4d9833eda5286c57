"""The book of documents of the demo: numbering, participants, late entry, and closing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from orchestration.demo.clients import Client
from orchestration.demo.company import Company, Manager
from orchestration.demo.record import (
    CANCELLED,
    COMPLETED,
    EMPTY_DATE,
    PARTNER,
    PERSON,
    UNDEFINED,
    ZERO,
    Record,
    Row,
    Value,
    guid,
    reference,
    stamp,
)
from orchestration.demo.season import clock, working_day
from orchestration.demo.vocabulary import Vocabulary

LATE_ENTRY_SHARE = 0.03
COMPLETION_KNOWN_SHARE = 0.85
# Together well below the 2% of unclassified interactions at which a month's check fails.
EMPTY_TYPE_SHARE = 0.007
UNMAPPED_TYPE_SHARE = 0.003


@dataclass(frozen=True)
class Pair:
    """A client and the manager who works with it on one occasion."""

    client: Client
    manager: Manager


class Journal:
    """Creates documents; `records` holds all of them in the order of creation."""

    def __init__(self, rng: Random, words: Vocabulary, company: Company) -> None:
        """Start an empty book; all chance comes from `rng`."""
        self.rng = rng
        self.words = words
        self.company = company
        self.records: list[Record] = []
        self._numbers: Counter[str] = Counter()

    def add(
        self, table: str, born: datetime, manager: Manager, subject: str, **columns: Value
    ) -> Record:
        """A document entered at `born` by the manager who answers for it."""
        self._numbers[table] += 1
        row: Row = {
            "Ref_Key": guid(self.rng),
            "DeletionMark": False,
            "Number": f"CRM-{self._numbers[table]:07d}",
            "Date": stamp(born),
            "Автор_Key": manager.key,
            "Ответственный_Key": manager.key,
            "Тема": self.words.by_kind("subjects", subject).pick(self.rng),
            **columns,
        }
        record = Record(table, born, row)
        self.records.append(record)
        return record

    def type_of(self, kind: str) -> str:
        """What users pick as the type: seldom nothing, seldom one that nobody mapped."""
        roll = self.rng.random()
        if roll < EMPTY_TYPE_SHARE:
            return ""
        if roll < EMPTY_TYPE_SHARE + UNMAPPED_TYPE_SHARE:
            return "Прочее"
        return self.words.by_kind("interaction_types", kind).pick(self.rng)

    def result_of(self, kind: str) -> str:
        """What users pick as the result, often nothing."""
        return self.words.by_kind("results", kind).pick(self.rng)

    def entered(self, happened: datetime) -> datetime:
        """When something that happened is entered: at once, or up to 40 days later."""
        if self.rng.random() < LATE_ENTRY_SHARE:
            days = min(40.0, 1 + self.rng.expovariate(1 / 9))
            return clock(self.rng, working_day(happened + timedelta(days=days)))
        return happened + timedelta(seconds=self.rng.randrange(20, 600))

    def party(self, client: Client, at: datetime, unknown: float = 0.0) -> tuple[str, str]:
        """GUID and type of the other side: a contact person mostly, else the partner."""
        if self.rng.random() < unknown:
            return ZERO, UNDEFINED
        valid = [p for p in client.persons if p.since <= at and (p.until is None or at < p.until)]
        if valid and self.rng.random() < 0.6:
            # The main contact comes first and answers most often.
            return valid[int(len(valid) * self.rng.random() ** 2)].key, PERSON
        return client.key, PARTNER

    def participants(self, client: Client, at: datetime) -> list[Row]:
        """The client and, often, one of its persons as lines of a tabular section."""
        key, kind = self.party(client, at)
        lines = [reference(1, client.key, PARTNER)]
        return lines if kind == PARTNER else [*lines, reference(2, key, PERSON)]

    def fate(self, manager: Manager) -> str:
        """How a plan ends: cancelled, on_time, late or open (nobody ticks it off)."""
        rest = 1 - manager.punctuality
        weights = [0.08, 0.92 * manager.punctuality, 0.92 * rest * 0.68, 0.92 * rest * 0.32]
        return self.rng.choices(["cancelled", "on_time", "late", "open"], weights)[0]

    def delay(self, due: datetime) -> datetime:
        """A moment days or weeks after the deadline."""
        days = min(75.0, 0.8 + self.rng.lognormvariate(1.3, 1.0))
        return clock(self.rng, working_day(due + timedelta(days=days)))

    def before(self, born: datetime, due: datetime) -> datetime:
        """A moment between entry and deadline, nearer to the deadline."""
        span = max(timedelta(minutes=5), due - born)
        return born + span * max(self.rng.random(), self.rng.random())

    def settle(
        self,
        record: Record,
        pair: Pair,
        closing: tuple[str, datetime] | None,
        columns: Callable[[datetime], Row],
    ) -> None:
        """Complete or cancel a plan at its moment; a change of owner may move it before."""
        left = pair.manager.left
        if closing and left and closing[1] >= left:
            closing = None
        heir = next(
            (
                (since, owner)
                for since, owner in pair.client.owners
                if owner and since > record.born and (not closing or since < closing[1])
            ),
            None,
        )
        if heir and self.rng.random() < 0.6:
            since, owner = heir
            record.change(since + timedelta(hours=1), Ответственный_Key=owner.key)
            if left and since >= left and self.rng.random() < 0.8:
                closing = (COMPLETED, self.delay(since))
        if closing:
            self._close(record, *closing, columns)

    def forgotten(self, due: datetime) -> tuple[str, datetime] | None:
        """An open item stays open, or is cancelled months later when somebody cleans up."""
        if self.rng.random() < 0.65:
            return None
        days = timedelta(days=self.rng.randrange(80, 220))
        return CANCELLED, clock(self.rng, working_day(due + days))

    def _close(
        self, record: Record, state: str, at: datetime, columns: Callable[[datetime], Row]
    ) -> None:
        known = self.rng.random() < COMPLETION_KNOWN_SHARE
        extra = columns(at) if state == COMPLETED else {}
        changed: Row = {
            "Состояние": state,
            "ДатаЗавершения": stamp(at) if known else EMPTY_DATE,
            **extra,
        }
        record.change(at, **changed)
