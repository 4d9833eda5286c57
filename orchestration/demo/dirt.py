"""Dirty rows of the demo: each kind of the contract's traps, at known places."""

from datetime import datetime
from random import Random

from orchestration.demo import calls, letters, meetings, tasks
from orchestration.demo.record import (
    CANCELLED,
    COMPLETED,
    EMPTY_DATE,
    Record,
    Row,
    Stain,
    guid,
    talk_time,
)
from orchestration.demo.vocabulary import Vocabulary

FIXED_AT = datetime(2026, 4, 10)
FIXED_SHARE = 0.25
BROKEN_LOAD = "20260402T001000Z"
BROKEN_TABLE = calls.TABLE
BROKEN_LINES = (
    "00000000-dead-4000-8000-000000000001,false,CRM-9999998,2026-03-30T12:00:00\n",
    "00000000-dead-4000-8000-000000000002" + ",лишнее;поле" * 31 + "\n",
)

KEYLESS: Row = {"Ref_Key": ""}
NO_SUCH_DAY: Row = {"Date": "2026-02-30T10:00:00"}
NOT_A_DATE: Row = {"Date": "32.01.2026"}
UNKNOWN_STATE: Row = {"Состояние": "В работе?"}
BACKWARDS: Row = {
    "ФактическоеНачало": "2025-09-10T15:00:00",
    "ФактическоеОкончание": "2025-09-10T13:30:00",
}
ENDLESS: Row = {
    "ФактическоеНачало": "2025-09-11T10:00:00",
    "ФактическоеОкончание": "2025-09-12T09:00:00",
}
FUTURE_COMPLETION: Row = {"ДатаЗавершения": "2027-01-15T10:00:00"}

# Table, patch, number of rows. Rows with the first four patches have to be rejected.
DOCUMENT_STAINS: tuple[tuple[str, Row, int], ...] = (
    (calls.TABLE, KEYLESS, 6),
    (calls.TABLE, NO_SUCH_DAY, 5),
    (calls.TABLE, NOT_A_DATE, 3),
    (calls.TABLE, UNKNOWN_STATE, 5),
    (calls.TABLE, {"ЗатраченноеВремя": talk_time(13 * 3600 + 120)}, 6),
    (calls.TABLE, {"АбонентКонтакт_Type": "StandardODATA.Catalog_Лиды"}, 12),
    (calls.TABLE, FUTURE_COMPLETION, 3),
    (calls.TABLE, {"Тема": '  Звонок, "важный";\nперезвонить после 15:00  '}, 12),
    (calls.TABLE, {"Тема": '=HYPERLINK("http://x.example";"жми")'}, 4),
    (calls.TABLE, {"ВидВзаимодействия": " Консультация "}, 15),
    (meetings.TABLE, KEYLESS, 2),
    (meetings.TABLE, NOT_A_DATE, 2),
    (meetings.TABLE, UNKNOWN_STATE, 2),
    (meetings.TABLE, BACKWARDS, 8),
    (meetings.TABLE, ENDLESS, 4),
    (meetings.TABLE, {"Тема": 'Встреча 🤝\nи "обед"'}, 6),
    (tasks.TABLE, KEYLESS, 2),
    (tasks.TABLE, NO_SUCH_DAY, 2),
    (tasks.TABLE, UNKNOWN_STATE, 3),
    (tasks.TABLE, {"Срок": "31.13.2025"}, 4),
    (tasks.TABLE, {"Тема": "  Подготовить КП\t"}, 8),
    (letters.INCOMING, KEYLESS, 2),
    (letters.INCOMING, NOT_A_DATE, 2),
    (letters.INCOMING, {"Тема": 'RE: "Счёт"\\ 🚚\r\nсрочно'}, 8),
    (letters.OUTGOING, KEYLESS, 2),
    (letters.OUTGOING, NO_SUCH_DAY, 2),
)
EXACT_TWINS = {calls.TABLE: 30, meetings.TABLE: 8, tasks.TABLE: 8, letters.OUTGOING: 6}
OTHER_TWINS = {calls.TABLE: 4, meetings.TABLE: 2, tasks.TABLE: 1}
DANGLING_OWNERS = {calls.TABLE: 8, meetings.TABLE: 3, tasks.TABLE: 3, letters.INCOMING: 3}
DANGLING_LINES = {meetings.TABLE: 10, tasks.TABLE: 8, letters.OUTGOING: 8}


def add_dirt(rng: Random, words: Vocabulary, records: list[Record]) -> None:
    """Make about one percent of the rows dirty; a part of them is fixed in April 2026."""
    tables: dict[str, list[Record]] = {}
    for record in records:
        if record.stain is None and record.twin is None:
            tables.setdefault(record.table, []).append(record)
    for pool in tables.values():
        rng.shuffle(pool)
    _stain_documents(rng, tables)
    _add_twins(tables)
    _break_references(rng, tables)
    _stain_partners(words, tables["Catalog_Партнеры"])
    _stain_persons(tables["Catalog_КонтактныеЛицаПартнеров"])


def _stain(record: Record, patch: Row, until: datetime | None = None) -> None:
    record.stain = Stain(patch, until)


def _stain_documents(rng: Random, tables: dict[str, list[Record]]) -> None:
    for table, patch, count in DOCUMENT_STAINS:
        for _ in range(count):
            record = _suitable(tables[table], patch)
            fixed = rng.random() < FIXED_SHARE and record.born < FIXED_AT
            _stain(record, patch, FIXED_AT if fixed else None)


def _suitable(pool: list[Record], patch: Row) -> Record:
    """Take the first record that is closed when the dirt is about how it was closed."""
    closed = {"ФактическоеНачало", "ДатаЗавершения", "ЗатраченноеВремя"} & patch.keys()
    for index, record in enumerate(pool):
        final = record.clean(datetime.max)
        talked = final.get("ЗатраченноеВремя", "") != EMPTY_DATE
        is_done = final.get("Состояние") == COMPLETED and talked
        if not closed or (is_done and not record.changes):
            return pool.pop(index)
    raise LookupError("no record left for the dirt")


def _add_twins(tables: dict[str, list[Record]]) -> None:
    for table, count in EXACT_TWINS.items():
        for _ in range(count):
            tables[table].pop().twin = {}
    for table, count in OTHER_TWINS.items():
        for _ in range(count):
            tables[table].pop().twin = {"Тема": "Копия из обмена", "Состояние": CANCELLED}


def _break_references(rng: Random, tables: dict[str, list[Record]]) -> None:
    for table, count in DANGLING_OWNERS.items():
        for _ in range(count):
            _stain(tables[table].pop(), {"Ответственный_Key": guid(rng)})
    for table, count in DANGLING_LINES.items():
        for index in range(count):
            line = tables[table].pop().lines[0]
            line["Контакт"] = guid(rng)
            if index % 4 == 3:
                line["Контакт_Type"] = "StandardODATA.Catalog_Лиды"


def _stain_partners(words: Vocabulary, pool: list[Record]) -> None:
    lasting = [record for record in pool if not record.changes]
    for word in words.of("special_names").rows:
        lasting.pop().row["Description"] = word["value"]
    _stain(lasting.pop(), {"ДатаРегистрации": "2027-03-01T00:00:00"})
    _stain(lasting.pop(), {"ДатаРегистрации": "2028-01-01T00:00:00"}, FIXED_AT)
    _stain(lasting.pop(), {"Город": "  Казань ", "КлассКлиента": "B "})
    _stain(lasting.pop(), {"БизнесРегион_Key": "5f0c0b51-0000-4000-8000-00000000beef"})
    _stain(lasting.pop(), {"ДатаРегистрации": "32.01.2026"}, FIXED_AT)
    lasting.pop().twin = {}


def _stain_persons(pool: list[Record]) -> None:
    for _ in range(4):
        pool.pop().twin = {}
    for _ in range(3):
        _stain(pool.pop(), {"Owner_Key": "5f0c0b51-0000-4000-8000-00000000dead"})
    for _ in range(5):
        _stain(pool.pop(), {"ДолжностьПоВизитке": "  Коммерческий  директор "})
    _stain(pool.pop(), {"Ref_Key": ""})
    _stain(pool.pop(), {"Description": 'О\'Генри "Билл" Портер\nмл.'})
