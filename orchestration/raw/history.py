"""Every version of every raw row, as views over the kept loads, and the bookkeeping of landing."""

import duckdb

from orchestration.raw.declared import RawTable, tables_in_use
from orchestration.raw.kept import REJECTED, kept_files, landed_loads, read_parquet
from orchestration.settings import Settings

STAMPS = {
    "_source": "varchar",
    "_load_id": "varchar",
    "_extracted_at": "timestamp",
    "_file": "varchar",
    "_line": "bigint",
    "_key": "varchar",
    "_row_hash": "varchar",
}


def refresh_history(settings: Settings) -> None:
    """Point the views of history.duckdb at the kept loads; one relation per declared table.

    Each has every version of every row as text, with `_extracted_at` (first seen, UTC) and
    `_gone_at` (no longer delivered, UTC; null while it is).
    """
    settings.history_db.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.history_db)) as db:
        db.begin()
        for crm in settings.crms:
            db.execute(f"create schema if not exists raw_{crm}")
            db.execute(f"create schema if not exists ends_{crm}")
            for table in tables_in_use(settings, crm).values():
                for statement in _history(settings, crm, table):
                    db.execute(statement)
        db.execute("create schema if not exists landing")
        _write_loads(db, settings)
        db.execute(_rejected_view(settings))
        db.commit()


def _history(settings: Settings, crm: str, table: RawTable) -> tuple[str, str]:
    """Statements for a table with the ends of versions, and for the view over all of them."""
    types = STAMPS | dict.fromkeys(table.columns, "varchar")
    empty = ", ".join(f'null::{kind} as "{name}"' for name, kind in types.items())
    columns = ", ".join(f'came."{name}"' for name in types)
    files = [
        path
        for name, source in settings.sources.items()
        if source.crm == crm
        for path in kept_files(settings, name, f"{table.name}.parquet")
    ]
    kept = f"union all by name select * from {read_parquet(files)}" if files else ""
    events = f"(select {empty}, null::varchar as _change where false {kept})"
    # Few rows go: each end is looked up once for the row that came last before it, so that the
    # rows themselves pass through unsorted.
    ends = f"""
        create or replace table ends_{crm}."{table.name}" as
        select gone._source, gone._key, gone._row_hash, gone._extracted_at as _gone_at,
            max(came._extracted_at) as _extracted_at
        from {events} as gone inner join {events} as came
            on gone._source = came._source and gone._key = came._key
            and gone._row_hash = came._row_hash and came._extracted_at < gone._extracted_at
        where gone._change = 'gone' and came._change = 'row'
        group by all"""
    view = f"""
        create or replace view raw_{crm}."{table.name}" as
        select {columns}, ends._gone_at
        from (from {events} where _change = 'row') as came
        left join ends_{crm}."{table.name}" as ends
            using (_source, _key, _row_hash, _extracted_at)"""
    return ends, view


def _write_loads(db: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    db.execute(
        """create or replace table landing.loads (
            source varchar, crm varchar, load_id varchar, extracted_at timestamp,
            is_complete boolean, table_name varchar, delivered_count bigint,
            unchanged_count bigint, changed_count bigint, exact_duplicate_count bigint,
            rejected_count bigint, gone_count bigint)"""
    )
    for load in landed_loads(settings):
        for table in load.tables:
            row = (
                *(load.source, load.crm, load.load_id, load.extracted_at.replace(tzinfo=None)),
                *(load.complete, table.table_name, table.delivered, table.unchanged),
                *(table.changed, table.exact_duplicates, table.rejected, table.gone),
            )
            db.execute(f"insert into landing.loads values ({', '.join('?' * len(row))})", row)


def _rejected_view(settings: Settings) -> str:
    files = [
        path
        for source in settings.sources
        for path in kept_files(settings, source, f"{REJECTED}.parquet")
    ]
    kept = f"union all by name select * from {read_parquet(files)}" if files else ""
    return f"""
        create or replace view landing.rejected_lines as
        select null::varchar as source, null::varchar as load_id,
               null::varchar as table_name, null::varchar as file_name,
               null::bigint as line_number, null::varchar as reason, null::varchar as raw_row
        where false {kept}"""
