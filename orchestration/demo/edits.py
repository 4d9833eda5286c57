"""What happens to documents after the fact: corrections, deletions, dropped meetings."""

from datetime import datetime, timedelta
from random import Random

from orchestration.demo import calls, meetings
from orchestration.demo.record import COMPLETED, EMPTY_DATE, PLANNED, Record, talk_time
from orchestration.demo.season import load_moments, office_time

EDITED_SHARE = 0.02
DELETED_SHARE = 0.006
PURGED_SHARE = 0.002
DROPPED_PER_LOAD = 2


def edit_documents(rng: Random, documents: list[Record]) -> None:
    """Change, delete or purge a few of the documents at moments after their entry."""
    for record in documents:
        roll = rng.random()
        settled = max([record.born, *(at for at, _ in record.changes)])
        at = (settled + timedelta(days=rng.uniform(1, 45))).replace(microsecond=0)
        if roll < EDITED_SHARE:
            _correct(rng, record, at)
        elif roll < EDITED_SHARE + DELETED_SHARE:
            record.change(at, DeletionMark=True)
        elif roll < EDITED_SHARE + DELETED_SHARE + PURGED_SHARE:
            record.gone = at + timedelta(days=60)
    _drop_meetings(rng, documents)


def _correct(rng: Random, record: Record, at: datetime) -> None:
    """Correct the duration, the result or the type of a completed document."""
    row = record.clean(at)
    if row.get("Состояние") != COMPLETED:
        return
    roll = rng.random()
    if roll < 0.35:
        record.change(at, Результат=rng.choice(["Успешно", "Договорились", "Отказ"]))
    elif roll < 0.55 and record.table == calls.TABLE:
        record.change(at, ВидВзаимодействия=rng.choice(["Консультация", "Рекламация"]))
    elif record.table == calls.TABLE and row["ЗатраченноеВремя"] != EMPTY_DATE:
        record.change(at, ЗатраченноеВремя=talk_time(rng.randrange(60, 1500)))
    elif record.table == meetings.TABLE and row["ФактическоеОкончание"] != EMPTY_DATE:
        over = datetime.fromisoformat(str(row["ФактическоеОкончание"])) + timedelta(minutes=15)
        record.change(at, ФактическоеОкончание=over.isoformat())


def _drop_meetings(rng: Random, documents: list[Record]) -> None:
    """Remove future meetings without a trace: a load holds them, the next one does not."""
    planned = [d for d in documents if d.table == meetings.TABLE and d.gone is None]
    for load in load_moments()[:-1]:
        seen = office_time(load)
        candidates = [d for d in planned if _lies_ahead(d, seen)]
        for record in rng.sample(candidates, min(DROPPED_PER_LOAD, len(candidates))):
            record.gone = seen + timedelta(days=rng.uniform(0.3, 2.5))


def _lies_ahead(record: Record, seen: datetime) -> bool:
    """Whether the meeting is open at the load and starts four to 24 days later."""
    if not record.exists(seen):
        return False
    row = record.clean(seen)
    if row["Состояние"] != PLANNED:
        return False
    start = datetime.fromisoformat(str(row["ДатаНачала"]))
    return timedelta(days=4) < start - seen < timedelta(days=24)
