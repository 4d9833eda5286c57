"""The pack's workbook: a sheet per report, readable by Excel and by those who only know Excel.

CRM text is written as text, so that no cell of a client's becomes a formula or a link.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import (
    CellDatetimeTuple,
    CellNumberTuple,
    CellStringTuple,
    Worksheet,
)

from orchestration.delivery.published_month import PublishedMonth, Table
from orchestration.delivery.summary import Curve, Value, curves
from orchestration.delivery.words import Words

if TYPE_CHECKING:  # what draws charts is a hundred megabytes, which a register does without
    from orchestration.delivery.content import Content

# Cells are text, whatever they look like, and a row is on disk before the next one is written.
OPTIONS = {
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "constant_memory": True,
}
# A sheet for each mart, and the column that says whose row it is; None: of the whole company.
SHEETS = {
    "rpt_client_growth": None,
    "rpt_named_segments": None,
    "rpt_segment_sizes": None,
    "rpt_segment_overlap": None,
    "rpt_segment_migration": None,
    "rpt_manager_load": "manager_id",
    "rpt_contact_persons": None,
    "rpt_interaction_kpis": "manager_id",
    "rpt_interaction_groups": "manager_id",
    "rpt_interaction_outcomes": "manager_id",
    "rpt_planned_activity": "manager_id",
    "rpt_deadline_compliance": "manager_id",
    "rpt_plan_fulfilment": "manager_id",
    "rpt_manager_ranking": "manager_id",
    "rpt_no_contact_clients": "owner_manager_id",
    "rpt_late_entries": "manager_id",
}
FIRST_ROW = 3  # title, way back, headings
WORDS_KEPT = 1000  # texts whose form in the file is remembered
SHEET_ROWS = 1_048_576 - FIRST_ROW  # of a sheet, as Excel has it
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
    "month": 12,
    "day": 12,
    "moment": 17,
    "text": 24,
    "characteristic": 18,
    "mart": 28,
    "column_name": 24,
}


class Sheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A worksheet whose cells of text and numbers are written by a shorter way.

    XlsxWriter puts a cell together from a list of attributes and looks through its text six times;
    a register has millions, most with a word that came before. It also takes text in <r> and </r>
    for markup of its own, so that a client's name could break the file: here all text is text.
    """

    def __init__(self) -> None:
        """An empty sheet."""
        super().__init__()
        self._written = lru_cache(WORDS_KEPT)(self._text_element)

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        place = xl_rowcol_to_cell_fast(row, col)
        style = f' s="{cell.format._get_xf_index()}"' if cell.format else ""
        if isinstance(cell, CellStringTuple):
            self.fh.write(f'<c r="{place}"{style}{self._written(cell.string)}')
        elif isinstance(cell, CellNumberTuple | CellDatetimeTuple):
            self.fh.write(f'<c r="{place}"{style}><v>{cell.number:.16G}</v></c>')
        else:
            super()._write_cell(row, col, cell)

    def _text_element(self, text: str) -> str:
        plain = self._escape_data(self._escape_control_characters(text))
        space = ' xml:space="preserve"' if plain != plain.strip() else ""
        return f' t="inlineStr"><is><t{space}>{plain}</t></is></c>'


class Workbook:
    """Sheets in one file; closes it at the end of a `with`."""

    def __init__(self, path: Path, words: Words) -> None:
        """Begin a book at the path."""
        self.words = words
        self.book = xlsxwriter.Workbook(str(path), OPTIONS)
        day = "dd.mm.yyyy" if words.language == "ru" else "yyyy-mm-dd"
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
            "month": self._format(num_format="mm.yyyy" if words.language == "ru" else "mmm yyyy"),
            "day": self._format(num_format=day),
            "moment": self._format(num_format=f"{day} hh:mm"),
        }

    def __enter__(self) -> "Workbook":
        """The book itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        """Write the file, unless an error left it half done."""
        if kind is None:
            self.book.close()

    def _format(self, **properties: object) -> Format:
        return self.book.add_format(properties)

    def add_sheet(self, title: str) -> Worksheet:
        """An empty sheet."""
        return self.book.add_worksheet(title, Sheet)

    def fill_contents(
        self, sheet: Worksheet, month: PublishedMonth, sheets: dict[str, tuple[str, int]]
    ) -> None:
        """What the book holds, with links; `sheets` has mart and rows by the sheet's name."""
        words = self.words
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 1, 10)
        sheet.set_column(2, 2, 100)
        sheet.write_string(0, 0, month.title(words), self.title)
        sheet.write_string(1, 0, month.edition_line(words), self.note)
        for place, key in enumerate(("sheet", "rows", "meaning")):
            sheet.write_string(FIRST_ROW - 1, place, words.text(key), self.heading)
        summary = words.text("summary")
        sheet.write_url(FIRST_ROW, 0, f"internal:'{summary}'!A1", self.link, summary)
        for row, (name, (mart, count)) in enumerate(sheets.items(), start=FIRST_ROW + 1):
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self.link, name)
            sheet.write_number(row, 1, count, self.formats["count"])
            sheet.write_string(row, 2, words.meaning(mart), self.note)

    def add_summary(self, values: list[Value], curves: list[Curve]) -> None:
        """Headlines with what they are compared with, and the curves with their charts."""
        sheet, words = self.add_sheet(self.words.text("summary")), self.words
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
        chart = self.book.add_chart(CHARTS[curve.shape])
        first, last = row + 2, row + 1 + len(curve.categories)
        for place, series in enumerate(curve.series, start=1):
            sheet.write_string(row + 1, place, series.name, self.heading)
            chart.add_series(
                {
                    "name": [name, row + 1, place],
                    "categories": [name, first, 0, last, 0],
                    "values": [name, first, place, last, place],
                }
            )
        values = zip(*(series.values for series in curve.series), strict=True)
        lines = zip(curve.categories, values, strict=True)
        for number, (category, line) in enumerate(lines, start=first):
            sheet.write_string(number, 0, category)
            for place, value in enumerate(line, start=1):
                sheet.write_number(number, place, value, self.formats["count"])
        chart.set_title({"name": words.text(curve.title), "name_font": {"size": 12}})
        chart.set_legend({"position": "bottom" if len(curve.series) > 1 else "none"})
        chart.set_size({"width": 720, "height": 320})
        sheet.insert_chart(row, len(curve.series) + 2, chart)
        return max(last, row + 17) + 2

    def add_report(self, table: Table, back: str | None) -> dict[str, tuple[str, int]]:
        """A sheet with a report's rows, and further ones where Excel takes no more in one.

        `back` is the sheet to which they lead back. Returns mart and rows by the sheet's name.
        """
        title, rows = self.words.mart(table.mart), table.rows()
        added: dict[str, tuple[str, int]] = {}
        following: tuple[object, ...] | None = next(rows, None)
        while following is not None or not added:
            name = f"{title[:28]} {len(added) + 1}" if added else title
            kept = chain([following], islice(rows, SHEET_ROWS - 1)) if following else iter(())
            added[name] = table.mart, self._add_rows(name, title, table, kept, back)
            following = next(rows, None)
        return added

    def _add_rows(
        self,
        name: str,
        title: str,
        table: Table,
        rows: Iterator[tuple[object, ...]],
        back: str | None,
    ) -> int:
        sheet = self.add_sheet(name)
        sheet.write_string(0, 0, title, self.title)
        if back:
            sheet.write_url(1, 0, f"internal:'{back}'!A1", self.link, self.words.text("back"))
        writers = []
        for place, (column, kind) in enumerate(zip(table.columns, table.kinds, strict=True)):
            sheet.set_column(place, place, WIDTHS[kind])
            sheet.write_string(FIRST_ROW - 1, place, self.words.column(column), self.heading)
            writers.append(self._writer(sheet, place, kind))
        last = FIRST_ROW - 1
        for last, row in enumerate(rows, start=FIRST_ROW):
            for write, value in zip(writers, row, strict=True):
                if value is not None:
                    write(last, value)
        count = last - FIRST_ROW + 1
        if not count:
            sheet.write_string(FIRST_ROW, 0, self.words.text("nothing"), self.note)
        sheet.autofilter(FIRST_ROW - 1, 0, max(FIRST_ROW, last), len(writers) - 1)
        sheet.freeze_panes(FIRST_ROW, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(FIRST_ROW - 1)
        return count

    def _writer(self, sheet: Worksheet, column: int, kind: str) -> Callable[[int, Any], object]:
        """How a value of a kind is put into a row of a column."""
        words, text, number = self.words, sheet.write_string, sheet.write_number
        if kind == "text":
            return lambda row, value: text(row, column, words.value(value))
        named = {
            "characteristic": words.characteristic,
            "mart": words.mart,
            "column_name": words.any_column,
        }
        if kind in named:
            return lambda row, value: text(row, column, named[kind](value))
        form, day = self.formats[kind], sheet.write_datetime
        if kind in ("month", "day", "moment"):
            return lambda row, value: day(row, column, value, form)
        return lambda row, value: number(row, column, value, form)


def write_workbook(content: "Content", path: Path) -> None:
    """Write the month's workbook: contents, summary with charts, a sheet for each report."""
    month, words, figures = content.month, content.words, content.figures
    is_for_all = month.audience.managers is None
    sheets: dict[str, tuple[str, int]] = {}
    with Workbook(path, words) as book:
        contents = book.add_sheet(words.text("contents"))
        back = contents.get_name()
        book.add_summary(
            content.headlines, curves(figures, month.month.first_day, content.names, words)
        )
        for mart, owner in SHEETS.items():
            if owner or is_for_all:
                sheets |= book.add_report(month.report(mart, owner), back)
        if is_for_all:
            sheets |= book.add_report(month.restatements(content.shown_before), back)
        book.fill_contents(contents, month, sheets)
