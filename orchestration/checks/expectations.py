"""What is expected of the data at both doors: one table, each line an expectation over a few rows.

dbt tests guard keys, relations, rules and identities; here stand shape, volume and distribution.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.checks import mart_rows, raw_rows
from orchestration.settings import Settings


@dataclass(frozen=True)
class Expectation:
    """One line of the table.

    `rows` is SQL that yields `subject`, `observed` and what the expectation reads, worst first;
    `threshold` is a template over the names of `thresholds`, as are the $PARAMETERs of `kwargs`.
    """

    name: str
    rows: str
    expectation: str
    kwargs: Mapping[str, Any]
    threshold: str
    is_blocking: bool
    remedy: str


def thresholds(settings: Settings) -> dict[str, float]:
    """Numbers that expectations and their SQL name."""
    return {
        **settings.checks.model_dump(),
        "least_share": 1 - settings.checks.volume_drop_share,
        "most_share": 1 + settings.checks.volume_rise_share,
        "least_rise_share": -settings.checks.volume_drop_share,
        "max_load_age_days": settings.close.max_load_age_days,
    }


def _at_most(column: str, threshold: str) -> dict[str, Any]:
    return {"column": column, "max_value": {"$PARAMETER": threshold}}


RAW_EXPECTATIONS = (
    Expectation(
        name="schema",
        rows=raw_rows.SCHEMA_ROWS,
        expectation="ExpectColumnValuesToBeInSet",
        kwargs={"column": "column_type", "value_set": ["VARCHAR"]},
        threshold="every declared column of every declared table, as text",
        is_blocking=True,
        remedy="Land again: landing rebuilds the views of history.duckdb from the kept loads.",
    ),
    Expectation(
        name="volume",
        rows=raw_rows.VOLUME_ROWS,
        expectation="ExpectColumnValuesToBeBetween",
        kwargs=_at_most("lost_share", "volume_drop_share"),
        threshold="at least {least_share:g} of the load of the last close, "
        "tables of {small_table_rows} rows or more",
        is_blocking=True,
        remedy="Look whether the export was cut short. If so, deliver a whole load; if the rows "
        "are gone for good, raise checks.volume_drop_share for this close.",
    ),
    Expectation(
        name="keys",
        rows=raw_rows.KEYS_ROWS,
        expectation="ExpectColumnPairValuesAToBeGreaterThanB",
        kwargs={"column_A": "allowed_share", "column_B": "keyless_share", "or_equal": True},
        threshold="at most {quarantine_block_share:g} of a table's rows without a key, "
        "{quarantine_block_rows} rows below {small_table_rows}",
        is_blocking=True,
        remedy="Look at these tables' key columns in the newest load (meta.key in the CRM's "
        "sources file says which) and export them filled.",
    ),
    Expectation(
        name="freshness",
        rows=raw_rows.FRESHNESS_ROWS,
        expectation="ExpectColumnValuesToBeBetween",
        kwargs=_at_most("age_days", "max_load_age_days"),
        threshold="delivered at most {max_load_age_days} days before the scheduled close",
        is_blocking=False,
        remedy="Deliver a newer load that holds these tables, or raise close.max_load_age_days.",
    ),
)

MART_EXPECTATIONS = (
    Expectation(
        name="volume",
        rows=mart_rows.VOLUME_ROWS,
        expectation="ExpectColumnValuesToBeBetween",
        kwargs={"column": "rise_share", "min_value": {"$PARAMETER": "least_rise_share"}},
        threshold="at least {least_share:g} of the rows that the months before have, marts with "
        "{small_table_rows} rows or more",
        is_blocking=True,
        remedy="Look whether a delivery lacks part of the month (crm-marts status, crm-marts "
        "quarantine) or a changed list, setting or model drops rows. If the month was like this, "
        "raise checks.volume_drop_share for this close.",
    ),
    Expectation(
        name="rise",
        rows=mart_rows.RISE_ROWS,
        expectation="ExpectColumnValuesToBeBetween",
        kwargs=_at_most("rise_share", "volume_rise_share"),
        threshold="at most {most_share:g} times the rows that the months before have, marts with "
        "{small_table_rows} rows or more",
        is_blocking=False,
        remedy="Look whether rows came twice: two sources of one CRM, a second export, a list with "
        "two lines for one value.",
    ),
    Expectation(
        name="sums",
        rows=mart_rows.SUM_ROWS,
        expectation="ExpectColumnValuesToBeBetween",
        kwargs={
            "column": "rise_share",
            "min_value": {"$PARAMETER": "least_rise_share"},
            "max_value": {"$PARAMETER": "volume_rise_share"},
        },
        threshold="between {least_share:g} and {most_share:g} times the sum that is "
        "usual, sums of {small_table_rows} or more",
        is_blocking=False,
        remedy="Look at the column's rows of this month beside the months before; a unit, a "
        "status or a type may have changed in the CRM.",
    ),
    Expectation(
        name="filled",
        rows=mart_rows.FILLED_ROWS,
        expectation="ExpectColumnValuesToBeBetween",
        kwargs=_at_most("empty_rise_share", "empty_rise_share"),
        threshold="at most {empty_rise_share:g} more of a column's rows empty than is usual, "
        "marts with {small_table_rows} rows or more",
        is_blocking=False,
        remedy="Look whether the CRM stopped filling the field, or the export renamed it.",
    ),
    Expectation(
        name="distribution",
        rows=mart_rows.DISTRIBUTION_ROWS,
        expectation="ExpectColumnValuesToBeBetween",
        kwargs=_at_most("shifted_share", "distribution_shift_share"),
        threshold="at most {distribution_shift_share:g} of a column's rows with other values than "
        "is usual, marts with {small_table_rows} rows or more",
        is_blocking=False,
        remedy="Look which values came or went; a type, a status or a reference list may have "
        "changed.",
    ),
)
