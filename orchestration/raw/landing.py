"""Landing: keeps of every load the rows that changed and the rows that are gone, as Parquet.

A kept load is a folder <history_dir>/<source>/<load>/ with one Parquet file per table and
`landed.json`; it appears by one rename and is never written again. Rows are compared by key and
content hash, so an unchanged row is counted and not stored.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.durable import sync_folder
from orchestration.errors import CrmMartsError
from orchestration.raw.declared import RawTable, declared_tables
from orchestration.raw.files import RawFile
from orchestration.raw.loads import Load, find_loads
from orchestration.settings import Settings

LANDED = "landed.json"
REJECTED = "_rejected_lines"
# Without a manifest's word a load is complete when no table of so many rows shrank below this share.
COMPLETE_MIN_ROWS, COMPLETE_SHARE = 100, 0.95

Report = Callable[[str], None]
RejectedRow = tuple[str, str, int, str, str]  # table, file, line, reason, raw text


@dataclass(frozen=True)
class TableCounts:
    """Rows of one table in one load; delivered = unchanged + changed + exact duplicates + rejected."""

    table_name: str
    delivered: int
    unchanged: int
    changed: int
    exact_duplicates: int
    rejected: int
    gone: int
    unknown_columns: list[str]


@dataclass(frozen=True)
class LandedLoad:
    """What `landed.json` holds."""

    load_id: str
    source: str
    crm: str
    extracted_at: datetime
    complete: bool
    fingerprint: str
    tables: list[TableCounts]

    @classmethod
    def read(cls, path: Path) -> "LandedLoad":
        """Read a kept load's manifest."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        raw["extracted_at"] = datetime.fromisoformat(raw["extracted_at"])
        raw["tables"] = [TableCounts(**table) for table in raw["tables"]]
        return cls(**raw)

    def write(self, path: Path) -> None:
        """Write a kept load's manifest."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, default=str)
        path.write_text(text, encoding="utf-8")


def landed_loads(settings: Settings) -> list[LandedLoad]:
    """Kept loads of the configured sources, by source and time of extraction."""
    loads = [
        LandedLoad.read(path)
        for source in settings.sources
        for path in sorted((settings.history_dir / source).glob(f"*/{LANDED}"))
    ]
    return sorted(loads, key=lambda load: (load.source, load.extracted_at))


def land(settings: Settings, report: Report = lambda _: None) -> list[LandedLoad]:
    """Keep all new loads of the drop folder, oldest first; returns the new ones.

    A load that is kept already is left alone. Raises CrmMartsError when a kept load was changed,
    when a load is older than the newest kept one of its source, or when a file cannot be read.
    """
    kept = {load.load_id: load for load in landed_loads(settings)}
    newest: dict[str, LandedLoad] = {load.source: load for load in kept.values()}
    landed = []
    for load in find_loads(settings):
        if load.load_id in kept:
            _refuse_changed(load, kept[load.load_id])
            continue
        previous = newest.get(load.source_name)
        if previous and load.extracted_at <= previous.extracted_at:
            raise CrmMartsError(
                f"load {load.load_id} was extracted at {load.extracted_at}, but {previous.load_id} "
                f"of {previous.extracted_at} is landed already",
                place=str(load.folder),
                remedy="Loads are landed in the order of their extraction. Take the folder away, "
                "or start over with an empty data_dir.",
            )
        newest[load.source_name] = _keep(settings, load, previous)
        landed.append(newest[load.source_name])
        report(f"landed {load.load_id}: {_summary(landed[-1])}")
    refresh_history(settings)
    return landed


def _summary(load: LandedLoad) -> str:
    delivered = sum(table.delivered for table in load.tables)
    changed = sum(table.changed for table in load.tables)
    kind = "complete" if load.complete else "incremental"
    return f"{kind}, {delivered:,} rows, {changed:,} new or changed"


def _refuse_changed(load: Load, kept: LandedLoad) -> None:
    if load.fingerprint() != kept.fingerprint:
        raise CrmMartsError(
            f"load {load.load_id} is landed already, but its files were changed since",
            place=str(load.folder),
            remedy="A landed load is history. Deliver corrections as a new load; put the old files "
            "back or take the folder away.",
        )


def _keep(settings: Settings, load: Load, previous: LandedLoad | None) -> LandedLoad:
    """Compare one load with what is kept, write the difference, and rename it into place."""
    final = settings.history_dir / load.source_name / load.folder.name
    partial = final.with_name(f".{final.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    tables = declared_tables(load.source.crm)
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        rejected: list[RejectedRow] = []
        delivered: dict[str, tuple[int, list[str]]] = {}
        for name, path in load.files.items():
            file = RawFile(path, tables[name], load.source)
            delivered[name] = _read_delivered(db, file), file.unknown_columns
            rejected += [(name, path.name, r.line, r.reason, r.raw) for r in file.rejected]
        complete = _is_complete(load, previous, {n: rows for n, (rows, _) in delivered.items()})
        counts = []
        for name, (rows, unknown) in delivered.items():
            broken = sum(1 for row in rejected if row[0] == name)
            kept_before = settings.history_dir / load.source_name
            unchanged, changed, copies, gone = _write_changes(
                db, tables[name], load, kept_before, partial, complete, rejected
            )
            lines = sum(1 for row in rejected if row[0] == name)
            counts.append(
                TableCounts(name, rows + broken, unchanged, changed, copies, lines, gone, unknown)
            )
        _write_rejected(db, load, rejected, partial)
    landed = LandedLoad(
        load_id=load.load_id,
        source=load.source_name,
        crm=load.source.crm,
        extracted_at=load.extracted_at,
        complete=complete,
        fingerprint=load.fingerprint(),
        tables=counts,
    )
    landed.write(partial / LANDED)
    sync_folder(partial)
    partial.rename(final)
    sync_folder(final.parent)
    return landed


def _is_complete(load: Load, previous: LandedLoad | None, rows: dict[str, int]) -> bool:
    if load.complete is not None:
        return load.complete
    before = {t.table_name: t.delivered for t in previous.tables} if previous else {}
    return all(
        rows.get(name, 0) >= COMPLETE_SHARE * count
        for name, count in before.items()
        if count >= COMPLETE_MIN_ROWS
    )


def _quoted(names: list[str] | tuple[str, ...], template: str = '"{}"') -> str:
    return ", ".join(template.format(name) for name in names)


def _read_delivered(db: duckdb.DuckDBPyConnection, file: RawFile) -> int:
    """Read a file into the table "delivered:<name>" with `_key` and `_row_hash`; rows read."""
    table = file.table
    cells = _quoted([*table.columns, "_extra"], "coalesce(\"{}\", '~')")
    blank_key = " or ".join(f"coalesce(trim(\"{name}\"), '') = ''" for name in table.key)
    # A row without a key is known by its content; staging puts it into quarantine.
    select = f"""
        select *,
            md5(concat_ws(chr(31), {cells})) as _row_hash,
            case when {blank_key} then '?' || md5(concat_ws(chr(31), {cells}))
                 else concat_ws(chr(31), {_quoted(table.key, 'trim("{}")')}) end as _key
        from chunk"""
    target = f'"delivered:{table.name}"'
    for number, chunk in enumerate(file.chunks()):
        db.register("chunk", chunk)
        db.execute(f"{f'insert into {target}' if number else f'create table {target} as'} {select}")
        db.unregister("chunk")
    return _count(db, f"select count(*) from {target}")


def _count(db: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = db.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _write_changes(  # noqa: PLR0913
    db: duckdb.DuckDBPyConnection,
    table: RawTable,
    load: Load,
    kept: Path,
    partial: Path,
    complete: bool,
    rejected: list[RejectedRow],
) -> tuple[int, int, int, int]:
    """Write changed and gone rows; returns unchanged, changed, exact duplicates, gone.

    Appends to `rejected` the rows that another row with the same key supersedes.
    """
    delivered = f'"delivered:{table.name}"'
    before = sorted(str(path) for path in kept.glob(f"[!.]*/{table.name}.parquet"))
    known = f"read_parquet({before}, union_by_name = true)" if before else None
    db.execute(
        "create or replace table known as "
        + (
            f"""select _key, _row_hash from {known}
                qualify row_number() over (
                    partition by _key, _row_hash order by _extracted_at desc) = 1
                and _change = 'row'"""
            if known
            else "select ''::varchar as _key, ''::varchar as _row_hash where false"
        )
    )
    db.execute(
        f"""create or replace table latest as
            select *,
                row_number() over (partition by _key, _row_hash order by _line) as _copy,
                last_value(_row_hash) over (
                    partition by _key order by _line
                    rows between unbounded preceding and unbounded following) <> _row_hash
                    as _is_superseded
            from {delivered}"""
    )
    duplicates = _count(db, "select count(*) from latest where _copy > 1")
    # Of two rows with one key and different content the last one stays, the others are rejected.
    superseded = db.execute(
        f"""select _line, to_json(struct_pack({_quoted(table.columns, '"{0}" := "{0}"')}))
            from latest where _is_superseded and _copy = 1 order by _line"""
    ).fetchall()
    rejected += [
        (table.name, load.files[table.name].name, line, "duplicate key", raw)
        for line, raw in superseded
    ]
    db.execute("delete from latest where _is_superseded or _copy > 1")
    db.execute(
        """create or replace table changed as
           select latest.* from latest anti join known using (_key, _row_hash)"""
    )
    # A delivered key replaces all that was known of it; a complete load also ends missing keys.
    in_scope = "true" if complete else "_key in (select _key from latest)"
    db.execute(
        f"""create or replace table gone as
            select _key, _row_hash from known anti join latest using (_key, _row_hash)
            where {in_scope}"""
    )
    changed, gone = (_count(db, f"select count(*) from {t}") for t in ("changed", "gone"))
    unchanged = _count(db, "select count(*) from latest") - changed
    nulls = _quoted(table.columns, 'null::varchar as "{}"')
    stamp = f"'{load.load_id}' as _load_id, timestamp '{load.extracted_at:%Y-%m-%d %H:%M:%S.%f}'"
    db.execute(
        f"""copy (
            select '{load.source_name}' as _source, {stamp} as _extracted_at, 'row' as _change,
                   '{load.files[table.name].name}' as _file, _line, _key, _row_hash,
                   {_quoted(table.columns)}, _extra
            from changed
            union all
            select '{load.source_name}', {stamp}, 'gone', null, null, _key, _row_hash,
                   {nulls}, null
            from gone
            order by _change desc, _line, _key, _row_hash
        ) to '{partial / table.name}.parquet' (format parquet)"""
    )
    return unchanged, changed, duplicates, gone


def _write_rejected(
    db: duckdb.DuckDBPyConnection,
    load: Load,
    rejected: list[RejectedRow],
    partial: Path,
) -> None:
    names = ("table_name", "file_name", "line_number", "reason", "raw_row")
    types = (pa.string(), pa.string(), pa.int64(), pa.string(), pa.string())
    arrays = [
        pa.array([row[i] for row in rejected], kind)
        for i, kind in enumerate(types)
    ]
    db.register("rejected", pa.table(arrays, names=list(names)))
    db.execute(
        f"""copy (select '{load.source_name}' as source, '{load.load_id}' as load_id, * from rejected
                  order by table_name, line_number)
            to '{partial / REJECTED}.parquet' (format parquet)"""
    )


def refresh_history(settings: Settings) -> None:
    """Point the views of history.duckdb at the kept loads; one relation per declared table.

    Each has every version of every row as text, with `_extracted_at` (first seen, UTC) and
    `_gone_at` (no longer delivered, UTC; null while it is).
    """
    settings.history_db.parent.mkdir(parents=True, exist_ok=True)
    loads = landed_loads(settings)
    with duckdb.connect(str(settings.history_db)) as db:
        for crm in settings.crms:
            db.execute(f"create schema if not exists raw_{crm}")
            names = [name for name, source in settings.sources.items() if source.crm == crm]
            for table in declared_tables(crm).values():
                db.execute(_history_view(settings, crm, table, names))
        db.execute("create schema if not exists landing")
        _loads_table(db, loads)
        _rejected_view(db, settings)


def _history_view(settings: Settings, crm: str, table: RawTable, sources: list[str]) -> str:
    stamps = {"_source": "varchar", "_load_id": "varchar", "_extracted_at": "timestamp",
              "_change": "varchar", "_file": "varchar", "_line": "bigint", "_key": "varchar",
              "_row_hash": "varchar"}
    types = stamps | dict.fromkeys(table.columns, "varchar")
    empty = ", ".join(f'null::{kind} as "{name}"' for name, kind in types.items())
    files = [
        str(path)
        for source in sources
        for path in sorted((settings.history_dir / source).glob(f"[!.]*/{table.name}.parquet"))
    ]
    read = f"union all by name select * from read_parquet({files}, union_by_name = true)"
    columns = _quoted(tuple(name for name in types if name != "_change"))
    return f"""
        create or replace view raw_{crm}."{table.name}" as
        with events as (
            select {empty} where false {read if files else ""}
        ),
        dated as (
            select *, lead(_extracted_at) over (
                partition by _source, _key, _row_hash order by _extracted_at) as _gone_at
            from events
        )
        select {columns}, _gone_at from dated where _change = 'row'"""


def _loads_table(db: duckdb.DuckDBPyConnection, loads: list[LandedLoad]) -> None:
    rows = [
        (load.source, load.crm, load.load_id, load.extracted_at.replace(tzinfo=None), load.complete,
         t.table_name, t.delivered, t.unchanged, t.changed, t.exact_duplicates, t.rejected, t.gone)
        for load in loads
        for t in load.tables
    ]
    db.execute(
        """create or replace table landing.loads (
            source varchar, crm varchar, load_id varchar, extracted_at timestamp,
            is_complete boolean, table_name varchar, delivered_count bigint,
            unchanged_count bigint, changed_count bigint, exact_duplicate_count bigint,
            rejected_count bigint, gone_count bigint)"""
    )
    if rows:
        db.executemany(f"insert into landing.loads values ({', '.join('?' * 12)})", rows)


def _rejected_view(db: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    files = [
        str(path)
        for source in settings.sources
        for path in sorted((settings.history_dir / source).glob(f"[!.]*/{REJECTED}.parquet"))
    ]
    read = f"union all by name select * from read_parquet({files})" if files else ""
    db.execute(
        f"""create or replace view landing.rejected_lines as
            select null::varchar as source, null::varchar as load_id,
                   null::varchar as table_name, null::varchar as file_name,
                   null::bigint as line_number, null::varchar as reason, null::varchar as raw_row
            where false {read}"""
    )
