"""Words, numbers and dates of the pack in one language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = ("en", "ru")
LABELS_FILE = Path(__file__).with_name("labels.yml")
# No day can be taken for a month.
DAYS: dict[Language, str] = {"en": "d MMM y", "ru": "dd.MM.y"}
MINUS, NOTHING = "\N{MINUS SIGN}", "\N{EN DASH}"


@dataclass(frozen=True)
class Words:
    """Labels from labels.yml and formats from the locale's tables."""

    language: Language

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """Labels by block (marts, columns, values, checks, texts, pages) and key."""
        return _labels(self.language)

    def mart(self, name: str) -> str:
        """Title of a mart."""
        return self.labels["marts"][name]

    def meaning(self, mart: str) -> str:
        """What a report shows, in one sentence."""
        return self.labels["meanings"][mart]

    def column(self, name: str) -> str:
        """Heading of a column."""
        return self.labels["columns"][name]

    def any_column(self, name: str) -> str:
        """Heading of a column, or the name itself where an earlier version had another one."""
        return self.labels["columns"].get(name, name)

    def value(self, value: str | bool) -> str:
        """A word of the models, yes or no; what comes from the CRM stays as it is."""
        text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
        return self.labels["values"].get(text, text)

    def characteristic(self, name: str) -> str:
        """A characteristic of clients; one of the CRM's own has no other name."""
        return self.labels["columns"].get(name) or self.value(name)

    def check(self, name: str) -> str | None:
        """What a check that warns finds; None for one that is not the project's own."""
        return self.labels["checks"].get(name)

    def text(self, key: str, **parts: object) -> str:
        """A sentence or heading of the pack with its parts filled in."""
        return self.labels["texts"][key].format(**parts)

    def page(self, key: str, **parts: object) -> str:
        """A word or sentence of the dashboard with its parts filled in."""
        return self.labels["pages"][key].format(**parts)

    def number(self, number: float | None, digits: int = 0) -> str:
        """A number in the locale's form; a dash for what does not exist."""
        if number is None:
            return NOTHING
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(number, pattern, locale=self.language).replace("-", MINUS)

    def share(self, share: float | None, digits: int = 0) -> str:
        """A share as a percentage."""
        if share is None:
            return NOTHING
        if not digits:
            return format_percent(share, locale=self.language)
        return f"{self.number(100 * share, digits)} %"

    def change(self, change: float | None, *, is_share: bool) -> str:
        """A difference with its sign: of shares in percentage points."""
        if change is None:
            return NOTHING
        rounded = round(100 * change if is_share else change)
        number = ("+" if rounded > 0 else "") + self.number(rounded)
        return self.text("points", change=number) if is_share else number

    def month(self, day: date) -> str:
        """A month and its year, as a sentence has them."""
        return format_date(day, "LLLL y", locale=self.language)

    def short_month(self, day: date) -> str:
        """A month and year as an axis has them."""
        return format_date(
            day, "MM.yy" if self.language == "ru" else "MMM yy", locale=self.language
        )

    def day(self, day: date | None) -> str:
        """A day."""
        return NOTHING if day is None else format_date(day, DAYS[self.language], self.language)

    def moment(self, moment: datetime | None) -> str:
        """A day and time."""
        if moment is None:
            return NOTHING
        return format_datetime(moment, f"{DAYS[self.language]}, HH:mm", locale=self.language)


@cache
def _labels(language: Language) -> Mapping[str, Mapping[str, str]]:
    place = LANGUAGES.index(language)
    raw = yaml.load(LABELS_FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {
        block: {str(key): pair[place] for key, pair in lines.items()}
        for block, lines in raw.items()
    }
