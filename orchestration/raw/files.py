"""Reads delivered files as text with the number of each row's line; never guesses a type.

A line that cannot be read as a row is rejected with its reason and raw text; reading goes on.
"""

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.errors import CrmMartsError
from orchestration.raw.csv_records import csv_chunks
from orchestration.raw.json_file import json_chunks, jsonl_chunks
from orchestration.raw.parquet_file import parquet_chunks
from orchestration.raw.raw_file import Cells, Chunk, RawFile
from orchestration.raw.text_files import empty_file
from orchestration.raw.workbook import sheet_chunks

READERS: dict[str, Callable[[RawFile], Iterator[Chunk]]] = {
    ".csv": csv_chunks,
    ".jsonl": jsonl_chunks,
    ".json": json_chunks,
    ".parquet": parquet_chunks,
    ".xlsx": sheet_chunks,
}
PACKED = (".csv.gz", ".jsonl.gz", ".json.gz")
SUFFIXES = (*READERS, *PACKED)


def read_rows(file: RawFile) -> Iterator[pa.Table]:
    """Arrow tables of text, at least one: `_line`, the declared columns, `_extra`.

    `_extra` is JSON of the filled cells of unknown columns. Raises CrmMartsError when the file as
    a whole cannot be read: empty, of another encoding, without a required column.
    """
    if file.path.stat().st_size == 0:
        raise empty_file(file.path)
    for numbers, columns in READERS[suffix_of(file.path).removesuffix(".gz")](file):
        try:
            table = _arrow(file, numbers, columns)
        except UnicodeError as error:  # UTF-7, for one, can say half of a surrogate pair
            raise CrmMartsError(
                f"there is text that no encoding can hold: {error}",
                place=str(file.path),
                remedy="Export it again as UTF-8.",
            ) from None
        yield _without_nul(file, table)
    file.flush()


def suffix_of(path: Path) -> str:
    """The suffix that says the format, with that of gzip; empty when it is none of SUFFIXES."""
    return next((s for s in sorted(SUFFIXES, key=len, reverse=True) if path.name.endswith(s)), "")


def _arrow(file: RawFile, numbers: Sequence[int], columns: Mapping[str, Cells]) -> pa.Table:
    arrays = {"_line": pa.array(numbers, pa.int64())}
    absent = [None] * len(numbers)
    for name in file.table.columns:
        arrays[name] = pa.array(columns.get(name, absent), pa.string())
    arrays["_extra"] = pa.array(_extra(file, columns) or absent, pa.string())
    return pa.table(arrays)


def _extra(file: RawFile, columns: Mapping[str, Cells]) -> Cells:
    if file.table.ignores_other_columns:  # so that their edits make no new versions
        return []
    others = {name: columns[name] for name in file.unknown_columns if any(columns[name])}
    filled = (
        {name: cell for name, cell in zip(others, cells, strict=True) if cell}
        for cells in zip(*others.values(), strict=True)
    )
    return [json.dumps(f, ensure_ascii=False, sort_keys=True) if f else None for f in filled]


def _without_nul(file: RawFile, table: pa.Table) -> pa.Table:
    """Reject rows with a NUL character, which PostgreSQL's text cannot hold."""
    names = [*file.table.columns, "_extra"]
    found = [pc.fill_null(pc.match_substring(table[name], "\0"), False) for name in names]
    has_nul = functools.reduce(pc.or_, found)
    if not pc.any(has_nul).as_py():
        return table
    for row in table.filter(has_nul).to_pylist():
        raw = json.dumps({name: row[name] for name in file.table.columns}, ensure_ascii=False)
        file.reject(row["_line"], "broken line: a NUL character in a cell", raw)
    return table.filter(pc.invert(has_nul))
