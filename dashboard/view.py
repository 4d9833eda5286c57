"""What a visitor looks at: the month, its edition, and whose clients and work."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import streamlit as st

from orchestration.close.period import Month
from orchestration.close.release import SERVING, current_release, published_editions
from orchestration.delivery.published_month import (
    Audience,
    Figure,
    PublishedMonth,
    published_month,
)
from orchestration.delivery.words import Words
from orchestration.settings import Settings


@dataclass(frozen=True)
class View:
    """The open month for the chosen audience, and what every page needs of it."""

    month: PublishedMonth
    words: Words
    names: dict[str, str]

    @cached_property
    def figures(self) -> list[Figure]:
        """What headlines and charts are made of; a page without any does not wait for it."""
        return self.month.figures()

    @property
    def is_of_all(self) -> bool:
        """Whether the whole company is looked at."""
        return self.month.audience.managers is None


@contextmanager
def chosen_view() -> Iterator[View]:
    """Draw the choice and open what was chosen, from the release that is published now."""
    settings = Settings()  # type: ignore[call-arg]  # filled from crm_marts.toml
    words, release = Words(settings.pack.language), current_release(settings)
    if release is None:
        st.info(words.page("nothing_published"))
        st.stop()
    _kept_open(str(release))
    month, edition = _choose_edition(release, words)
    with published_month(settings, month, release, edition) as opened:
        people = opened.managers()
        audience = _choose_audience(people, words)
        chosen = opened.of(audience)
        st.title(_unmarked(chosen.title(words)))
        st.markdown(chosen.edition_line(words))
        names = {key: name for key, (name, _) in chosen.managers().items()}
        yield View(chosen, words, names)


@st.cache_resource(max_entries=2, show_spinner=False)
def _kept_open(release: str) -> duckdb.DuckDBPyConnection:
    """Keep a release's pages in memory between looks; the one before it for those who still read.

    A new release has another path, so that nobody waits for the pipeline, nor it for anybody.
    """
    return duckdb.connect(str(Path(release) / SERVING), read_only=True)


def _choose_edition(release: Path, words: Words) -> tuple[Month, int]:
    current = published_editions(release)
    months = sorted(current, reverse=True)
    month = Month.parse(
        st.sidebar.selectbox(
            words.page("period"),
            months,
            format_func=lambda name: words.month(Month.parse(name).first_day),
            key="period",
        )
    )
    with duckdb.connect(str(release / SERVING), read_only=True) as db:
        found = db.execute(
            "select edition from marts_history.editions where month = ? order by edition desc",
            [str(month)],
        ).fetchall()
    numbers = [number for (number,) in found] or [current[str(month)][0]]
    edition = st.sidebar.selectbox(words.page("edition"), numbers, key=f"edition {month}")
    return month, edition


def _choose_audience(people: dict[str, tuple[str, str | None]], words: Words) -> Audience:
    everybody = words.page("anyone")
    teams = sorted({team for _, team in people.values() if team})
    team = st.sidebar.selectbox(words.text("team"), [everybody, *teams], key="team")
    members = {key: name for key, (name, of) in people.items() if team in (everybody, of)}
    manager = st.sidebar.selectbox(
        words.text("manager"),
        [everybody, *sorted(members, key=members.__getitem__)],
        format_func=lambda key: members.get(key, key),
        key="manager",
    )
    if manager != everybody:
        return Audience(members[manager], frozenset([manager]))
    return Audience() if team == everybody else Audience(team, frozenset(members))


def _unmarked(text: str) -> str:
    """Text that Streamlit shows as it is: what a CRM calls a team can look like Markdown."""
    return re.sub(r"([^\w\s])", r"\\\1", text)
