"""Compares the delivered rows of a table with the kept ones, by key and content hash, in DuckDB."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from orchestration.raw.declared import RawTable
from orchestration.raw.files import read_rows
from orchestration.raw.kept import literal, read_parquet
from orchestration.raw.raw_file import RawFile

# Rows are committed and written in pieces: an open transaction holds what it reads, a group of
# rows is written from memory.
PIECE_BYTES = 16_000_000
# Rows are compared by buckets of keys: what is grouped and joined has to fit in memory.
BUCKET_ROWS = 500_000


class Delivered(NamedTuple):
    """Rows and rejected lines of a table, and the positions at which its pieces end."""

    row_count: int
    ends: list[int]


class Difference(NamedTuple):
    """Delivered rows by what became of them, and the number of kept rows that are gone."""

    unchanged: int
    changed: int
    exact_duplicates: int
    rejected: int
    gone: int


def read_delivered(
    db: duckdb.DuckDBPyConnection, table: RawTable, parts: list[RawFile]
) -> Delivered:
    """Read a table's files into a relation with `_key` and `_row_hash`, in order by `_position`.

    Lines that are no rows go to the relation `rejected`.
    """
    columns = ["_position", "_file", "_line", *table.columns, "_extra"]
    types = {"_position": "bigint", "_line": "bigint"}
    described = ", ".join(f'"{name}" {types.get(name, "varchar")}' for name in columns)
    target = delivered_rows(table)
    db.execute(f"create table {target} ({described}, _row_hash varchar, _key varchar)")
    insert = (
        f"insert into {target} select {', '.join(quoted(columns))}, {identity(table)} from chunk"
    )
    position = held = 0
    ends: list[int] = []
    for part in parts:
        for chunk in read_rows(part):
            positions = pa.array(range(position, position + chunk.num_rows), pa.int64())
            files = pa.array([part.path.name] * chunk.num_rows, pa.string())
            stamped = chunk.append_column("_position", positions).append_column("_file", files)
            db.register("chunk", stamped)
            db.execute(insert)
            db.unregister("chunk")
            position += chunk.num_rows
            held += stamped.nbytes
            if held > PIECE_BYTES:
                db.commit().begin()
                ends.append(position)
                held = 0
    for totals in {id(part.totals): part.totals for part in parts}.values():
        totals.check(str(parts[-1].path))
    rejected = sum(part.rejected_count for part in parts)
    return Delivered(position + rejected, [*ends, position])


def identity(table: RawTable) -> str:
    """The hash of a row's content and its key, as SQL over cells of text."""
    # Null and empty are one: a column that comes or goes without content is no change.
    cells = _joined(f"coalesce({name}, '')" for name in quoted([*table.columns, "_extra"]))
    keys = {
        name: f"coalesce(trim({cell}), '')"
        for name, cell in zip(table.key, quoted(table.key), strict=True)
    }
    # A part of the key that a file may lack may be empty too.
    needed = [keys[name] for name in table.key if name in table.required] or keys.values()
    blank_key = " or ".join(f"{key} = ''" for key in needed)
    # A row without a key is known by its content; staging puts it into quarantine.
    key = f"case when {blank_key} then '?' || md5({cells}) else {_joined(keys.values())} end"
    return f"md5({cells}) as _row_hash, {key} as _key"


def compare(
    db: duckdb.DuckDBPyConnection, table: RawTable, kept: list[Path], complete: bool
) -> Difference:
    """Fill the relations `changed` and `gone`; rejects rows that a later row of the key supersedes.

    `kept` are the files of the same table in earlier loads of the source.
    """
    of_table = f"where table_name = {literal(table.name)}"
    _create(db, "broken", f"select raw_row as raw from rejected {of_table}")
    for relation in ("changed", "superseded"):
        _create(db, relation, "select 0::bigint as _position where false")
    _create(db, "gone", "select ''::varchar as _key, ''::varchar as _row_hash where false")
    delivered = _count(db, f"from {delivered_rows(table)}")
    # What an incremental load does not name stays as it is, and is not looked at.
    known = _count(db, f"from {read_parquet(kept)}") if kept and complete else 0
    buckets = max(delivered, known) // BUCKET_ROWS + 1
    contents = latest = 0
    for number in range(buckets):
        bucket = f"hash(_key) % {buckets} = {number}"
        _create(db, "contents", _contents(table, bucket))
        _create(db, "latest", LATEST)
        named = "true" if complete else "_key in (select _key from latest)"
        _create(db, "known", _known_rows(kept, f"{bucket} and {named}"))
        new = "latest anti join known using (_key, _row_hash)"
        db.execute(f"insert into changed select _position from {new}")
        older = "contents anti join latest using (_position)"
        db.execute(f"insert into superseded select _position from {older}")
        db.execute(f"insert into gone {_gone_rows(table, complete)}")
        contents += _count(db, "from contents")
        latest += _count(db, "from latest")
        if number + 1 < buckets:
            db.commit().begin()
    _reject_superseded(db, table)
    changed = _count(db, "from changed")
    return Difference(
        unchanged=latest - changed,
        changed=changed,
        exact_duplicates=delivered - contents,
        rejected=_count(db, f"from rejected {of_table}"),
        gone=_count(db, "from gone"),
    )


def _known_rows(kept: list[Path], condition: str) -> str:
    """Rows that came once more than they went."""
    if not kept:
        return "select ''::varchar as _key, ''::varchar as _row_hash where false"
    return f"""
        select _key, _row_hash from {read_parquet(kept)} where {condition}
        group by _key, _row_hash
        having count(*) filter (_change = 'row') > count(*) filter (_change = 'gone')"""


def _contents(table: RawTable, bucket: str) -> str:
    return f"""
        select _key, _row_hash, min(_position) as _position, max(_position) as _last_position
        from {delivered_rows(table)} where {bucket} group by _key, _row_hash"""


# One row per delivered key.
LATEST = """
    select _key, _row_hash, _position from contents
    where _last_position in (select max(_last_position) from contents group by _key)"""


def _reject_superseded(db: duckdb.DuckDBPyConnection, table: RawTable) -> None:
    cells = ", ".join(f"{name} := {name}" for name in quoted(table.columns))
    db.execute(
        f"""insert into rejected
            select {literal(table.name)}, _file, _line, 'duplicate key',
                to_json(struct_pack({cells}))
            from {delivered_rows(table)} where _position in (select _position from superseded)"""
    )


def _gone_rows(table: RawTable, complete: bool) -> str:
    """Known rows that are no longer so.

    A delivered key replaces all that was known of it. A complete load also ends the keys that it
    lacks, unless a broken line names them: such a row is there, though nobody can read it.
    """
    replaced = "select _key, _row_hash from known anti join latest using (_key, _row_hash)"
    if not complete:
        return replaced
    named = " and ".join(
        f"contains(broken.raw, split_part(absent._key, chr(31), {number}))"
        for number in range(1, len(table.key) + 1)
    )
    return f"""
        with absent as (select _key from known anti join latest using (_key))
        {replaced} where _key not in (
            select absent._key from absent inner join broken on {named}
        )"""


def delivered_rows(table: RawTable) -> str:
    """The relation of a table's delivered rows."""
    return f'"delivered_{table.name}"'


def quoted(names: Iterable[str]) -> list[str]:
    """Names as SQL."""
    return [f'"{name}"' for name in names]


def _joined(parts: Iterable[str]) -> str:
    return f"concat_ws(chr(31), {', '.join(parts)})"


def _create(db: duckdb.DuckDBPyConnection, relation: str, select: str) -> None:
    db.execute(f"create or replace table {relation} as {select}")


def _count(db: duckdb.DuckDBPyConnection, source: str) -> int:
    [(number,)] = db.execute(f"select count(*) {source}").fetchall()
    return int(number)
