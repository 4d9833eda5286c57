"""The calendar of the demo: its months, its loads, and when people work."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from math import exp
from random import Random
from zoneinfo import ZoneInfo

OFFICE = ZoneInfo("Europe/Moscow")
HISTORY_START = datetime(2024, 11, 1)
HISTORY_END = datetime(2026, 11, 1)

MONTH_WEIGHTS = (0.62, 0.95, 1.08, 1.06, 0.78, 1.0, 0.86, 0.8, 1.1, 1.17, 1.14, 1.22)
HOLIDAYS = {(2, 23), (3, 8), (5, 1), (5, 2), (5, 3), (5, 8), (5, 9), (6, 12), (11, 4), (12, 31)}
WEEKDAY_WEIGHTS = (1.0, 1.12, 1.1, 1.05, 0.85, 0.03, 0.01)
HOUR_WEIGHTS = {
    8: 0.1,
    9: 5,
    10: 9,
    11: 10,
    12: 7,
    13: 5,
    14: 8,
    15: 9,
    16: 8,
    17: 6,
    18: 3,
    20: 0.2,
}


def month_after(month: datetime, count: int = 1) -> datetime:
    """The first moment of the month `count` months later (or earlier)."""
    index = month.year * 12 + month.month - 1 + count
    return datetime(index // 12, index % 12 + 1, 1)


def months(extra: int = 0) -> list[datetime]:
    """First moments of the 24 months of history and of `extra` months after it."""
    return [month_after(HISTORY_START, index) for index in range(24 + extra)]


def load_moments() -> list[datetime]:
    """UTC moments of the 13 complete loads, on the 2nd at 00:10, November 2025 to 2026."""
    firsts = [month_after(datetime(2025, 11, 1), index) for index in range(13)]
    return [first.replace(day=2, minute=10, tzinfo=UTC) for first in firsts]


def office_time(moment: datetime) -> datetime:
    """A zoned moment on the office clock, without the zone."""
    return moment.astimezone(OFFICE).replace(tzinfo=None)


def month_weight(month: datetime) -> float:
    """How busy the month is; 1.0 is an ordinary month."""
    return MONTH_WEIGHTS[month.month - 1]


def _day_weight(day: date) -> float:
    quiet = (day.month, day.day) in HOLIDAYS or (day.month == 1 and day.day <= 8)
    rush = 1.2 if day.month == 12 and day.day >= 15 else 1.0
    return WEEKDAY_WEIGHTS[day.weekday()] * (0.05 if quiet else rush)


@cache
def _days(month: datetime) -> tuple[list[datetime], list[float]]:
    length = (month_after(month) - month).days
    days = [month + timedelta(days=index) for index in range(length)]
    return days, list(accumulate(_day_weight(day.date()) for day in days))


def clock(rng: Random, day: datetime) -> datetime:
    """A moment within that day's office hours, with a few exceptions."""
    hour = rng.choices(list(HOUR_WEIGHTS), list(HOUR_WEIGHTS.values()))[0]
    return day.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(
        seconds=rng.randrange(3600)
    )


def work_moment(rng: Random, month: datetime) -> datetime:
    """A moment of the month, on working days mostly."""
    days, weights = _days(month)
    return clock(rng, rng.choices(days, cum_weights=weights)[0])


def working_day(moment: datetime) -> datetime:
    """The same time of day on the first working day at or after the moment's day."""
    while _day_weight(moment.date()) < 0.5:
        moment += timedelta(days=1)
    return moment


def poisson(rng: Random, mean: float) -> int:
    """A Poisson count with that mean (Knuth's method: the means here are small)."""
    count, product, limit = 0, rng.random(), exp(-mean)
    while product > limit:
        count += 1
        product *= rng.random()
    return count
