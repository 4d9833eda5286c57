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
