"""The pack's workbook: a sheet per report, readable by Excel and by those who only know Excel.

CRM text is written as text, so that no cell of a client's becomes a formula or a link.
"""

from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from orchestration.delivery.published_month import PublishedMonth, Table
from orchestration.delivery.summary import Curve, Value, curves, values
from orchestration.delivery.words import Words

# As text, whatever it looks like.
PLAIN = {
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}
SHEETS = (
    "rpt_client_growth",
    "rpt_named_segments",
    "rpt_segment_sizes",
    "rpt_segment_overlap",
    "rpt_segment_migration",
    "rpt_manager_load",
    "rpt_contact_persons",
    "rpt_interaction_kpis",
    "rpt_interaction_groups",
    "rpt_interaction_outcomes",
    "rpt_planned_activity",
    "rpt_deadline_compliance",
    "rpt_plan_fulfilment",
    "rpt_manager_ranking",
    "rpt_no_contact_clients",
    "rpt_late_entries",
)
FIRST_ROW = 3  # title, way back, headings
CHARTS: dict[str, dict[str, str]] = {
    "line": {"type": "line"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "bars": {"type": "bar"},
}

WIDTHS = {
    "count": 12,
    "amount": 12,
    "share": 10,
    "score": 10,
    "day": 12,
    "moment": 17,
    "text": 24,
    "characteristic": 18,
}


class Workbook:
    """Sheets of one pack in one file."""

    def __init__(self, path: Path, words: Words) -> None:
        """Begin a book at the path, with an empty first sheet for its contents."""
        self.words = words
        self.book = xlsxwriter.Workbook(str(path), PLAIN)
        russian = words.language == "ru"
        day = "dd.mm.yyyy" if russian else "yyyy-mm-dd"
        self.title = self._format(bold=True, font_size=14)
        self.note = self._format(font_color="#555555", text_wrap=True, valign="top")
        self.link = self._format(font_color="#0b57d0", underline=1)
        self.heading = self._format(
            bold=True, text_wrap=True, valign="top", bottom=1, bg_color="#e8eef7"
        )
        self.formats = {
            "count": self._format(num_format="#,##0"),
            "amount": self._format(num_format="#,##0.0"),
            "share": self._format(num_format="0%"),
            "score": self._format(num_format="0.000"),
            "day": self._format(num_format=day),
            "moment": self._format(num_format=f"{day} hh:mm"),
        }
        self.contents = self.book.add_worksheet(words.text("contents"))

    def _format(self, **properties: object) -> Format:
        return self.book.add_format(properties)

    def add_contents(self, month: PublishedMonth, sheets: dict[str, Table]) -> None:
        """The first sheet: what the book holds, with links; `sheets` by name, in order."""
        sheet, words = self.contents, self.words
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 1, 10)
        sheet.set_column(2, 2, 100)
        sheet.write_string(0, 0, month.title(words), self.title)
        sheet.write_string(1, 0, month.edition_line(words), self.note)
        for place, key in enumerate(("sheet", "rows", "meaning")):
            sheet.write_string(FIRST_ROW - 1, place, words.text(key), self.heading)
        summary = words.text("summary")
        sheet.write_url(FIRST_ROW, 0, f"internal:'{summary}'!A1", self.link, summary)
        for row, (name, table) in enumerate(sheets.items(), start=FIRST_ROW + 1):
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self.link, words.mart(table.mart))
            sheet.write_number(row, 1, len(table.rows), self.formats["count"])
            sheet.write_string(row, 2, words.meaning(table.mart), self.note)

    def add_summary(self, values: list[Value], curves: list[Curve]) -> None:
        """Headlines with what they are compared with, and the curves with their charts."""
        sheet, words = self.book.add_worksheet(self.words.text("summary")), self.words
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, 14, 13)
        sheet.write_string(0, 0, words.text("summary"), self.title)
        keys = ("figure", "this_month", "previous_month", "change", "year_ago", "change")
        for place, key in enumerate(keys):
            sheet.write_string(FIRST_ROW - 1, place, words.text(key), self.heading)
        for row, value in enumerate(values, start=FIRST_ROW):
            kind = self.formats["share" if value.headline.of else "count"]
            sheet.write_string(row, 0, words.column(value.headline.label))
            cells = (value.month, value.previous, value.change, value.year_ago, value.year_change)
            for place, number in enumerate(cells, start=1):
                if number is not None:
                    sheet.write_number(row, place, number, kind)
        row = FIRST_ROW + len(values) + 2
        for curve in curves:
            row = self._add_curve(sheet, row, curve)

    def _add_curve(self, sheet: Worksheet, row: int, curve: Curve) -> int:
        """A curve's numbers and beside them its chart; the row after both."""
        name, words = sheet.get_name(), self.words
        sheet.write_string(row, 0, words.text(curve.title), self.title)
        for place, series in enumerate(curve.series, start=1):
            sheet.write_string(row + 1, place, series.name, self.heading)
        chart = self.book.add_chart(CHARTS[curve.shape])
        last = row + 1 + len(curve.categories)
        for number, category in enumerate(curve.categories, start=row + 2):
            sheet.write_string(number, 0, category)
        for place, series in enumerate(curve.series, start=1):
            for number, value in enumerate(series.values, start=row + 2):
                sheet.write_number(number, place, value, self.formats["count"])
            chart.add_series(
                {
                    "name": [name, row + 1, place],
                    "categories": [name, row + 2, 0, last, 0],
                    "values": [name, row + 2, place, last, place],
                }
            )
        chart.set_title({"name": words.text(curve.title), "name_font": {"size": 12}})
        chart.set_legend({"position": "bottom" if len(curve.series) > 1 else "none"})
        chart.set_size({"width": 720, "height": 320})
        sheet.insert_chart(row, len(curve.series) + 2, chart)
        return max(last, row + 17) + 2

    def add_report(self, table: Table) -> str:
        """A sheet with a report's rows; its name."""
        title = self.words.mart(table.mart)
        sheet = self.book.add_worksheet(title)
        sheet.write_string(0, 0, title, self.title)
        sheet.write_url(
            1, 0, f"internal:'{self.words.text('contents')}'!A1", self.link, self.words.text("back")
        )
        kinds = table.kinds
        for place, (column, kind) in enumerate(zip(table.columns, kinds, strict=True)):
            sheet.set_column(place, place, WIDTHS[kind])
            sheet.write_string(FIRST_ROW - 1, place, self.words.column(column), self.heading)
        for number, row in enumerate(table.rows, start=FIRST_ROW):
            for place, (value, kind) in enumerate(zip(row, kinds, strict=True)):
                self._write(sheet, number, place, value, kind)
        last = max(FIRST_ROW, FIRST_ROW + len(table.rows) - 1)
        sheet.autofilter(FIRST_ROW - 1, 0, last, len(kinds) - 1)
        sheet.freeze_panes(FIRST_ROW, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(FIRST_ROW - 1)
        if not table.rows:
            sheet.write_string(FIRST_ROW, 0, self.words.text("nothing"), self.note)
        return title

    def _write(self, sheet: Worksheet, row: int, column: int, value: Any, kind: str) -> None:
        if value is None:
            return
        if kind == "text":
            sheet.write_string(row, column, self.words.value(value))
        elif kind == "characteristic":
            sheet.write_string(row, column, self.words.characteristic(value))
        elif kind in ("day", "moment"):
            sheet.write_datetime(row, column, value, self.formats[kind])
        else:
            sheet.write_number(row, column, value, self.formats[kind])


def write_workbook(month: PublishedMonth, words: Words, path: Path) -> None:
    """Write the month's workbook: contents, summary with charts, a sheet for each report."""
    book = Workbook(path, words)
    first, figures = month.month.first_day, month.figures()
    names = {key: name for key, (name, _) in month.managers().items()}
    book.add_summary(values(figures, first), curves(figures, first, names, words))
    tables = [month.report(mart) for mart in SHEETS]
    book.add_contents(month, {book.add_report(table): table for table in tables})
    book.book.close()
