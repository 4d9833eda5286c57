"""What the peers share: the month, the limits, and how a peer runs in a process of its own.

Imports no engine, so that each peer's process holds its own alone. The peers are written for the
generated CRM as one full load brings it: no merges, absences, second managers, mailings, robots or
deleted rows, no client that comes back, no deadline without a time of day, nobody's employment
ends, and a client's managers follow one another without a gap. Business time is UTC.
"""

import csv
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

REPORTS = (
    "rpt_client_growth",
    "rpt_interaction_kpis",
    "rpt_interaction_outcomes",
    "rpt_no_contact_clients",
    "rpt_manager_load",
)
PREVIOUS_START, START = datetime(2026, 9, 1), datetime(2026, 10, 1)
END, NEXT_END = datetime(2026, 11, 1), datetime(2026, 12, 1)
SCHEDULED_CLOSE = datetime(2026, 11, 2, 6)
# As crm_marts.toml has them.
ACTIVE = timedelta(days=180)
TALK_SECONDS, MAX_SECONDS, WARNING_DAYS = 10, 720 * 60, 60

MEETINGS, CONTACTS, WRITTEN = (
    ["meeting", "visit"],
    ["meeting", "visit", "call"],
    ["email", "message"],
)
# With each of them and `all`, as the reports have them.
CHARACTERISTICS = ["client_class", "client_kind", "region"]
# Kinds in which each manager stands in the outcomes, with zeros too.
OUTCOME_KINDS = ["call", "meeting", "task"]
# Columns that are rolled up into `all`, one grouping after another.
KPI_KEY = ["manager_id", "interaction_kind", "interaction_group"]
ROLLUPS = [
    [*managers, *kinds]
    for managers in ([], ["manager_id"])
    for kinds in ([], ["interaction_group"], ["interaction_kind", "interaction_group"])
]

_TYPES = Path(__file__).parents[2] / "seeds" / "reference" / "interaction_types.csv"


def groups_of_kinds() -> dict[str, str]:
    """The group of an interaction that names none, by its kind."""
    with _TYPES.open(encoding="utf-8") as file:
        return {
            row["raw_type"]: row["interaction_group"]
            for row in csv.DictReader(file)
            if row["crm"] == "plain_files"
        }


def serve(write: Callable[[Path, Path, list[str]], None]) -> None:
    """Be a peer's process: `<load> <out> <report> ...` writes <out>/<report>.parquet of each."""
    load, out, *reports = sys.argv[1:]
    write(Path(load), Path(out), reports)
