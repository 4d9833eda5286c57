"""What the serving file tells of editions: all of them, and what restatements changed."""

import duckdb

from orchestration.close.columns import fit_columns
from orchestration.close.edition import Edition, edition_dir, editions
from orchestration.close.marts import Mart
from orchestration.close.pending import CHANGES, pending_dir, pending_restatements
from orchestration.raw.kept import literal
from orchestration.settings import Settings

RESTATEMENTS = {
    "restated_month": "Closed month, such as 2026-08.",
    "edition": "Number of the edition that makes the change.",
    "is_published": "False while the restatement waits to be published.",
    "as_of": "Moment of knowledge of that edition, UTC.",
    "mart": "Mart whose row changes.",
    "row_key": "Key of the row, as JSON.",
    "column_name": "Column that changes; (row) where the whole row came or went.",
    "old_value": "Value in the edition before, as text; null where the row was not there.",
    "new_value": "Value in this edition, as text; null where the row is not there any more.",
    "cause": "late entry, deletion, merge, owner change, reclassification, edit, configuration or "
    "code; derived where several causes meet in a figure that is no sum.",
    "delta": "What the cause adds to the figure; the causes of a cell sum to new less old value. "
    "Null in columns that are no sums.",
}
HISTORY_EDITIONS = """
    create or replace table marts_history.editions (
        month varchar, edition integer, as_of timestamp, code_version varchar, is_current boolean,
        primary key (month, edition))"""


def write_restatements(db: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make the table marts.rpt_restatements anew: published restatements and pending ones."""
    parts = [
        _changes(edition, path, is_published)
        for is_published, found in (
            (True, [(e, edition_dir(settings, e)) for e in editions(settings)]),
            (False, [(e, pending_dir(settings, e.month)) for e in pending_restatements(settings)]),
        )
        for edition, folder in found
        if (path := folder / CHANGES).is_file()
    ]
    db.execute("drop table if exists marts.rpt_restatements")
    db.execute(
        """create table marts.rpt_restatements (
               restated_month varchar, edition integer, is_published boolean, as_of timestamp,
               mart varchar, row_key varchar, column_name varchar, old_value varchar,
               new_value varchar, cause varchar, delta decimal(38, 6))"""
    )
    for part in parts:
        db.execute(f"insert into marts.rpt_restatements {part}")
    title = "What each restatement of a closed month changes, cell by cell, and why."
    db.execute(f"comment on table marts.rpt_restatements is {literal(title)}")
    for name, text in RESTATEMENTS.items():
        db.execute(f"comment on column marts.rpt_restatements.{name} is {literal(text)}")


def _changes(edition: Edition, path: object, is_published: bool) -> str:
    moment = edition.as_of.replace(tzinfo=None).isoformat(sep=" ")
    return f"""
        select {literal(edition.month)}, {edition.number}, {is_published}, timestamp '{moment}', *
        from read_parquet({literal(str(path))})"""


def write_history(db: duckdb.DuckDBPyConnection, settings: Settings, marts: list[Mart]) -> None:
    """Bring the schema marts_history up to date: every monthly mart with all its editions.

    Rows of superseded editions are kept in the schema marts_superseded; those of the current ones
    stand in marts, so that nothing stands twice.
    """
    db.execute("create schema if not exists marts_superseded")
    db.execute("create schema if not exists marts_history")
    known = _known_editions(db)
    every = editions(settings)
    current = {edition.month: edition.number for edition in every}  # ascending by number
    monthly = [mart for mart in marts if mart.is_monthly]
    for edition in every:
        superseded = edition.number != current[edition.month]
        if superseded and (edition.month, edition.number, False) not in known:
            for mart in monthly:
                _keep_superseded(db, settings, edition, mart)
    db.execute(HISTORY_EDITIONS)
    for edition in every:
        is_current = edition.number == current[edition.month]
        row = (edition.month, edition.number, edition.as_of.replace(tzinfo=None))
        db.execute(
            "insert into marts_history.editions values (?, ?, ?, ?, ?)",
            [*row, edition.code_version, is_current],
        )
    for mart in monthly:
        _history_view(db, mart)


def _known_editions(db: duckdb.DuckDBPyConnection) -> set[tuple[str, int, bool]]:
    [(count,)] = db.execute(
        """select count(*) from duckdb_tables()
           where schema_name = 'marts_history' and table_name = 'editions'"""
    ).fetchall()
    if not count:
        return set()
    found = db.execute("select month, edition, is_current from marts_history.editions").fetchall()
    return {(month, number, is_current) for month, number, is_current in found}


def _keep_superseded(
    db: duckdb.DuckDBPyConnection, settings: Settings, edition: Edition, mart: Mart
) -> None:
    path = edition_dir(settings, edition) / f"{mart.name}.parquet"
    if not path.exists():
        return
    rows = f"select {edition.number} as edition, * from read_parquet({literal(path)})"
    table = f"marts_superseded.{mart.name}"
    db.execute(f"create table if not exists {table} as {rows} limit 0")
    fit_columns(db, table, f"({rows})")
    db.execute(f"insert into {table} by name {rows}")


def _history_view(db: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    superseded = db.execute(
        """select 1 from duckdb_tables()
           where schema_name = 'marts_superseded' and table_name = ?""",
        [mart.name],
    ).fetchall()
    if superseded:
        fit_columns(db, f"marts_superseded.{mart.name}", f"marts.{mart.name}", adopt=True)
    older = f"union all by name select * from marts_superseded.{mart.name}" if superseded else ""
    db.execute(
        f"""create or replace view marts_history.{mart.name} as
            select editions.edition, rows.*
            from marts.{mart.name} as rows
            inner join marts.editions as editions
                on editions.month = strftime(rows.close_month, '%Y-%m')
            {older}"""
    )
    title = f"All editions of each month. {mart.description}"
    db.execute(f"comment on view marts_history.{mart.name} is {literal(title)}")
