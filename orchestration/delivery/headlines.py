"""The figures that stand first in the pack, each with the month before and the year before."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from orchestration.delivery.published_month import Figure


@dataclass(frozen=True)
class Headline:
    """A sum of a figure over managers, or the share that one sum is of another.

    `label` is a column of the marts, whose words it has; `more_is_better` is None where neither
    direction is good in itself.
    """

    label: str
    figure: str
    of: str | None = None
    more_is_better: bool | None = True


HEADLINES = (
    Headline("main_client_count", "main_client_count"),
    Headline("interaction_count", "interaction_count"),
    Headline("conversation_count", "conversation_count"),
    Headline("fulfilment_share", "fulfilled_count", "planned_count"),
    Headline("coverage_share", "covered_client_count", "planned_client_count"),
    Headline("on_time_share", "on_time_count", "due_count"),
    Headline("overdue_count", "overdue_count", more_is_better=False),
    Headline("no_contact_count", "no_contact_count", more_is_better=False),
)


@dataclass(frozen=True)
class Value:
    """A headline's value in the month and in the two it is compared with; None where not known."""

    headline: Headline
    month: float | None
    previous: float | None
    year_ago: float | None


def values(
    figures: Iterable[Figure], month: date, managers: Collection[str] | None = None
) -> list[Value]:
    """All headlines of a month, of all managers or of those named."""
    sums: dict[tuple[str, date], float] = {}
    for figure in figures:
        if managers is None or figure.manager_id in managers:
            key = figure.name, figure.month
            sums[key] = sums.get(key, 0) + figure.value
    known = {day for _, day in sums}
    previous = (month.replace(day=1) - date.resolution).replace(day=1)
    moments = month, previous, month.replace(year=month.year - 1)

    def at(headline: Headline, day: date) -> float | None:
        if day not in known:
            return None
        value = sums.get((headline.figure, day), 0)
        if headline.of is None:
            return value
        whole = sums.get((headline.of, day), 0)
        return value / whole if whole else None

    return [Value(line, *(at(line, day) for day in moments)) for line in HEADLINES]
