"""What a closed month depends on beside the rows: calendar, moments, rules and seeds."""

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.settings import PROJECT_DIR, Rules
from tests.oracle.contract import Crm

Cells = dict[str, object]
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Period:
    kind: str
    first: date
    after: date
    start: datetime
    end: datetime

    def holds(self, moment: datetime | None) -> bool:
        return moment is not None and self.start <= moment < self.end


@dataclass(frozen=True)
class World:
    """The rows of a pack and everything that its figures depend on; moments are naive UTC."""

    crm: Crm
    month: date
    zone: ZoneInfo
    as_of: datetime
    scheduled_close_at: datetime
    is_reconstructed: bool
    rules: Rules
    first_month: date
    named_segments: Path

    def local_date(self, moment: datetime) -> date:
        return moment.replace(tzinfo=UTC).astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """First instant of a local day."""
        local = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return local.astimezone(UTC).replace(tzinfo=None)

    def end_of(self, day: date) -> datetime:
        """Last microsecond of a local day."""
        return self.start_of(day + timedelta(days=1)) - MICROSECOND

    def period(self, kind: str, first: date, after: date) -> Period:
        return Period(kind, first, after, self.start_of(first), self.start_of(after))

    @cached_property
    def last_changed_at(self) -> dict[str, datetime]:
        """By interaction: its newest version's load, or the one that no longer had it."""
        return {
            row.interaction_id: row.known_to or row.known_from
            for row in self.crm.interaction_versions
            if row.is_latest
        }

    @cached_property
    def periods(self) -> list[Period]:
        """Periods of every kind whose last day lies in the month."""
        found = [self.this_month]
        after = self.this_month.after
        monday = self.month - timedelta(days=self.month.weekday())
        while monday + timedelta(days=6) < after:
            found.append(self.period("week", monday, monday + timedelta(days=7)))
            monday += timedelta(days=7)
        if self.month.month % 3 == 0:
            found.append(self.period("quarter", add_months(self.month, -2), after))
        if self.month.month == 12:
            found.append(self.period("year", date(self.month.year, 1, 1), after))
        return found

    @cached_property
    def this_month(self) -> Period:
        return self.period("month", self.month, add_months(self.month, 1))

    @cached_property
    def previous_month(self) -> Period:
        return self.period("month", add_months(self.month, -1), self.month)

    def due_close(self, month: Period) -> datetime:
        """When a month is due to be closed: the same day and local time for each."""
        at = self.scheduled_close_at.replace(tzinfo=UTC).astimezone(self.zone)
        day = month.after + timedelta(days=at.day - 1)
        local = datetime.combine(day, at.time(), self.zone)
        return local.astimezone(UTC).replace(tzinfo=None)

    @cached_property
    def next_month(self) -> Period:
        return self.period("month", add_months(self.month, 1), add_months(self.month, 2))

    def key(self, period: Period) -> Cells:
        """The columns with which every row of a mart begins."""
        return {
            "period_kind": period.kind,
            "period_start": period.first,
            "close_month": self.month,
        }

    @cached_property
    def exceptions(self) -> dict[date, bool]:
        rows = seed("calendar_exceptions")
        return {date.fromisoformat(r["calendar_date"]): r["is_working"] == "true" for r in rows}

    def is_working(self, day: date) -> bool:
        return self.exceptions.get(day, day.weekday() < 5)


def seed(name: str) -> list[dict[str, str]]:
    """Rows of a reference list."""
    path = PROJECT_DIR / "seeds" / "reference" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add_months(day: date, months: int) -> date:
    years, number = divmod(day.month - 1 + months, 12)
    return date(day.year + years, number + 1, 1)


def rounded(value: Fraction | int | None, scale: int) -> Decimal | None:
    """Round half up (away from zero) to a number of decimal places."""
    if value is None:
        return None
    exact = Fraction(value) * 10**scale
    whole = int(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
    return Decimal(whole).scaleb(-scale)


def whole_seconds(time: timedelta) -> int:
    return int(rounded(Fraction(time // MICROSECOND, 10**6), 0) or 0)


def ratio(part: int | Fraction, whole: int | Fraction, scale: int = 4) -> Decimal | None:
    return rounded(Fraction(part) / Fraction(whole), scale) if whole else None


def percentile(values: list[Fraction], share: Fraction) -> Fraction | None:
    """Return the value at a share of the sorted values, interpolated between its neighbours."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def in_force(row: dict[str, str], day: date) -> bool:
    """Whether a row of a reference list is valid on a day; valid_to is the first it is not."""
    since, until = row.get("valid_from"), row.get("valid_to")
    return (not since or date.fromisoformat(since) <= day) and (
        not until or day < date.fromisoformat(until)
    )
