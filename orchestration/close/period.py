"""The month being closed and the moment of knowledge."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

import duckdb

from orchestration.errors import CrmMartsError
from orchestration.raw.kept import LandedLoad
from orchestration.settings import BUILD_STORAGE, Settings


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month of the business time zone."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2026-10`; Dagster's partition keys `2026-10-01` are read too."""
        match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(-01)?", text)
        if match is None:
            raise CrmMartsError(f"{text!r} is not a month", remedy="Write it like 2026-10.")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """`2026-10`."""
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first_day(self) -> date:
        """First day of the month."""
        return date(self.year, self.number, 1)

    def next(self) -> Self:
        """The month after."""
        years, number = divmod(self.number, 12)
        return type(self)(self.year + years, number + 1)

    def previous(self) -> Self:
        """The month before."""
        years, number = divmod(self.number - 2, 12)
        return type(self)(self.year + years, number + 1)

    def until(self, last: Self) -> list[Self]:
        """All months from this one to the last one, both included."""
        months, month = [], self
        while month <= last:
            months.append(month)
            month = month.next()
        return months


@dataclass(frozen=True)
class RunPeriod:
    """What `run.run_period` holds; moments are UTC."""

    month: Month
    as_of: datetime
    scheduled_close_at: datetime
    is_reconstructed: bool


def scheduled_close(settings: Settings, month: Month) -> datetime:
    """When the month is due to be closed, UTC."""
    following = month.next()
    local = datetime.combine(
        date(following.year, following.number, settings.close.day_of_month), settings.close.time
    )
    return local.replace(tzinfo=settings.zone).astimezone(UTC)


def month_end(settings: Settings, month: Month) -> datetime:
    """First instant after the month, UTC."""
    return datetime.combine(month.next().first_day, datetime.min.time(), settings.zone).astimezone(
        UTC
    )


def run_period(
    settings: Settings, month: Month, loads: list[LandedLoad], known_until: datetime | None = None
) -> RunPeriod:
    """Find the moment of knowledge of a month's first edition.

    It is the later of the scheduled close and, for each source, the first complete load taken at
    or after the month's end (the first of any kind, where the source closes on any);
    `known_until` (UTC) moves it later, to take in a corrected load.
    Raises CrmMartsError when a source has no such load yet.
    """
    end, due = month_end(settings, month), scheduled_close(settings, month)
    as_of, is_reconstructed = due, False
    for name, source in settings.sources.items():
        closes_on_any = source.closes_on == "any"
        whole = [
            load.extracted_at
            for load in loads
            if load.source == name and (load.complete or closes_on_any)
        ]
        covering = [moment for moment in whole if moment >= end]
        if not covering:
            newest = max(whole, default=None)
            raise CrmMartsError(
                f"{month} cannot be closed: source {name} has no "
                f"{'' if closes_on_any else 'complete '}load extracted at or "
                f"after the month's end ({end:%Y-%m-%d %H:%M} UTC)",
                remedy=f"Its newest one is of {newest:%Y-%m-%d %H:%M} UTC; deliver the next into "
                f"{settings.raw_dir / name}."
                if newest
                else f"Deliver one into {settings.raw_dir / name}.",
            )
        as_of = max(as_of, min(covering))
        # What a source was like before its first load is read from that load.
        is_reconstructed |= end <= min(whole)
    if known_until and known_until < as_of:
        raise CrmMartsError(
            f"{month} cannot be closed as known at {known_until:%Y-%m-%d %H:%M} UTC: its moment of "
            f"knowledge is {as_of:%Y-%m-%d %H:%M} UTC at the earliest",
            remedy="Name a later moment, or none.",
        )
    return RunPeriod(month, known_until or as_of, due, is_reconstructed)


def write_run_period(
    settings: Settings, period: RunPeriod, new_loads: list[LandedLoad] | None = None
) -> None:
    """Write the one-row relation from which all models take month and moment.

    `new_loads`: those by which the relations of the last build are brought up to date; without
    them all are built anew, and what was noted of the last build holds no more.
    """
    if new_loads is None:
        settings.built_note.unlink(missing_ok=True)
    settings.work_db.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.work_db), config=BUILD_STORAGE) as db:
        db.execute("create schema if not exists run")
        db.execute(
            """create or replace table run.run_period as
               select ?::date as close_month, ?::timestamp as as_of,
                      ?::timestamp as scheduled_close_at, ?::boolean as is_reconstructed""",
            [
                period.month.first_day,
                period.as_of.replace(tzinfo=None),
                period.scheduled_close_at.replace(tzinfo=None),
                period.is_reconstructed,
            ],
        )
        db.execute("drop table if exists run.new_loads")
        if new_loads is not None:
            db.execute("create table run.new_loads (source varchar, extracted_at timestamp)")
        for load in new_loads or []:
            moment = load.extracted_at.replace(tzinfo=None)
            db.execute("insert into run.new_loads values (?, ?)", [load.source, moment])


def read_run_period(settings: Settings) -> RunPeriod:
    """Read back what `write_run_period` wrote."""
    with duckdb.connect(str(settings.work_db), read_only=True) as db:
        [(month, as_of, due, is_reconstructed)] = db.execute(
            """select strftime(close_month, '%Y-%m'), as_of, scheduled_close_at, is_reconstructed
               from run.run_period"""
        ).fetchall()
    return RunPeriod(
        Month.parse(month), as_of.replace(tzinfo=UTC), due.replace(tzinfo=UTC), is_reconstructed
    )


def built_period(settings: Settings, month: Month) -> RunPeriod:
    """The period that the warehouse was built for.

    Raises CrmMartsError when that is another month: a step of a run was begun by itself.
    """
    period = read_run_period(settings)
    if period.month != month:
        raise CrmMartsError(
            f"the warehouse holds {period.month}, not {month}",
            remedy=f"Run all steps of the month: crm-marts close {month}.",
        )
    return period
