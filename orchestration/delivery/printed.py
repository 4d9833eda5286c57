"""The pack on paper: a PDF with the sections and charts of the page."""

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typst

from orchestration.delivery.charts import as_svg
from orchestration.delivery.content import Cell, Content, Part
from orchestration.delivery.summary import Value
from orchestration.delivery.words import Words

TEMPLATE, DATA = "report.typ", "report.json"
# Of a section; paper is for reading, the workbook for looking up.
MOST_ROWS = 30


def write_printed(content: Content, path: Path) -> None:
    """Write the PDF of a month."""
    month, words = content.month, content.words
    report = {
        "title": month.title(words),
        "edition": month.edition_line(words),
        "language": words.language,
        "summary": words.text("summary"),
        "nothing": words.text("nothing"),
        **_headlines(content.headlines, words),
        "parts": [_part(part, words, part.name in content.charts) for part in content.parts],
    }
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(Path(__file__).with_name(TEMPLATE), Path(folder, TEMPLATE))
        Path(folder, DATA).write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
        for name, chart in content.charts.items():
            Path(folder, f"{name}.svg").write_text(as_svg(chart, words), encoding="utf-8")
        template = str(Path(folder, TEMPLATE))
        typst.compile(template, output=str(path), root=folder, ignore_system_fonts=True)


def _headlines(values: list[Value], words: Words) -> dict[str, Any]:
    names = ("figure", "this_month", "previous_month", "change", "year_ago", "change")
    headings = [Cell(words.text(name), is_number=name != "figure") for name in names]
    rows = [
        [
            words.column(value.headline.label),
            value.shown(value.month, words),
            value.shown(value.previous, words),
            value.shown_change(value.change, words),
            value.shown(value.year_ago, words),
            value.shown_change(value.year_change, words),
        ]
        for value in values
    ]
    return {
        "headline_headings": [asdict(cell) for cell in headings],
        "headlines": [[asdict(Cell(text)) for text in row] for row in rows],
    }


def _part(part: Part, words: Words, has_chart: bool) -> dict[str, Any]:
    left_out = part.left_out + len(part.rows[MOST_ROWS:])
    return {
        "title": words.text(f"{part.name}_title"),
        "note": words.text(f"{part.name}_note"),
        "chart": f"{part.name}.svg" if has_chart else None,
        "headings": [asdict(cell) for cell in part.headings],
        "rows": [[asdict(cell) for cell in row] for row in part.rows[:MOST_ROWS]],
        "left_out": words.text("left_out", count=words.number(left_out)) if left_out else None,
    }
