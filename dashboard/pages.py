"""The pages: each shows reports of the chosen month, and leads to the interactions behind them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any, Literal

import duckdb
import streamlit as st

from dashboard.tables import as_csv, show, show_rows
from dashboard.view import View, chosen_view
from orchestration.delivery import registers
from orchestration.delivery.charts import charts
from orchestration.delivery.published_month import Selection, Table, fetched
from orchestration.delivery.sections import SECTIONS, Section
from orchestration.delivery.summary import Value, values
from orchestration.delivery.words import MINUS

# Rows of the register behind a row of a section: whose they are, and what else they have to be.
BEHIND = {
    "activity": ("coalesce(performer_id, 'no manager')", "is_counted", "interaction_kind"),
    "groups": ("coalesce(performer_id, 'no manager')", "is_counted", "interaction_group"),
    "outcomes": (registers.MANAGER, "is_in_outcomes", "interaction_kind"),
    "deadlines": ("coalesce(responsible_at_deadline_id, 'no manager')", "is_due", None),
}
PERIODS = ("month", "week", "quarter", "year")


def client_base() -> None:
    """Headlines, and the base over time."""
    with chosen_view() as view:
        words = view.words
        lines = values(view.figures, view.month.month.first_day)
        # A row of four after the other, which is also the order in which they are read out.
        places = [place for _ in range(0, len(lines), 4) for place in st.columns(4)]
        for column, value in zip(places, lines, strict=False):
            # Streamlit takes the sign from a hyphen.
            change = value.shown_change(value.change, words).replace(MINUS, "-")
            column.metric(
                words.column(value.headline.label),
                value.shown(value.month, words),
                None if value.change is None else change,
                delta_color=_colour(value, change),
            )
        if not view.is_of_all:
            _chart(view, "growth")
            st.markdown(words.text("whole_company"))
            return
        _section(view, "growth")
        kind = st.selectbox(words.page("kind_of_period"), PERIODS, format_func=words.page)
        show(_growth(view, kind), words, f"growth {kind}")


def segments() -> None:
    """Named segments, and clients by any combination of characteristics."""
    with chosen_view() as view:
        if not view.is_of_all:
            st.markdown(view.words.text("whole_company"))
        whole = View(view.month.of_everybody(), view.words, {})
        _section(whole, "segments")
        _combination(whole)


def managers() -> None:
    """Load of the managers."""
    with chosen_view() as view:
        _section(view, "load")


def interactions() -> None:
    """What was done, by kind and group, what became of it, and the deadlines."""
    with chosen_view() as view:
        for name in ("activity", "groups", "outcomes", "deadlines"):
            _section(view, name)


def plan() -> None:
    """The contact plan and the ranking."""
    with chosen_view() as view:
        for name in ("plan", "ranking"):
            _section(view, name)


def no_contact() -> None:
    """Clients nobody talked to, and those who were reached again."""
    with chosen_view() as view:
        for name in ("no_contact", "resumed"):
            _section(view, name)


def register() -> None:
    """All interactions of the month, to be searched and taken along."""
    with chosen_view() as view:
        words = view.words
        search = st.text_input(words.page("search"), help=words.page("search_help"), key="search")
        left, right = st.columns(2)
        kinds = _multiselect(left, view, "kinds", "interaction_kind")
        outcomes = _multiselect(right, view, "outcomes", "outcome")
        where, parameters = ["true"], dict[str, object]()
        if search:
            where.append(_matches(view))
            parameters["search"] = search
        for column, chosen in (("interaction_kind", kinds), ("outcome", outcomes)):
            if chosen:
                where.append(f"list_contains(${column}, {column})")
                parameters[column] = chosen

        asked = replace(registers.REGISTER, where=" and ".join(where), parameters=parameters)

        def export() -> bytes:
            """All rows; made when it is asked for, which is after the page is drawn."""
            with view.month.opened_again() as month:
                return as_csv(month.rows(asked), words)

        show_rows(view.month, asked, words, "register")
        st.download_button(
            words.page("export"),
            export,
            file_name=f"register-{view.month.month}.csv",
            mime="text/csv",
        )


PAGES: tuple[Callable[[], None], ...] = (
    client_base,
    segments,
    managers,
    interactions,
    plan,
    no_contact,
    register,
)


def _colour(value: Value, change: str) -> Literal["normal", "inverse", "off"]:
    """Whether a change, as it is shown, is a good one; one that rounds to nothing is neither."""
    if not change.startswith(("+", "-")):
        return "off"
    return "normal" if value.headline.more_is_better else "inverse"


def _section(view: View, name: str) -> None:
    """A section of the pack; where it can, a chosen row leads to its interactions."""
    [section] = [section for section in SECTIONS if section.name == name]
    words = view.words
    st.subheader(words.text(f"{name}_title"))
    st.markdown(words.text(f"{name}_note"))
    _chart(view, name)
    if name not in BEHIND:
        show_rows(view.month, section, words, name)
        return
    st.markdown(words.page("drill"))
    chosen = show_rows(view.month, section, words, name, is_choice=True)
    if chosen:
        _behind(view, section, chosen[0])


def _behind(view: View, section: Section, number: int) -> None:
    owner, row = next(islice(view.month.rows(section).owned_rows(), number, None))
    st.markdown(f"**{view.words.page('behind')}**")
    behind = rows_behind(section, owner, row)
    show_rows(view.month.of_everybody(), behind, view.words, f"behind {section.name}")


def rows_behind(section: Section, owner: str | None, row: tuple[object, ...]) -> Selection:
    """Interactions that a row of a section counts; whose they are is the section's word."""
    whose, condition, column = BEHIND[section.name]
    parameters: dict[str, object] = {"whose": owner}
    where = f"{condition} and {whose} = $whose"
    if column:
        where += f" and {column} = $what"
        parameters["what"] = row[section.columns.index(column)]
    return replace(registers.REGISTER, where=where, parameters=parameters)


def _matches(view: View) -> str:
    """SQL: the search stands in the id, the result or, where it may be shown, the client's name."""
    texts = "concat_ws(' ', interaction_id, result, client_id)"
    found = f"contains(lower({texts}), lower($search))"
    if view.month.settings.pack.client_names:
        found += """ or client_id in (select client_id from client_names
            where contains(lower(client_name), lower($search)))"""
    return f"({found})"


def _multiselect(place: Any, view: View, label: str, column: str) -> list[str]:
    month = view.month
    chosen: list[str] = place.multiselect(
        view.words.page(label),
        _values(str(month.release), month.month.first_day, month.edition, column, month.db),
        format_func=view.words.value,
        placeholder=view.words.page("anything"),
    )
    return chosen


@st.cache_data(max_entries=100, show_spinner=False)
def _values(
    release: str, month: date, edition: int, column: str, _db: duckdb.DuckDBPyConnection
) -> list[str]:
    """What stands in a column of the month's register.

    Remembered by release, month and edition, as what they hold never changes.
    """
    found = _db.execute(
        f"""select distinct {column} from {registers.MART}
            where close_month = ? and {column} is not null order by 1""",
        [month],
    )
    return [value for (value,) in found.fetchall()]


def _chart(view: View, name: str) -> None:
    drawn = charts(view.month, view.figures, view.names, view.words).get(name)
    if drawn:
        st.vega_lite_chart({**drawn, "config": {}}, key=f"chart {name}")


def _growth(view: View, kind: str) -> Table:
    """The base in each period of a kind, newest first."""
    columns = {
        "period_label": "VARCHAR",
        "opening_client_count": "BIGINT",
        "new_client_count": "BIGINT",
        "restored_client_count": "BIGINT",
        "lost_client_count": "BIGINT",
        "merged_client_count": "BIGINT",
        "closing_client_count": "BIGINT",
        "growth_share": "DECIMAL",
    }
    found = view.month.db.execute(
        f"""select null as owner, {", ".join(columns)} from rpt_client_growth
            inner join dim_periods using (period_kind, period_start)
            where period_kind = ? and characteristic = 'all' order by period_start desc""",
        [kind],
    )
    return Table("rpt_client_growth", tuple(columns), tuple(columns.values()), fetched(found))


def _combination(view: View) -> None:
    """Clients by the chosen characteristics, however many, from the finest cells."""
    words, known = view.words, view.month.settings.rules.segment_characteristics
    st.subheader(words.page("combination"))
    chosen = st.multiselect(
        words.page("characteristics"),
        known,
        known[:2],
        format_func=words.characteristic,
        placeholder=words.page("anything"),
    )
    if not chosen:
        return
    # Names come from the settings, which allow plain ones alone.
    joins = "".join(
        f" inner join fct_segment_cells as {name} using (close_month, cell_id)"
        for name in chosen[1:]
    )
    are_chosen = " and ".join(f"{name}.characteristic = '{name}'" for name in chosen)
    found = view.month.db.execute(
        f"""select null as owner, {", ".join(f"{name}.value as {name}" for name in chosen)},
                sum({chosen[0]}.client_count)::bigint as client_count,
                sum({chosen[0]}.client_count)
                    / sum(sum({chosen[0]}.client_count)) over () as client_share
            from fct_segment_cells as {chosen[0]} {joins}
            where close_month = ? and {are_chosen}
            group by all order by client_count desc, {", ".join(chosen)}""",
        [view.month.month.first_day],
    )
    columns = (*chosen, "client_count", "client_share")
    types = (*["VARCHAR"] * len(chosen), "BIGINT", "DECIMAL")
    show(Table("fct_segment_cells", columns, types, fetched(found)), words, "combination")
