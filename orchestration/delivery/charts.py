"""Charts of the pack, as Vega-Lite: the same for the page and for print.

Each has its data by manager and sums what the parameter `chosen` names, so that the page's filter
and a team's own pack need no other chart.
"""

import json
from typing import Any, Literal

import altair as alt
import vl_convert

from orchestration.delivery.published_month import Figure, PublishedMonth
from orchestration.delivery.summary import AGES
from orchestration.delivery.words import Language, Words

Specification = dict[str, Any]
CHOSEN = "chosen"
BLUE, ORANGE, GREY = "#2f6fb3", "#c2600f", "#8a94a3"
# Distinct in light and dark, and for those who see no red or green.
PALETTE = [BLUE, ORANGE, "#3a8f7b", "#8a63b3", "#b58a1b", "#c0527a", "#6b7686", "#5aa2cf"]
AGE_COLOURS = ["#e9b872", "#d98a3d", "#b8562a", "#7d2c1f"]
HEIGHT, BAR = 240, 22
# In the colour of the page's text, which is dark or light.
INK = "currentColor"
CONFIG = {
    "background": "transparent",
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        **{f"{part}Color": INK for part in ("label", "title", "tick", "domain")},
        **{"gridColor": GREY, "gridOpacity": 0.25, "labelLimit": 220},
    },
    "legend": {"labelColor": INK, "titleColor": INK, "orient": "bottom"},
}


# Of print: dark ink on a page's width, in the letters that the typesetter has. Their widths are
# unknown where charts are laid out, so that no label may be cut by its guessed width.
PRINTED_INK, PRINTED_WIDTH, PRINTED_HEIGHT = "#1d2430", 620, 170
PRINTED_FONT, UNCUT = "Libertinus Serif", {"labelLimit": 0}
LOCALES: dict[Language, Literal["en-US", "ru-RU"]] = {"en": "en-US", "ru": "ru-RU"}
WHOLE_NUMBERS = alt.Axis(tickMinStep=1, format=",d")


def charts(
    month: PublishedMonth, figures: list[Figure], managers: dict[str, str], words: Words
) -> dict[str, Specification]:
    """Specifications by the name of the section that shows them; what has no rows has no chart."""
    of_the_month = [figure for figure in figures if figure.month == month.month.first_day]
    contact = {"active_client_count": BLUE, "silent_client_count": ORANGE}
    ages = dict(zip(AGES, AGE_COLOURS, strict=True))
    drawn = {
        "growth": _growth(figures, words),
        "activity": _activity(figures, words),
        "load": _bars(of_the_month, contact, "main_client_count", managers, words),
        "outcomes": _bars(of_the_month, ages, "overdue_count", managers, words),
        "ranking": _ranking(month, managers, words),
    }
    return {name: _finished(chart) for name, chart in drawn.items() if chart.data.values}


def _finished(chart: Any) -> Specification:
    specification: Specification = chart.to_dict()
    return specification | {"width": "container", "config": CONFIG}


def _of_the_chosen(rows: list[dict[str, Any]]) -> Any:
    chosen = alt.param(name=CHOSEN, value=[])
    everyone = f"!length({CHOSEN}) || indexof({CHOSEN}, datum.manager) >= 0"
    return alt.Chart(alt.InlineData(values=rows)).add_params(chosen).transform_filter(everyone)


def _rows(figures: list[Figure], names: dict[str, str], words: Words) -> list[dict[str, Any]]:
    """Figures by month: names of the figures, as `names` shows them, months as labels."""
    return [
        {
            "manager": figure.manager_id,
            "month": figure.month.isoformat(),
            "label": words.short_month(figure.month),
            "what": names[figure.name],
            "value": figure.value,
        }
        for figure in figures
        if figure.name in names
    ]


def _month_axis() -> alt.X:
    return alt.X("label:O", sort=alt.SortField("month"), title=None, axis=alt.Axis(labelAngle=0))


def _growth(figures: list[Figure], words: Words) -> Any:
    name = words.column("main_client_count")
    return (
        _of_the_chosen(_rows(figures, {"main_client_count": name}, words))
        .transform_aggregate(value="sum(value)", groupby=["month", "label"])
        .mark_line(point=True, color=BLUE)
        .encode(
            _month_axis(),
            alt.Y("value:Q", title=name, scale=alt.Scale(zero=False), axis=WHOLE_NUMBERS),
            tooltip=[alt.Tooltip("label:O", title=words.text("this_month")), "value:Q"],
        )
        .properties(height=HEIGHT)
    )


def _activity(figures: list[Figure], words: Words) -> Any:
    kinds = sorted({figure.name for figure in figures if figure.name.endswith("_kind")})
    names = {kind: words.value(kind.removesuffix("_kind")) for kind in kinds}
    return (
        _of_the_chosen(_rows(figures, names, words))
        .transform_aggregate(value="sum(value)", groupby=["month", "label", "what"])
        .mark_bar()
        .encode(
            _month_axis(),
            alt.Y("value:Q", title=words.column("interaction_count")),
            alt.Color("what:N", title=None, scale=alt.Scale(range=PALETTE)),
            tooltip=["label:O", "what:N", "value:Q"],
        )
        .properties(height=HEIGHT)
    )


def _bars(
    figures: list[Figure], parts: dict[str, str], title: str, managers: dict[str, str], words: Words
) -> Any:
    """A bar for each manager, longest first; `parts` has its figures and their colours."""
    labels = [words.column(part) for part in parts]
    rows = [
        {
            "manager": figure.manager_id,
            "name": managers.get(figure.manager_id, words.value(figure.manager_id)),
            "what": words.column(figure.name),
            "order": list(parts).index(figure.name),
            "value": figure.value,
        }
        for figure in figures
        if figure.name in parts
    ]
    colours = alt.Scale(domain=labels, range=list(parts.values()))
    return (
        _of_the_chosen(rows)
        .mark_bar()
        .encode(
            alt.Y("name:N", sort="-x", title=None),
            alt.X("sum(value):Q", title=words.column(title)),
            alt.Color("what:N", title=None, scale=colours),
            alt.Order("order:O"),
            tooltip=["name:N", "what:N", "value:Q"],
        )
        .properties(height=alt.Step(BAR))
    )


def _ranking(month: PublishedMonth, managers: dict[str, str], words: Words) -> Any:
    """Places with the interval that chance allows: where intervals overlap, nobody is ahead."""
    found = month.db.execute(
        """select manager_id, place, place_from, place_to from rpt_manager_ranking
           where close_month = ? and is_ranked order by place, manager_id""",
        [month.month.first_day],
    ).fetchall()
    rows = [
        {
            "manager": who,
            "name": managers.get(who, who),
            "place": place,
            "from": place_from,
            "to": place_to,
        }
        for who, place, place_from, place_to in found
        if month.is_seen(who)
    ]
    base = _of_the_chosen(rows).encode(
        alt.Y("name:N", sort=alt.SortField("place"), title=None), tooltip=["name:N", "place:Q"]
    )
    places = alt.X(
        "from:Q",
        title=words.column("place"),
        axis=alt.Axis(tickMinStep=1),
        scale=alt.Scale(zero=False),
    )
    interval = base.mark_bar(height=6, color=GREY, opacity=0.6, cornerRadius=3).encode(
        places, alt.X2("to:Q")
    )
    place = base.mark_point(filled=True, size=90, color=BLUE, opacity=1).encode(alt.X("place:Q"))
    layers = alt.layer(interval, place)
    return layers.properties(height=alt.Step(BAR))


def numbers_in(words: Words) -> Any:
    """How charts write numbers in a language, as Vega's formatLocale has it."""
    return vl_convert.get_format_locale(LOCALES[words.language])


def as_svg(specification: Specification, words: Words) -> str:
    """A chart for print."""
    text = json.dumps(specification | {"width": PRINTED_WIDTH}, ensure_ascii=False)
    printed = json.loads(text.replace(f'"{INK}"', f'"{PRINTED_INK}"'))
    if printed["height"] == HEIGHT:
        printed["height"] = PRINTED_HEIGHT
    config = printed["config"] | {"font": PRINTED_FONT}
    config["axis"] = config["axis"] | UNCUT
    config["legend"] = config["legend"] | UNCUT
    svg: str = vl_convert.vegalite_to_svg(
        printed | {"config": config}, format_locale=LOCALES[words.language]
    )
    return svg
