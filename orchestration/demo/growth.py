"""How the client base of the demo changes month by month: growth, loss, owners, merges."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

from orchestration.demo.clients import Client, Registry
from orchestration.demo.company import Company, Manager
from orchestration.demo.record import EMPTY_DATE, stamp
from orchestration.demo.season import (
    HISTORY_END,
    HISTORY_START,
    month_after,
    month_weight,
    months,
    poisson,
    work_moment,
)
from orchestration.demo.vocabulary import Vocabulary

OPENING_CLIENTS = 230
NEW_PER_MONTH = 7.2
MONTHLY_LOSS = {"A": 0.004, "B": 0.007, "C": 0.012}
RESTORED_SHARE = 0.3
DUPLICATES = 11
CHAIN = (datetime(2026, 2, 12, 11, 20), datetime(2026, 5, 14, 15, 5))


def build_clients(rng: Random, words: Vocabulary, company: Company) -> list[Client]:
    """Partners with their whole life: registration, owners, archive, merges, odd cases."""
    registry = Registry(rng, words, company)
    growth = _Growth(registry)
    growth.open_base()
    for month in months():
        growth.reassign(month)
        growth.register(month)
        growth.archive(month)
    growth.reassign(HISTORY_END)
    growth.adopt_orphan()
    _add_others(registry)
    _add_duplicates(registry)
    _mark_special(rng, registry.clients)
    return registry.clients


class _Growth:
    """The base over time; `owned` counts main clients by manager."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.rng = registry.rng
        self.owned: Counter[str] = Counter()

    def open_base(self) -> None:
        """Clients that the company had before the history starts."""
        for _ in range(OPENING_CLIENTS):
            age = timedelta(days=self.rng.expovariate(1 / 900) + 1)
            registered = (HISTORY_START - age).replace(microsecond=0)
            self._add(registered, migrated=self.rng.random() < 0.94)

    def register(self, month: datetime) -> None:
        """New clients of the month."""
        for _ in range(poisson(self.rng, NEW_PER_MONTH * month_weight(month) ** 1.6)):
            self._add(work_moment(self.rng, month), migrated=False)

    def archive(self, month: datetime) -> None:
        """Clients that the company stops working with; some come back months later."""
        for client in self.registry.clients:
            if not client.active(month) or self.rng.random() > MONTHLY_LOSS[client.grade]:
                continue
            at = work_moment(self.rng, month)
            client.close(at)
            client.record.change(at, ДатаАрхивации=stamp(at))
            if self.rng.random() < RESTORED_SHARE:
                back = work_moment(self.rng, month_after(month, self.rng.randint(2, 5)))
                client.spells.append((back, None))
                client.record.change(back, ДатаАрхивации=EMPTY_DATE)

    def reassign(self, month: datetime) -> None:
        """Owner changes, effective on the 1st: a few, the leaver's and those for a newcomer."""
        at = month.replace(hour=9)
        if month == HISTORY_START:
            return
        active = [client for client in self.registry.clients if client.active(at)]
        for client in self.rng.sample(active, self.rng.randint(5, 9)):
            self._move(client, at, self._choose(client, at))
        for manager in self.registry.company.managers:
            mine = [client for client in active if client.owner(at) is manager]
            if manager.left and month_after(manager.left) == month:
                self._share_out(mine, at)
            if manager.hired > HISTORY_START and month_after(manager.hired) == month:
                for client in self.rng.sample(active, 11):
                    self._move(client, at, manager)

    def _share_out(self, clients: list[Client], at: datetime) -> None:
        forgotten = 6
        for client in clients[forgotten:]:
            self._move(client, at, self._choose(client, at))

    def adopt_orphan(self) -> None:
        """One of the leaver's forgotten clients gets an owner in the end."""
        at = datetime(2026, 9, 1, 9)
        orphans = [c for c in self.registry.clients if (o := c.owner(at)) and not o.works(at)]
        if orphans:
            self._move(orphans[0], at, self._choose(orphans[0], at))

    def _move(self, client: Client, at: datetime, manager: Manager) -> None:
        old = client.owner(at)
        if old is manager:
            return
        if old:
            self.owned[old.key] -= 1
        self.owned[manager.key] += 1
        client.reassign(at, manager)

    def _add(self, registered: datetime, migrated: bool) -> None:
        client = self.registry.add(registered, None, migrated=migrated)
        if self.rng.random() < 0.02:
            return
        at = client.record.born
        owner = self._choose(client, at)
        self.owned[owner.key] += 1
        client.owners = [(at, owner)]
        client.record.row["ОсновнойМенеджер_Key"] = owner.key

    def _choose(self, client: Client, at: datetime) -> Manager:
        """The manager of a fitting team with the most room."""
        company = self.registry.company
        local = client.record.row["Город"] in {"Москва", "Зеленоград", "Санкт-Петербург"}
        weights = [6 if client.grade == "A" else 3, 4, 1 if local else 7]
        heads = company.heads()
        department = self.rng.choices([head.department for head in heads], weights)[0]
        team = company.team(department, at)
        if self.rng.random() < 0.15:
            return self.rng.choice(team)
        return min(team, key=lambda manager: (self.owned[manager.key] + 1) / manager.capacity)


def _add_others(registry: Registry) -> None:
    rng, head = registry.rng, registry.company.heads()[0]
    for index in range(8):
        registered = HISTORY_START + timedelta(days=rng.randrange(-400, 500))
        name = f"Поставщик «{registry.words.of('name_roots').pick(rng)}»"
        registry.add(registered, head if index % 3 else None, "supplier", name=name)
    for index in range(3):
        registered = HISTORY_START + timedelta(days=120 + 200 * index, hours=11)
        registry.add(registered, head, "test", name=f"ТЕСТ клиент {index + 1} (не удалять)")


def _duplicate(
    registry: Registry, survivor: Client, registered: datetime, merged_at: datetime
) -> Client:
    """A second card of the client, registered weeks before the merge."""
    name = f"{survivor.record.row['Description']} (дубль)".replace("«", "").replace("»", "")
    card = registry.add(registered, survivor.owner(registered), name=name)
    card.record.row["ИНН"] = survivor.record.row["ИНН"]
    card.close(merged_at)
    card.record.change(merged_at, ОбъединенС_Key=survivor.key, ДатаОбъединения=stamp(merged_at))
    return card


def _add_duplicates(registry: Registry) -> None:
    rng = registry.rng
    lasting = [c for c in registry.clients if c.kind == "client" and c.spells[-1][1] is None]
    for index in range(DUPLICATES):
        merged_at = work_moment(rng, months()[index * 2 + 2])
        registered = merged_at - timedelta(days=rng.randrange(12, 60))
        known = [c for c in lasting if c.active(registered)]
        card = _duplicate(registry, rng.choice(known), registered, merged_at)
        if index % 5 == 4:
            # 1C marks merged duplicates for deletion only later: still merged, not lost.
            card.record.change(merged_at + timedelta(days=9), DeletionMark=True)
    first, second = CHAIN
    survivor = rng.choice([c for c in lasting if c.migrated])
    middle = _duplicate(registry, survivor, first - timedelta(days=70), second)
    _duplicate(registry, middle, first - timedelta(days=30), first)


def _mark_special(rng: Random, clients: list[Client]) -> None:
    """Clients that are rarely or never reached, asked for silence, or changed class."""
    plain = [c for c in clients if c.kind == "client" and len(c.owners) == 1]
    small = [c for c in plain if c.grade == "C" and c.spells[-1][1] is None]
    chosen = rng.sample(small, 23)
    for index, habit in enumerate(["ghost", "mail_only", "attempts_only"]):
        for client in chosen[index * 6 : index * 6 + 6]:
            client.habit = habit
    for client in chosen[18:]:
        since = work_moment(rng, rng.choice([m for m in months() if m > client.record.born]))
        client.record.change(since, НеКонтактировать=True)
        client.close(since)
    span = (HISTORY_END - HISTORY_START).days
    for client in rng.sample(plain, 30):
        at = max(client.record.born, HISTORY_START) + timedelta(days=rng.randrange(20, span))
        new = rng.choice([grade for grade in "ABC" if grade != client.grade])
        client.record.change(at, КлассКлиента=new)
