"""The pack's workbook: a sheet per report, readable by Excel and by those who only know Excel.

CRM text is written as text, so that no cell of a client's becomes a formula or a link.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from orchestration.delivery.published_month import PublishedMonth, Table
from orchestration.delivery.words import Words

# As text, whatever it looks like.
PLAIN = {
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "constant_memory": True,
}
SHEETS = (
    "rpt_client_growth",
    "rpt_named_segments",
    "rpt_segment_sizes",
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
MOST_IN_A_NAME = 31  # Excel's own limit


class Workbook:
    """Sheets of one pack in one file; `close` writes the rest of it."""

    def __init__(self, path: Path, words: Words) -> None:
        self.words = words
        self.book = xlsxwriter.Workbook(str(path), PLAIN)
        self.heading = self.book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#eef2f7"}
        )
        self.title = self.book.add_format({"bold": True, "font_size": 14})
        self.formats = {
            "count": self._format("#,##0"),
            "amount": self._format("#,##0.0"),
            "share": self._format("0%"),
            "score": self._format("0.000"),
            "day": self._format("dd.mm.yyyy" if words.language == "ru" else "yyyy-mm-dd"),
            "moment": self._format(
                "dd.mm.yyyy hh:mm" if words.language == "ru" else "yyyy-mm-dd hh:mm"
            ),
        }

    def _format(self, pattern: str) -> Format:
        return self.book.add_format({"num_format": pattern})
