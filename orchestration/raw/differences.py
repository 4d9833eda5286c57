"""Writes what a landing keeps: changed and gone rows of each table, and rejected lines."""

from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from orchestration.raw.compare import delivered_rows, quoted
from orchestration.raw.declared import RawTable
from orchestration.raw.kept import REJECTED, literal
from orchestration.raw.loads import Load
from orchestration.raw.raw_file import CHUNK_ROWS


def write_difference(
    db: duckdb.DuckDBPyConnection, load: Load, table: RawTable, ends: list[int], folder: Path
) -> None:
    """Write the relations `changed` and `gone` as one Parquet file; drop the delivered rows."""
    columns = quoted(table.columns)
    nulls = ", ".join(f"null::varchar as {name}" for name in columns)
    source = f"{literal(load.source_name)} as _source, {literal(load.load_id)} as _load_id"
    at = f"timestamp '{load.extracted_at:%Y-%m-%d %H:%M:%S.%f}' as _extracted_at"
    rows = f"""
        select {source}, {at}, 'row' as _change, _file, _line,
            _key, _row_hash, {", ".join(columns)}, _extra
        from {delivered_rows(table)}"""
    gone = f"""
        select {source}, {at}, 'gone' as _change, null::varchar as _file, null::bigint as _line,
            _key, _row_hash, {nulls}, null::varchar as _extra
        from gone order by _key, _row_hash"""
    schema = db.sql(f"{rows} limit 0").to_arrow_table().schema
    with pq.ParquetWriter(folder / f"{table.name}.parquet", schema) as parquet:
        for start, end in pairwise([0, *ends]):
            piece = f"_position >= {start} and _position < {end}"
            changed = f"{piece} and _position in (select _position from changed where {piece})"
            found = db.sql(f"{rows} where {changed} order by _position").to_arrow_table()
            if found.num_rows:
                parquet.write_table(found)
        for batch in db.sql(gone).to_arrow_reader(CHUNK_ROWS):
            parquet.write_batch(batch)
    db.execute(f"drop table {delivered_rows(table)}")


def write_rejected(db: duckdb.DuckDBPyConnection, load: Load, folder: Path) -> None:
    """Write the rejected lines of all files as one Parquet file into the folder."""
    source = f"{literal(load.source_name)} as source, {literal(load.load_id)} as load_id"
    db.execute(
        f"""copy (
            select {source}, * from rejected
            order by table_name, file_name, line_number, reason, raw_row
        ) to {literal(folder / f"{REJECTED}.parquet")} (format parquet)"""
    )
