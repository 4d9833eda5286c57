"""The published door: does the built month look like the months before it?"""

import duckdb

from orchestration.checks.adapter import judge, scratch
from orchestration.checks.expectations import MART_EXPECTATIONS, Expectation, thresholds
from orchestration.checks.result import CheckResult
from orchestration.close.cells import is_additive
from orchestration.close.edition import edition_dir, editions
from orchestration.close.marts import Mart, mart_rows
from orchestration.close.period import Month
from orchestration.raw.kept import literal, read_parquet
from orchestration.settings import Settings

# A column with more values than this is a key or a number, not a characteristic.
MAX_VALUES = 50
# Differences go up and down around nothing: no size of theirs is usual.
DIFFERENCES = ("change_", "growth_")
# A mart that looks back has rows of earlier months too: what it says of the month itself is judged.
LOOKS_BACK = "event_month"


def check_marts(
    settings: Settings, marts: list[Mart], month: Month, asset: str
) -> list[CheckResult]:
    """Judge the built month as `asset`, in the order of MART_EXPECTATIONS.

    It is held against the editions that readers see of the months before, as many as
    checks.compared_months. Raises RuntimeError when an expectation could not be computed.
    """
    limits = thresholds(settings)
    db = scratch()
    db.execute(f"attach {literal(settings.building_db)} as building (read_only)")
    try:
        _profile(db, settings, marts, month)
    finally:
        db.execute("detach building")
    numbers = ", ".join(f"{value!r} as {name}" for name, value in limits.items())
    db.execute(
        f"""create or replace table asked as
            select date '{month.first_day}' as close_month, {numbers}"""
    )
    for line in MART_EXPECTATIONS:
        db.execute(f"create or replace table {_relation(line)} as {line.rows}")
    return [judge(_relation(line), line, asset, limits) for line in MART_EXPECTATIONS]


def _relation(line: Expectation) -> str:
    return f"marts_{line.name}"


def _profile(
    db: duckdb.DuckDBPyConnection, settings: Settings, marts: list[Mart], month: Month
) -> None:
    """Fill the relation `profile` with what the month and the months before it look like."""
    db.execute(
        """create or replace table profile (
               mart varchar, column_name varchar, value varchar, measure varchar,
               close_month date, amount double)"""
    )
    latest = {edition.month: edition for edition in editions(settings)}  # by number, ascending
    before = sorted(name for name in latest if name < str(month))
    compared = [latest[name] for name in before[-settings.checks.compared_months :]]
    for mart in (mart for mart in marts if mart.is_monthly):
        paths = [edition_dir(settings, edition) / f"{mart.name}.parquet" for edition in compared]
        files = [path for path in paths if path.exists()]
        earlier = f"union all by name from {read_parquet(files)}" if files else ""
        db.execute(
            f"""create or replace temp view judged as
                from ({mart_rows(mart, month, database="building.")} {earlier})
                where period_kind = 'month'"""
        )
        _measure(db, mart)


def _measure(db: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    types = {name: kind for name, kind, *_ in db.execute("describe judged").fetchall()}
    sums = [
        name
        for name, kind in types.items()
        if is_additive(name, kind) and not name.startswith(DIFFERENCES)
    ]
    of_the_month = f" filter ({LOOKS_BACK} = close_month)" if LOOKS_BACK in types else ""
    texts = [name for name, kind in types.items() if kind in ("VARCHAR", "BOOLEAN")]
    measures = [
        _found("", "rows", "count(*)"),
        *(_found(name, "empty", f'count(*) - count("{name}")') for name in types),
        *(_found(name, "sum", f'sum("{name}"){of_the_month}') for name in sums),
        *(_found(name, "values", f'approx_count_distinct("{name}")') for name in texts),
    ]
    db.execute(
        f"""insert into profile
            with measured as (
                select close_month, unnest([{", ".join(measures)}]) as found
                from judged group by close_month
            )
            select '{mart.name}', found.name, null, found.measure, close_month, found.amount
            from measured"""
    )
    few = db.execute(
        """select column_name from profile where mart = ? and measure = 'values'
           group by column_name having max(amount) between 1 and ?""",
        [mart.name, MAX_VALUES],
    ).fetchall()
    for (name,) in few:
        db.execute(
            f"""insert into profile
                select '{mart.name}', '{name}', "{name}", 'value', close_month, count(*)
                from judged where "{name}" is not null
                group by close_month, "{name}" """
        )


def _found(name: str, measure: str, amount: str) -> str:
    return f"{{'name': '{name}', 'measure': '{measure}', 'amount': {amount}}}"
