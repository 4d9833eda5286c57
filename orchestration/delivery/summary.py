"""What stands first in the pack: headline figures beside earlier ones, and curves."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from orchestration.delivery.published_month import Figure
from orchestration.delivery.words import Words

AGES = (
    "overdue_1_to_7_days_count",
    "overdue_8_to_30_days_count",
    "overdue_31_to_90_days_count",
    "overdue_over_90_days_count",
)


@dataclass(frozen=True)
class Headline:
    """A sum of a figure over managers, or the share that one sum is of another.

    `label` is a column of the marts, whose words it has.
    """

    label: str
    figure: str
    of: str | None = None
    more_is_better: bool = True


HEADLINES = (
    Headline("client_count", "main_client_count"),
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

    def shown(self, value: float | None, words: Words) -> str:
        """One of its values as a text."""
        return words.share(value) if self.headline.of else words.number(value)

    def shown_change(self, change: float | None, words: Words) -> str:
        """One of its changes as a text, of shares in percentage points."""
        return words.change(change, is_share=self.headline.of is not None)

    @property
    def change(self) -> float | None:
        """Against the month before."""
        return _difference(self.month, self.previous)

    @property
    def year_change(self) -> float | None:
        """Against the same month a year before."""
        return _difference(self.month, self.year_ago)


@dataclass(frozen=True)
class Series:
    """Values of a curve, one for each of its categories."""

    name: str
    values: list[float]


@dataclass(frozen=True)
class Curve:
    """A chart's numbers; `title` names its text, `shape` how it is drawn."""

    title: str
    shape: Literal["line", "stacked", "bars"]
    categories: list[str]
    series: list[Series]


def _difference(now: float | None, then: float | None) -> float | None:
    return None if now is None or then is None else now - then


def values(figures: Iterable[Figure], month: date) -> list[Value]:
    """All headlines of a month."""
    sums: dict[tuple[str, date], float] = defaultdict(float)
    for figure in figures:
        sums[figure.name, figure.month] += figure.value
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


def curves(
    figures: Iterable[Figure], month: date, managers: Mapping[str, str], words: Words
) -> list[Curve]:
    """Curves of the last months and of the managers (names by id) in the month, if not empty."""
    sums: dict[tuple[str, date, str], float] = defaultdict(float)
    for figure in figures:
        sums[figure.name, figure.month, figure.manager_id] += figure.value
    months = sorted({day for _, day, _ in sums})

    def total(name: str, day: date) -> float:
        return sum(value for (of, at, _), value in sums.items() if (of, at) == (name, day))

    def by_manager(name: str) -> dict[str, float]:
        return {who: value for (of, at, who), value in sums.items() if (of, at) == (name, month)}

    kinds = sorted({name for name, _, _ in sums if name.endswith("_kind")})
    shown_months = [words.month(day) for day in months]
    load, planned = by_manager("main_client_count"), by_manager("planned_count")
    fulfilled = by_manager("fulfilled_count")
    loaded = sorted(load, key=lambda who: -load[who])
    with_plan = sorted(planned, key=lambda who: -planned[who])

    def series(label: str, take: Callable[[str], float], of: Iterable[str]) -> Series:
        return Series(words.column(label), [take(key) for key in of])

    def named(ids: Iterable[str]) -> list[str]:
        return [managers.get(who, words.value(who)) for who in ids]

    clients = Series(
        words.column("main_client_count"), [total("main_client_count", day) for day in months]
    )
    found = [
        Curve("growth_chart", "line", shown_months, [clients]),
        Curve(
            "kinds_chart",
            "stacked",
            shown_months,
            [
                Series(
                    words.value(kind.removesuffix("_kind")), [total(kind, day) for day in months]
                )
                for kind in kinds
            ],
        ),
        Curve(
            "load_chart",
            "bars",
            named(loaded),
            [series("main_client_count", lambda who: load[who], loaded)],
        ),
        Curve(
            "plan_chart",
            "bars",
            named(with_plan),
            [
                series("planned_count", lambda who: planned[who], with_plan),
                series("fulfilled_count", lambda who: fulfilled.get(who, 0), with_plan),
            ],
        ),
        Curve(
            "ageing_chart",
            "bars",
            [words.column(age) for age in AGES],
            [series("overdue_count", lambda age: total(age, month), AGES)],
        ),
    ]
    return [curve for curve in found if curve.categories and curve.series]
