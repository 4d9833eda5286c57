"""Meetings and visits of the demo."""

from datetime import datetime, timedelta

from orchestration.demo.clients import Client
from orchestration.demo.journal import COMPLETION_KNOWN_SHARE, Journal, Pair
from orchestration.demo.record import (
    CANCELLED,
    COMPLETED,
    EMPTY_DATE,
    PARTNER,
    PLANNED,
    USER,
    Record,
    Row,
    reference,
    stamp,
)

TABLE = "Document_Встреча"
ALL_DAY_SHARE = 0.03
NOT_PLANNED_SHARE = 0.1
ACTUAL_KNOWN_SHARE = 0.86
LENGTHS = (30, 45, 60, 60, 60, 90, 90, 120)


def arrange_meeting(
    journal: Journal,
    pair: Pair,
    start: datetime,
    second: Client | None = None,
    raw_type: str | None = None,
) -> None:
    """A meeting planned ahead or entered afterwards; `second` is another client at the table."""
    rng = journal.rng
    start = start.replace(minute=start.minute // 30 * 30, second=0)
    end = start + timedelta(minutes=rng.choice(LENGTHS))
    born = start - timedelta(days=rng.uniform(1.5, 34))
    if born < pair.client.record.born or rng.random() < NOT_PLANNED_SHARE:
        record = _document(journal, pair, journal.entered(end), start, end)
        record.row.update(_actual(journal, start, end), Состояние=COMPLETED)
        if rng.random() < COMPLETION_KNOWN_SHARE:
            record.row["ДатаЗавершения"] = record.row["Date"]
    else:
        born = born.replace(microsecond=0)
        record = _document(journal, pair, born, start, end)
        _plan(journal, record, pair, start, end)
    if raw_type:
        record.row["ВидВзаимодействия"] = raw_type
    record.lines = _lines(journal, pair, start, second)


def _plan(
    journal: Journal,
    record: Record,
    pair: Pair,
    start: datetime,
    end: datetime,
) -> None:
    """Let the plan run: it may be moved, held and ticked off, cancelled or forgotten."""
    rng = journal.rng
    if rng.random() < 0.85:
        record.row["Срок"] = stamp(start.replace(hour=0, minute=0))
    if rng.random() < ALL_DAY_SHARE:
        start, end = start.replace(hour=0, minute=0), start.replace(hour=23, minute=59, second=59)
        record.row.update(ВесьДень=True, ДатаНачала=stamp(start), ДатаОкончания=stamp(end))
    elif rng.random() < 0.06:
        start, end = _move(journal, record, start, end)
    held_until = min(end, end.replace(hour=19, minute=0)) if end.hour == 23 else end
    done = _actual(journal, start, end) if held_until == end else {"Результат": "Успешно"}
    closing = {
        "cancelled": (CANCELLED, journal.before(record.born, start).replace(microsecond=0)),
        "on_time": (COMPLETED, held_until + timedelta(minutes=rng.randrange(1, 100))),
        "late": (COMPLETED, journal.delay(end)),
        "open": journal.forgotten(end),
    }[journal.fate(pair.manager)]
    journal.settle(record, pair, closing, lambda _: done)


def _move(
    journal: Journal, record: Record, start: datetime, end: datetime
) -> tuple[datetime, datetime]:
    """Put the meeting off by one to three weeks before it takes place."""
    weeks = timedelta(weeks=journal.rng.randint(1, 3))
    at = journal.before(record.born, start).replace(microsecond=0)
    moved: Row = {"ДатаНачала": stamp(start + weeks), "ДатаОкончания": stamp(end + weeks)}
    if record.row["Срок"] != EMPTY_DATE:
        moved["Срок"] = stamp((start + weeks).replace(hour=0, minute=0))
    record.change(at, **moved)
    return start + weeks, end + weeks


def _document(
    journal: Journal,
    pair: Pair,
    born: datetime,
    start: datetime,
    end: datetime,
) -> Record:
    return journal.add(
        TABLE,
        born,
        pair.manager,
        "meeting",
        ВидВзаимодействия=journal.type_of("meeting"),
        Состояние=PLANNED,
        ДатаНачала=stamp(start),
        ДатаОкончания=stamp(end),
        ФактическоеНачало=EMPTY_DATE,
        ФактическоеОкончание=EMPTY_DATE,
        ВесьДень=False,
        Срок=EMPTY_DATE,
        ДатаЗавершения=EMPTY_DATE,
        Результат="",
    )


def _actual(journal: Journal, start: datetime, end: datetime) -> Row:
    """When the meeting was really held, if anybody wrote it down."""
    row: Row = {"Результат": journal.result_of("meeting")}
    if journal.rng.random() < ACTUAL_KNOWN_SHARE:
        begun = start + timedelta(minutes=journal.rng.randrange(-5, 20))
        over = end + timedelta(minutes=journal.rng.randrange(-10, 1))
        row.update(ФактическоеНачало=stamp(begun), ФактическоеОкончание=stamp(over))
    return row


def _lines(journal: Journal, pair: Pair, at: datetime, second: Client | None) -> list[Row]:
    """Clients, persons and our own people at the table."""
    rng, manager = journal.rng, pair.manager
    lines = journal.participants(pair.client, at)
    if second:
        lines.append(reference(len(lines) + 1, second.key, PARTNER))
    team = [m for m in journal.company.team(manager.department, at) if m is not manager]
    ours = rng.sample(team, min(len(team), rng.choice([1, 1, 2]))) if rng.random() < 0.17 else []
    if ours or rng.random() < 0.5:
        ours.insert(0, manager)
    for colleague in ours:
        lines.append(reference(len(lines) + 1, colleague.key, USER))
    return lines
