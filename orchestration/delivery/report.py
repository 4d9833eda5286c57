"""The pack's page: one file that opens anywhere, with no server and no network."""

import json
from pathlib import Path

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from orchestration.delivery.charts import numbers_in
from orchestration.delivery.content import Content
from orchestration.delivery.published_month import Figure
from orchestration.delivery.summary import HEADLINES

PAGE, SCRIPT, STYLE = "report.html", "report.js", "report.css"
HERE = Path(__file__).parent


def write_report(content: Content, path: Path) -> None:
    """Write the page of a month."""
    month, words, figures, names = content.month, content.words, content.figures, content.names
    people = month.managers()
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
        "charts": content.charts,
        "figures": _by_month(figures),
        "headlines": [vars(headline) for headline in HEADLINES],
        "managers": managers,
        "month": month.month.first_day.isoformat(),
        "locale": words.language,
        "numbers": numbers_in(words),
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
            content=content,
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
