"""Random choices with a bias to borders; all of them follow from one seed."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from tests.oracle.world import MICROSECOND, World, add_months

T = TypeVar("T")


class Dice:
    """Choices for one company in one month."""

    def __init__(self, rng: random.Random, world: World) -> None:
        self.rng = rng
        self.world = world
        self.oldest = world.start_of(add_months(world.month, -14))
        self.newest = world.as_of
        self.borders = self._borders()

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def one(self, values: Sequence[T]) -> T:
        return self.rng.choice(values)

    def hot(self, values: Sequence[T]) -> T:
        """One of the values, more often of the first three: few have much."""
        return self.one(values[:3]) if self.chance(0.6) else self.one(values)

    def maybe(self, share: float, values: Sequence[T]) -> T | None:
        return self.one(values) if self.chance(share) else None

    def some(self, values: Sequence[T], most: int) -> list[T]:
        return self.rng.sample(values, self.rng.randint(0, min(most, len(values))))

    def _borders(self) -> list[datetime]:
        """Instants at which periods begin and end, and the hours around DST changes."""
        world, month = self.world, self.world.month
        days = [add_months(month, shift) for shift in (-2, -1, 0, 0, 0, 1, 1, 1, 2)]
        days += [period.first for period in world.periods]
        days += [add_months(month, 1) - timedelta(days=days) for days in (1, 7, 8, 30, 31)]
        for active in (world.rules.active_days, *world.rules.active_days_by_class.values()):
            days += [month - timedelta(days=active)]
            days += [add_months(month, 1) - timedelta(days=active)] * 3
        found = [world.start_of(day) for day in days] + [world.scheduled_close_at]
        for number in range(31):
            day = month + timedelta(days=number)
            start, end = world.start_of(day), world.start_of(day + timedelta(days=1))
            if end - start != timedelta(days=1):
                found += [start, end, start + timedelta(hours=2), start + timedelta(hours=3)]
        return found

    def moment(self, low: datetime | None = None, high: datetime | None = None) -> datetime:
        """Choose a moment in [low, high], often at a border or in the month."""
        low, high = low or self.oldest, high or self.newest
        if low >= high:
            return low
        if self.chance(0.35):
            nudge = self.one((-MICROSECOND, timedelta(0), timedelta(0), MICROSECOND))
            found = self.one(self.borders) + nudge
            if low <= found <= high:
                return found
        for month, share in ((self.world.this_month, 0.55), (self.world.previous_month, 0.35)):
            if self.chance(share) and low < month.end and month.start < high:
                low, high = max(low, month.start), min(high, month.end)
                break
        seconds = self.rng.randint(0, int((high - low).total_seconds()))
        return min(low + timedelta(seconds=seconds), high)

    def day(self) -> date:
        return self.world.local_date(self.moment())

    def distinct_moments(self, most: int, low: datetime, high: datetime) -> list[datetime]:
        count = self.rng.randint(0, most)
        return sorted({self.moment(low, high) for _ in range(count)})
