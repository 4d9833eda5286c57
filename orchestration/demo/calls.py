"""Phone calls of the demo: made at once, or planned first."""

from datetime import datetime, timedelta

from orchestration.demo.journal import COMPLETION_KNOWN_SHARE, Journal, Pair
from orchestration.demo.record import (
    CANCELLED,
    COMPLETED,
    EMPTY_DATE,
    PLANNED,
    Record,
    Row,
    stamp,
    talk_time,
)

TABLE = "Document_ТелефонныйЗвонок"
INCOMING_SHARE = 0.38
MISSED_SHARE = {True: 0.13, False: 0.285}
UNKNOWN_SHARE = 0.06
SHORT_SHARE = 0.012


def make_call(journal: Journal, pair: Pair, start: datetime, raw_type: str | None = None) -> Record:
    """A call that is entered when it is over; `raw_type` overrides the drawn type."""
    rng = journal.rng
    only_attempts = pair.client.habit == "attempts_only"
    incoming = not only_attempts and rng.random() < INCOMING_SHARE
    missed = only_attempts or rng.random() < MISSED_SHARE[incoming]
    kind = "call_in" if incoming else "call_out"
    talk = _talk(journal, start, missed)
    end = str(talk["Конец"])
    record = _document(journal, pair, journal.entered(start), kind, start)
    record.row.update(talk)
    record.row["Состояние"] = COMPLETED
    record.row["ДатаЗавершения"] = end if rng.random() < COMPLETION_KNOWN_SHARE else EMPTY_DATE
    if raw_type:
        record.row["ВидВзаимодействия"] = raw_type
    return record


def plan_call(journal: Journal, pair: Pair, start: datetime) -> None:
    """A call planned ahead, which is then made in time, late, never, or is cancelled."""
    rng = journal.rng
    start = start.replace(minute=start.minute // 15 * 15, second=0)
    born = max(start - timedelta(days=rng.uniform(1, 33)), pair.client.record.born)
    if born >= start:
        return
    record = _document(journal, pair, born.replace(microsecond=0), "call_out", start)
    record.row["ДатаНачала"] = stamp(start)
    due = start.replace(hour=23, minute=59)
    if rng.random() < 0.7:
        record.row["Срок"] = stamp(start.replace(hour=0, minute=0))
    fate = journal.fate(pair.manager)
    closing = {
        "cancelled": (CANCELLED, journal.before(born, start).replace(microsecond=0)),
        "on_time": (COMPLETED, start - timedelta(seconds=rng.randrange(60, 1500))),
        "late": (COMPLETED, journal.delay(due)),
        "open": journal.forgotten(due),
    }[fate]
    journal.settle(record, pair, closing, lambda at: _talk(journal, at, False))


def _document(journal: Journal, pair: Pair, born: datetime, kind: str, at: datetime) -> Record:
    key, key_type = journal.party(pair.client, at)
    return journal.add(
        TABLE,
        born,
        pair.manager,
        kind,
        Входящий=kind == "call_in",
        АбонентКонтакт=key,
        АбонентКонтакт_Type=key_type,
        ВидВзаимодействия=journal.type_of(kind),
        Состояние=PLANNED,
        ДатаНачала=EMPTY_DATE,
        ФактическоеНачало=EMPTY_DATE,
        Конец=EMPTY_DATE,
        Отвечен="",
        ЗатраченноеВремя=EMPTY_DATE,
        Срок=EMPTY_DATE,
        ДатаЗавершения=EMPTY_DATE,
        Результат="",
    )


def _talk(journal: Journal, start: datetime, missed: bool) -> Row:
    """What the telephone exchange fills in once the call is over."""
    rng = journal.rng
    if missed:
        seconds, answered, time = rng.randrange(5, 45), False, EMPTY_DATE
    else:
        short = rng.random() < SHORT_SHARE
        seconds = rng.randrange(1, 10) if short else _talk_seconds(journal)
        answered, time = True, talk_time(seconds)
    row: Row = {
        "ФактическоеНачало": stamp(start),
        "Конец": stamp(start + timedelta(seconds=seconds)),
        "Отвечен": answered,
        "ЗатраченноеВремя": time,
        "Результат": journal.result_of("attempt" if missed else "call"),
    }
    if not missed and rng.random() < UNKNOWN_SHARE / 0.78:
        # Entered by hand: the exchange knows nothing of it.
        row.update(Отвечен="", ЗатраченноеВремя=EMPTY_DATE)
    return row


def _talk_seconds(journal: Journal) -> int:
    return max(10, min(3500, round(journal.rng.lognormvariate(5.35, 0.8))))
