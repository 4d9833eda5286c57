"""Word lists of the demo, read from `seeds/demo/*.csv` (columns: value, weight and extras)."""

import csv
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parents[2] / "seeds" / "demo"


def read_rows(name: str) -> list[dict[str, str]]:
    """All rows of one word list, as they stand in the file."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class WordList:
    """Rows drawn in proportion to their weights."""

    rows: list[dict[str, str]]

    @cached_property
    def _weights(self) -> list[float]:
        return list(accumulate(float(row["weight"]) for row in self.rows))

    def draw(self, rng: Random) -> dict[str, str]:
        """One row."""
        return rng.choices(self.rows, cum_weights=self._weights)[0]

    def pick(self, rng: Random) -> str:
        """The value of one row."""
        return self.draw(rng)["value"]


class Vocabulary:
    """The word lists by name; `by_kind` splits a list by its column `kind`."""

    def __init__(self) -> None:
        """Start empty: a list is read when it is first asked for."""
        self._lists: dict[str, WordList] = {}

    def of(self, name: str) -> WordList:
        """The whole list in `<name>.csv`."""
        if name not in self._lists:
            self._lists[name] = WordList(read_rows(name))
        return self._lists[name]

    def by_kind(self, name: str, kind: str) -> WordList:
        """The rows of `<name>.csv` whose kind is `kind`."""
        label = f"{name}/{kind}"
        if label not in self._lists:
            self._lists[label] = WordList([r for r in self.of(name).rows if r["kind"] == kind])
        return self._lists[label]

    def person_name(self, rng: Random) -> str:
        """Surname, first name and patronymic that agree in gender."""
        first = self.of("first_names").draw(rng)
        form = "value" if first["sex"] == "m" else "female"
        surname = self.of("surnames").draw(rng)[form]
        return f"{surname} {first['value']} {self.of('patronymics').draw(rng)[form]}"

    def company_name(self, rng: Random) -> str:
        """A legal form and a made-up name."""
        form, root = self.of("legal_forms").pick(rng), self.of("name_roots").pick(rng)
        joint = rng.choice(["", "-", "-", " "])
        tail = self.of("name_tails").pick(rng)
        name = root + (tail.lower() if joint == "" else joint + tail)
        return f"{form} «{name}»"
