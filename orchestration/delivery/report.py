"""The pack's page: one file that opens anywhere, with no server and no network."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from orchestration.delivery.charts import charts
from orchestration.delivery.published_month import NUMBERS, Figure, PublishedMonth, Table
from orchestration.delivery.sections import SECTIONS, section_rows
from orchestration.delivery.summary import HEADLINES
from orchestration.delivery.words import Language, Words

PAGE, SCRIPT, STYLE = "report.html", "report.js", "report.css"
HERE = Path(__file__).parent
# A browser stays quick with so many rows; the workbook has the others.
MOST_ROWS = 500
LOCALES: dict[Language, Literal["en-US", "ru-RU"]] = {"en": "en-US", "ru": "ru-RU"}


@dataclass(frozen=True)
class Cell:
    """A value as the page shows it."""

    text: str
    is_number: bool


@dataclass(frozen=True)
class Part:
    """A section of the page; `owners` has the manager of each row, `left_out` counts rows."""

    name: str
    title: str
    note: str
    headings: list[Cell]
    rows: list[list[Cell]]
    owners: list[str | None]
    left_out: int
    has_chart: bool
    is_of_managers: bool


def write_report(month: PublishedMonth, words: Words, path: Path) -> None:
    """Write the page of a month."""
    figures = month.figures()
    people = month.managers()
    names = {key: name for key, (name, _) in people.items()}
    drawn = charts(month, figures, names, words)
    # Those of earlier months too: a team's past is that of all who were in it.
    shown = {figure.manager_id for figure in figures}
    managers = sorted(
        (
            {
                "id": key,
                "name": names.get(key, words.value(key)),
                "team": people.get(key, ("", None))[1],
            }
            for key in shown
        ),
        key=lambda manager: (manager["id"] not in names, manager["name"]),
    )
    data = {
        "charts": drawn,
        "figures": _by_month(figures),
        "headlines": [vars(headline) for headline in HEADLINES],
        "managers": managers,
        "month": month.month.first_day.isoformat(),
        "locale": words.language,
        "numbers": vl_convert.get_format_locale(LOCALES[words.language]),
        "texts": {key: words.labels["texts"][key] for key in ("rows_shown", "points")},
    }
    page = _pages().get_template(PAGE)
    path.write_text(
        page.render(
            words=words,
            title=month.title(words),
            edition=month.edition_line(words),
            managers=managers,
            teams=sorted({manager["team"] for manager in managers if manager["team"]}),
            headlines=HEADLINES,
            parts=[
                _part(section.name, section_rows(month, section), words, drawn)
                for section in SECTIONS
            ],
            data=_as_script(data),
            style=Markup((HERE / STYLE).read_text(encoding="utf-8")),
            script=Markup((HERE / SCRIPT).read_text(encoding="utf-8")),
            vega=_bundle(),
        ),
        encoding="utf-8",
    )


def _pages() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def _by_month(figures: list[Figure]) -> dict[str, dict[str, dict[str, float]]]:
    """Values by figure, month and manager."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for figure in figures:
        months = found.setdefault(figure.name, {})
        months.setdefault(figure.month.isoformat(), {})[figure.manager_id] = figure.value
    return found


def _part(name: str, table: Table, words: Words, drawn: Mapping[str, Any]) -> Part:
    kinds = table.kinds
    return Part(
        name=name,
        title=words.text(f"{name}_title"),
        note=words.text(f"{name}_note"),
        headings=[
            Cell(words.column(column), kind in NUMBERS)
            for column, kind in zip(table.columns, kinds, strict=True)
        ],
        rows=[
            [_cell(value, kind, words) for value, kind in zip(row, kinds, strict=True)]
            for row in table.rows[:MOST_ROWS]
        ],
        owners=table.owners[:MOST_ROWS],
        left_out=max(0, len(table.rows) - MOST_ROWS),
        has_chart=name in drawn,
        is_of_managers=any(table.owners),
    )


def _cell(value: Any, kind: str, words: Words) -> Cell:
    if kind in NUMBERS:
        digits = {"amount": 1, "score": 3}.get(kind, 0)
        number = words.share(value) if kind == "share" else words.number(value, digits)
        return Cell(number, is_number=True)
    if value is None:
        return Cell("", is_number=False)
    texts: dict[str, Callable[[Any], str]] = {
        "day": words.day,
        "moment": words.moment,
        "characteristic": words.characteristic,
    }
    return Cell(texts.get(kind, words.value)(value), is_number=False)


def _as_script(data: object) -> Markup:
    """JSON in which no name can end or begin an element of the page."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _bundle() -> Markup:
    """Vega, Vega-Lite and Vega-Embed, so that the page asks no server for them."""
    return Markup(
        vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace(
            "</script", "<\\/script"
        )
    )
