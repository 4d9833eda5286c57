"""The raw door: are the landed loads fit to close a month with?"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import duckdb

from orchestration.checks.adapter import judge, scratch
from orchestration.checks.expectations import RAW_EXPECTATIONS, Expectation, thresholds
from orchestration.checks.result import CheckResult
from orchestration.close.period import RunPeriod, scheduled_close
from orchestration.errors import CrmMartsError
from orchestration.raw.declared import tables_in_use
from orchestration.raw.kept import literal
from orchestration.settings import Settings


def raw_checks(crms: Iterable[str]) -> list[tuple[str, str, bool]]:
    """CRM, name and whether it blocks, of every check that `check_raw` runs."""
    return [(crm, line.name, line.is_blocking) for crm in crms for line in RAW_EXPECTATIONS]


def check_raw(settings: Settings, period: RunPeriod) -> list[CheckResult]:
    """Judge what is known at the period's as_of, in the order of `raw_checks(settings.crms)`.

    history.duckdb is read, and released before Great Expectations starts. Raises CrmMartsError
    when nothing was landed yet, RuntimeError when an expectation could not be computed.
    """
    limits = thresholds(settings)
    with _history(settings) as db:
        for crm in settings.crms:
            _ask(db, settings, period, crm, limits)
            for line in RAW_EXPECTATIONS:
                db.execute(f"create or replace table {_relation(crm, line)} as {line.rows}")
    return [
        judge(_relation(crm, line), line, f"raw/{crm}", limits)
        for crm in settings.crms
        for line in RAW_EXPECTATIONS
    ]


@contextmanager
def _history(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The scratch database with history.duckdb attached for as long as rows are computed."""
    if not settings.history_db.is_file():
        raise CrmMartsError(
            "nothing was landed yet", place=str(settings.history_db), remedy="Land a load first."
        )
    db = scratch()
    spill = (
        f"{settings.history_db}.tmp"  # an in-memory database would spill into the working folder
    )
    if db.execute("select current_setting('temp_directory')").fetchall() != [(spill,)]:
        db.execute(f"set temp_directory = {literal(spill)}")
    db.execute(f"attach {literal(settings.history_db)} as history (read_only)")
    try:
        yield db
    finally:
        db.execute("detach history")


def _ask(
    db: duckdb.DuckDBPyConnection,
    settings: Settings,
    period: RunPeriod,
    crm: str,
    limits: dict[str, float],
) -> None:
    """Write the relations that the expectations' SQL reads beside history.duckdb."""
    previous_close_at = scheduled_close(settings, period.month.previous())
    numbers = ", ".join(f"{value!r} as {name}" for name, value in limits.items())
    db.execute(
        f"""create or replace table asked as
            select {literal(crm)} as crm, {_moment(period.as_of)} as as_of,
                   {_moment(previous_close_at)} as previous_close_at,
                   {_moment(period.scheduled_close_at)} as scheduled_close_at, {numbers}"""
    )
    tables = tables_in_use(settings, crm).values()
    columns = [(table.name, name) for table in tables for name in table.columns]
    db.execute("create or replace table declared (table_name varchar, column_name varchar)")
    db.executemany("insert into declared values (?, ?)", columns)
    views = db.execute(
        """select distinct declared.table_name from declared cross join asked
           inner join duckdb_views() as views
               on views.database_name = 'history' and views.schema_name = 'raw_' || asked.crm
               and declared.table_name = views.view_name"""
    ).fetchall()
    current_keys = " union all ".join(_keys_of(crm, name) for (name,) in views)
    nothing = "select '' as source, '' as table_name, 0 as row_count, 0 as keyless_count limit 0"
    db.execute(f"create or replace table current_keys as {current_keys or nothing}")


def _keys_of(crm: str, table: str) -> str:
    """Landing gives a row without a usable key one that begins with a question mark."""
    return f"""
        select rows._source as source, {literal(table)} as table_name,
               count(*) as row_count, count(*) filter (rows._key[1] = '?') as keyless_count
        from history.raw_{crm}."{table}" as rows
        cross join asked
        where rows._extracted_at <= asked.as_of
            and (rows._gone_at is null or rows._gone_at > asked.as_of)
        group by rows._source"""


def _relation(crm: str, line: Expectation) -> str:
    return f"raw_{crm}_{line.name}"


def _moment(moment: datetime) -> str:
    return f"timestamp '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"
