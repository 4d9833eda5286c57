"""Business partners of the demo: what a client is and the partner row behind it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from orchestration.demo.company import Company, Manager
from orchestration.demo.record import EMPTY_DATE, ZERO, Record, guid, stamp
from orchestration.demo.season import HISTORY_START
from orchestration.demo.vocabulary import Vocabulary

EMPTY_SHARE = 0.04
CLASS_SHARES = {"A": 15, "B": 35, "C": 50}


@dataclass
class Person:
    """A contact person: GUID and the time of belonging to the client."""

    key: str
    since: datetime
    until: datetime | None = None


@dataclass
class Client:
    """A partner and how we work with it.

    `kind` is client, supplier or test; `habit` is normal, ghost (never contacted), mail_only
    or attempts_only; `vigour` is a factor on the number of contacts. `spells` are the times
    of work with it; `owners` are (since, manager), in order; the record is its CRM row.
    """

    record: Record
    kind: str
    grade: str
    registered: datetime
    migrated: bool
    vigour: float
    spells: list[tuple[datetime, datetime | None]]
    owners: list[tuple[datetime, Manager | None]]
    habit: str = "normal"
    persons: list[Person] = field(default_factory=list)

    @property
    def key(self) -> str:
        """GUID of the partner."""
        return self.record.key

    def active(self, at: datetime) -> bool:
        """Whether we work with the client at that moment."""
        return any(start <= at and (end is None or at < end) for start, end in self.spells)

    def owner(self, at: datetime) -> Manager | None:
        """Main manager at that moment; None when there is none."""
        current = None
        for since, manager in self.owners:
            if since <= at:
                current = manager
        return current

    def reassign(self, at: datetime, manager: Manager) -> None:
        """Give the client to another main manager from that moment on."""
        self.owners.append((at, manager))
        self.record.change(at, ОсновнойМенеджер_Key=manager.key)

    def close(self, at: datetime) -> None:
        """End the current spell of work."""
        start, _ = self.spells[-1]
        self.spells[-1] = (start, at)


class Registry:
    """Creates partners and keeps the count that numbers them."""

    def __init__(self, rng: Random, words: Vocabulary, company: Company) -> None:
        """Start without partners; all chance comes from `rng`."""
        self.rng = rng
        self.words = words
        self.company = company
        self.clients: list[Client] = []

    def add(
        self,
        registered: datetime,
        owner: Manager | None,
        kind: str = "client",
        migrated: bool = False,
        name: str | None = None,
    ) -> Client:
        """Register a partner; it appears in the CRM when registered or when history starts."""
        rng = self.rng
        born = max(registered, HISTORY_START)
        grade = rng.choices(list(CLASS_SHARES), list(CLASS_SHARES.values()))[0]
        row = self._row(registered, owner, kind, grade, name or self.words.company_name(rng))
        row["ПеренесенИзПрежнейСистемы"] = migrated
        client = Client(
            record=Record("Catalog_Партнеры", born, row),
            kind=kind,
            grade=grade,
            registered=registered,
            migrated=migrated,
            vigour=min(rng.gammavariate(4, 1 / 4), 2.6),
            spells=[(born, None)],
            owners=[(born, owner)],
        )
        self.clients.append(client)
        return client

    def _row(
        self, registered: datetime, owner: Manager | None, kind: str, grade: str, name: str
    ) -> dict[str, str | bool]:
        rng = self.rng
        city = self.words.of("cities").draw(rng)
        natural = kind == "client" and rng.random() < 0.06
        row: dict[str, str | bool] = {
            "Ref_Key": guid(rng),
            "DeletionMark": False,
            "Code": f"{len(self.clients) + 1:08d}",
            "Description": f"ИП {self.words.person_name(rng)}" if natural else name,
            "Parent_Key": self._parent(),
            "ЮрФизЛицо": "ФизЛицо" if natural else "ЮрЛицо",
            "Клиент": kind != "supplier",
            "ДатаРегистрации": stamp(registered),
            "ОсновнойМенеджер_Key": owner.key if owner else ZERO,
            "БизнесРегион_Key": self._or_empty(self.company.regions[city["region"]], ZERO),
            "Город": self._or_empty(city["value"]),
            "Отрасль": self._or_empty(self.words.of("industries").pick(rng)),
            "КлассКлиента": self._or_empty(grade),
            "КаналПервичногоИнтереса": self._or_empty(self.words.of("channels").pick(rng)),
            "ИНН": self._or_empty(f"{rng.randrange(10**9):0{12 if natural else 10}d}"),
            "НеКонтактировать": False,
            "Тестовый": kind == "test",
            "ПеренесенИзПрежнейСистемы": False,
            "ДатаАрхивации": EMPTY_DATE,
            "ОбъединенС_Key": ZERO,
            "ДатаОбъединения": EMPTY_DATE,
        }
        return row

    def _or_empty(self, value: str, empty: str = "") -> str:
        return empty if self.rng.random() < EMPTY_SHARE else value

    def _parent(self) -> str:
        if not self.clients or self.rng.random() > 0.07:
            return ZERO
        return self.rng.choice(self.clients[: max(1, len(self.clients) // 2)]).key


def add_persons(rng: Random, words: Vocabulary, clients: list[Client]) -> list[Record]:
    """Give the clients contact persons: more to the important ones, none to some."""
    records = []
    for client in clients:
        mean = {"A": 5.2, "B": 2.9, "C": 1.6}[client.grade]
        count = min(9, round(rng.gauss(mean, mean * 0.45)))
        for index in range(max(0, count)):
            records.append(_add_person(rng, words, client, index))
    return records


def _add_person(rng: Random, words: Vocabulary, client: Client, index: int) -> Record:
    late = index > 0 and rng.random() < 0.4
    since = client.registered + timedelta(days=rng.randrange(30, 500) if late else 0)
    person = Person(guid(rng), since)
    client.persons.append(person)
    job = words.of("positions").draw(rng)
    record = Record(
        "Catalog_КонтактныеЛицаПартнеров",
        max(since, HISTORY_START),
        {
            "Ref_Key": person.key,
            "DeletionMark": False,
            "Description": words.person_name(rng),
            "Owner_Key": client.key,
            "ДолжностьПоВизитке": job["value"],
            "РольКонтактногоЛица": job["role"] if rng.random() < 0.94 else "",
            "ОсновноеКонтактноеЛицо": index == 0,
            "ДатаРегистрацииСвязи": stamp(since),
            "ДатаПрекращенияСвязи": EMPTY_DATE,
            "Телефон": f"+7 9{rng.randrange(10**9):09d}" if rng.random() < 0.9 else "",
            "АдресЭП": _address(rng, client, index) if rng.random() < 0.85 else "",
        },
    )
    if rng.random() < 0.12:
        person.until = max(since, HISTORY_START) + timedelta(days=rng.randrange(60, 600))
        record.change(person.until, ДатаПрекращенияСвязи=stamp(person.until))
    return record


def _address(rng: Random, client: Client, index: int) -> str:
    name = rng.choice(["info", "sales", "zakupki", "buh", "office", "director"])
    return f"{name}{index + 1}@client{client.record.row['Code']}.example"
