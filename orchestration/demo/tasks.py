"""Planned interactions of the demo: to-dos with a deadline."""

from datetime import datetime, timedelta

from orchestration.demo.journal import Journal, Pair
from orchestration.demo.record import CANCELLED, COMPLETED, EMPTY_DATE, PLANNED, Record, Row, stamp
from orchestration.demo.season import clock, working_day

TABLE = "Document_ЗапланированноеВзаимодействие"
NO_DEADLINE_SHARE = 0.09
DATE_ONLY_SHARE = 0.38
MOVED_SHARE = 0.09
MOVED_AFTER_EXPIRY_SHARE = 0.05


def set_task(
    journal: Journal,
    pair: Pair,
    born: datetime,
    raw_type: str | None = None,
) -> None:
    """A to-do for the client with a deadline some days ahead."""
    rng = journal.rng
    record = journal.add(
        TABLE,
        born,
        pair.manager,
        "task",
        ВидВзаимодействия=raw_type or journal.type_of("task"),
        Состояние=PLANNED,
        ДатаНачала=EMPTY_DATE,
        ДатаОкончания=EMPTY_DATE,
        ФактическоеНачало=EMPTY_DATE,
        ФактическоеОкончание=EMPTY_DATE,
        ВесьДень=False,
        Срок=EMPTY_DATE,
        ДатаЗавершения=EMPTY_DATE,
        Результат="",
    )
    record.lines = journal.participants(pair.client, born)
    days = timedelta(days=1 + min(30.0, rng.expovariate(1 / (3 if raw_type else 7))))
    due = clock(rng, working_day(born + days)).replace(minute=0, second=0)
    _run(journal, record, pair, due)


def _run(journal: Journal, record: Record, pair: Pair, due: datetime) -> None:
    """Give the task its deadline, perhaps another one, and its end."""
    rng = journal.rng
    if rng.random() >= NO_DEADLINE_SHARE:
        due = _set_deadline(journal, record, due)
    early = journal.before(record.born, due).replace(microsecond=0)
    closing = {
        "cancelled": (CANCELLED, early),
        "on_time": (COMPLETED, early),
        "late": (COMPLETED, journal.delay(due)),
        "open": journal.forgotten(due),
    }[journal.fate(pair.manager)]
    journal.settle(record, pair, closing, lambda _: _done(journal))


def _set_deadline(journal: Journal, record: Record, due: datetime) -> datetime:
    """Write the deadline, as a date or to the hour, and a later one when it is moved."""
    rng = journal.rng
    date_only = rng.random() < DATE_ONLY_SHARE
    written = due.replace(hour=0) if date_only else due
    record.row["Срок"] = stamp(written)
    if rng.random() < 0.4:
        record.row["ДатаНачала"] = stamp(due - timedelta(hours=1))
    roll = rng.random()
    if roll > MOVED_SHARE + MOVED_AFTER_EXPIRY_SHARE:
        return due.replace(hour=19) if date_only else due
    longer = timedelta(days=rng.randrange(4, 25))
    at = journal.before(record.born, due) if roll < MOVED_SHARE else journal.delay(due)
    # The later deadline has to lie after the moment when it is set.
    moved = working_day(max(written + longer, at.replace(microsecond=0) + timedelta(days=2)))
    moved = moved.replace(hour=0, minute=0, second=0) if date_only else moved
    record.change(at.replace(microsecond=0), Срок=stamp(moved))
    return moved.replace(hour=19) if date_only else moved


def _done(journal: Journal) -> Row:
    return {"Результат": journal.result_of("task")}
