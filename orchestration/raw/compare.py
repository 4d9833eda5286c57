"""Compares the delivered rows of a table with the kept ones, by key and content hash, in DuckDB."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from orchestration.raw.csv_records import RejectedLine
from orchestration.raw.files import RawFile
from orchestration.raw.kept import REJECTED, literal, read_parquet
from orchestration.raw.loads import Load


class Difference(NamedTuple):
    """Delivered rows by what became of them, and the number of kept rows that are gone."""

    unchanged: int
    changed: int
    exact_duplicates: int
    gone: int


def read_delivered(db: duckdb.DuckDBPyConnection, file: RawFile) -> int:
    """Read a file into a relation with `_key` and `_row_hash`; counts rows and broken lines."""
    # Null and empty are one: a column that comes or goes without content is no change.
    cells = _joined(f"coalesce({name}, '')" for name in _quoted([*file.table.columns, "_extra"]))
    keys = [f"trim({name})" for name in _quoted(file.table.key)]
    blank_key = " or ".join(f"coalesce({key}, '') = ''" for key in keys)
    # A row without a key is known by its content; staging puts it into quarantine.
    select = f"""
        select *, md5({cells}) as _row_hash,
            case when {blank_key} then '?' || md5({cells}) else {_joined(keys)} end as _key
        from chunk"""
    target = _delivered(file)
    rows = 0
    for chunk in file.chunks():
        db.register("chunk", chunk)
        into = f"insert into {target}" if rows else f"create or replace table {target} as"
        db.execute(f"{into} {select}")
        db.unregister("chunk")
        rows += chunk.num_rows
    file.totals.check(str(file.path))
    return rows + len(file.rejected)


def compare(
    db: duckdb.DuckDBPyConnection, file: RawFile, kept: list[Path], complete: bool
) -> Difference:
    """Fill the relations `changed` and `gone`; rejects rows that a later row of the key supersedes.

    `kept` are the files of the same table in earlier loads of the source.
    """
    broken = pa.array([line.raw for line in file.rejected], pa.string())
    db.register("broken", pa.table([broken], names=["raw"]))
    _create(db, "known", _known_rows(kept))
    duplicates = _keep_last_of_key(db, file)
    new = "select _line from latest anti join known using (_key, _row_hash)"
    _create(db, "changed", f"select * from {_delivered(file)} where _line in ({new})")
    _create(db, "gone", _gone_rows(complete))
    changed = _count(db, "from changed")
    return Difference(
        unchanged=_count(db, "from latest") - changed,
        changed=changed,
        exact_duplicates=duplicates,
        gone=_count(db, "from gone"),
    )


def _known_rows(kept: list[Path]) -> str:
    if not kept:
        return "select ''::varchar as _key, ''::varchar as _row_hash where false"
    return f"""
        select _key, _row_hash from {read_parquet(kept)}
        group by all having arg_max(_change, _extracted_at) = 'row'"""


def _keep_last_of_key(db: duckdb.DuckDBPyConnection, file: RawFile) -> int:
    """Fill `latest`, one row per delivered key; returns how many exact duplicates there are."""
    _create(
        db,
        "contents",
        f"""select _key, _row_hash, min(_line) as _line,
                max(max(_line)) over (partition by _key) <> max(_line) as _is_superseded
            from {_delivered(file)} group by _key, _row_hash""",
    )
    cells = ", ".join(f"{name} := {name}" for name in _quoted(file.table.columns))
    superseded = db.execute(
        f"""select _line, to_json(struct_pack({cells})) from {_delivered(file)}
            where _line in (select _line from contents where _is_superseded) order by _line"""
    ).fetchall()
    file.rejected += [RejectedLine(line, "duplicate key", raw) for line, raw in superseded]
    _create(db, "latest", "select _key, _row_hash, _line from contents where not _is_superseded")
    return _count(db, f"from {_delivered(file)}") - _count(db, "from contents")


def _gone_rows(complete: bool) -> str:
    """Known rows that are no longer so.

    A delivered key replaces all that was known of it. A complete load also ends the keys that it
    lacks, unless a broken line names them: such a row is there, though nobody can read it.
    """
    replaced = "select _key, _row_hash from known anti join latest using (_key, _row_hash)"
    if not complete:
        return f"{replaced} where _key in (select _key from latest)"
    return f"""
        {replaced} where _key not in (
            select known._key from known
            inner join broken on list_bool_and(
                [contains(broken.raw, part) for part in string_split(known._key, chr(31))])
            where known._key not in (select _key from latest)
        )"""


def write_difference(
    db: duckdb.DuckDBPyConnection, load: Load, file: RawFile, folder: Path
) -> None:
    """Write the relations `changed` and `gone` as one Parquet file into the folder."""
    columns = _quoted(file.table.columns)
    nulls = ", ".join(f"null::varchar as {name}" for name in columns)
    source = f"{literal(load.source_name)} as _source, {literal(load.load_id)} as _load_id"
    at = f"timestamp '{load.extracted_at:%Y-%m-%d %H:%M:%S.%f}' as _extracted_at"
    db.execute(
        f"""copy (
            select {source}, {at}, 'row' as _change, {literal(file.path.name)} as _file, _line,
                _key, _row_hash, {", ".join(columns)}, _extra
            from changed
            union all
            select {source}, {at}, 'gone', null, null, _key, _row_hash, {nulls}, null
            from gone
            order by _change desc, _line, _key, _row_hash
        ) to {literal(folder / f"{file.table.name}.parquet")} (format parquet)"""
    )


def write_rejected(
    db: duckdb.DuckDBPyConnection, load: Load, files: list[RawFile], folder: Path
) -> None:
    """Write the rejected lines of all files as one Parquet file into the folder."""
    rows = [
        (file.table.name, file.path.name, line.line, line.reason, line.raw)
        for file in files
        for line in file.rejected
    ]
    columns = {
        "table_name": pa.string(),
        "file_name": pa.string(),
        "line_number": pa.int64(),
        "reason": pa.string(),
        "raw_row": pa.string(),
    }
    arrays = [pa.array([row[i] for row in rows], kind) for i, kind in enumerate(columns.values())]
    db.register("rejected", pa.table(arrays, names=list(columns)))
    source = f"{literal(load.source_name)} as source, {literal(load.load_id)} as load_id"
    db.execute(
        f"""copy (select {source}, * from rejected order by table_name, line_number)
            to {literal(folder / f"{REJECTED}.parquet")} (format parquet)"""
    )


def _delivered(file: RawFile) -> str:
    return f'"delivered_{file.table.name}"'


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _joined(parts: Iterable[str]) -> str:
    return f"concat_ws(chr(31), {', '.join(parts)})"


def _create(db: duckdb.DuckDBPyConnection, relation: str, select: str) -> None:
    db.execute(f"create or replace table {relation} as {select}")


def _count(db: duckdb.DuckDBPyConnection, source: str) -> int:
    row = db.execute(f"select count(*) {source}").fetchone()
    return int(row[0]) if row else 0
