"""Reads landed files as text with the number of each row's line; never guesses a type.

A line that cannot be read as a row is rejected with its reason and raw text; reading goes on.
"""

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.errors import CrmMartsError
from orchestration.raw.csv_records import CsvRecords, RejectedLine
from orchestration.raw.declared import RawTable
from orchestration.raw.json_rows import (
    MAX_DOCUMENT_BYTES,
    PageTotals,
    broken_document,
    checked_row,
    document_rows,
    may_hold_bad_text,
    read_json,
    rows_of,
)
from orchestration.raw.workbook import sheet_rows
from orchestration.settings import Source

SUFFIXES = (".csv", ".jsonl", ".json", ".parquet", ".xlsx")
CHUNK_ROWS = 50_000

Row = TypeVar("Row")
Cells = Sequence[str | None]
Chunk = tuple[Sequence[int], Mapping[str, Cells]]  # numbers of lines, cells by column


@dataclass
class RawFile:
    """One delivered file of a declared table; iterate `chunks()` once."""

    path: Path
    table: RawTable
    source: Source
    rejected: list[RejectedLine] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    totals: PageTotals = field(default_factory=PageTotals)

    def chunks(self) -> Iterator[pa.Table]:
        """Arrow tables of text, at least one: `_line`, the declared columns, `_extra`.

        `_extra` is JSON of the filled cells of unknown columns. Raises CrmMartsError when the file
        as a whole cannot be read: empty, of another encoding, without a required column.
        """
        if self.path.stat().st_size == 0:
            raise CrmMartsError(
                "the file is empty, it has not even a header",
                place=str(self.path),
                remedy="Export it again. A table without rows is its header line, in JSON Lines a "
                "blank line.",
            )
        read = {
            ".csv": self._csv,
            ".jsonl": self._jsonl,
            ".json": self._json,
            ".parquet": self._parquet,
            ".xlsx": self._xlsx,
        }
        for lines, columns in read[self.path.suffix]():
            yield self._arrow(lines, columns)

    def _arrow(self, lines: Sequence[int], columns: Mapping[str, Cells]) -> pa.Table:
        arrays = {"_line": pa.array(lines, pa.int64())}
        absent = [None] * len(lines)
        for name in self.table.columns:
            arrays[name] = pa.array(columns.get(name, absent), pa.string())
        arrays["_extra"] = pa.array(self._extra(columns) or absent, pa.string())
        return pa.table(arrays)

    def _extra(self, columns: Mapping[str, Cells]) -> Cells:
        if self.table.ignores_other_columns:  # so that their edits make no new versions
            return []
        others = {name: columns[name] for name in self.unknown_columns if any(columns[name])}
        filled = (
            {name: cell for name, cell in zip(others, cells, strict=True) if cell}
            for cells in zip(*others.values(), strict=True)
        )
        return [json.dumps(f, ensure_ascii=False, sort_keys=True) if f else None for f in filled]

    def _check_header(self, header: list[str], line: int = 1) -> list[str]:
        """Return the names of the columns with aliases resolved."""
        place = f"{self.path}, line {line}"
        names = self._columns(header, place)
        missing = sorted(self.table.required - set(names))
        if missing and len(header) == 1 and any(mark in header[0] for mark in ";,\t|"):
            raise CrmMartsError(
                f"the header is one single cell, {header[0]!r}",
                place=place,
                remedy="Name the delimiter of this source in crm_marts.toml, such as "
                'delimiter = ";".',
            )
        if missing:
            raise CrmMartsError(
                f"column {', '.join(missing)} is missing",
                place=place,
                remedy=f"The file has {', '.join(header)}. Add the column to the export, or mark "
                "it optional in the CRM's sources file if this CRM never has it.",
            )
        return names

    def _columns(self, header: list[str], place: str) -> list[str]:
        """Resolve aliases and note unknown columns; refuses two columns of one name."""
        names = [self.table.column(name) for name in header]
        for name in dict.fromkeys(names):
            same = [given for given in header if self.table.column(given) == name]
            if len(set(same)) > 1:
                problem = f"columns {' and '.join(map(repr, same))} are one, {name}"
            elif len(same) > 1:
                problem = f"column {name!r} stands twice in the header"
            else:
                continue
            raise CrmMartsError(problem, place=place, remedy="Export each column once.")
        self.unknown_columns = [name for name in names if name not in self.table.columns]
        return names

    def _csv(self) -> Iterator[Chunk]:
        encoding = codecs.lookup(self.source.encoding).name
        if encoding == "utf-8":
            encoding = "utf-8-sig"  # a byte order mark is no part of the first column's name
        with self.path.open(encoding=encoding, newline="") as text:
            records = CsvRecords(text, self.source.delimiter, self.rejected)
            try:
                line, header = next(iter(records), (1, None))
                if header is None or self.rejected:
                    raise self._header_error()
                names = self._check_header(header, line)
                records.width = len(names)
                for lines, rows in _batches(iter(records)):
                    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
                    yield lines, dict(zip(names, columns, strict=True))
            except UnicodeError:
                raise self._encoding_error(
                    encoding.removesuffix("-sig"),
                    "Export as UTF-8, or name the encoding of this source in crm_marts.toml, "
                    'such as encoding = "cp1251".',
                ) from None

    def _jsonl(self) -> Iterator[Chunk]:
        with self.path.open(encoding="utf-8-sig", newline="\n") as text:
            try:
                yield from self._json_chunks(self._json_rows(text))
            except UnicodeDecodeError:
                raise self._encoding_error("utf-8", "JSON Lines are UTF-8 always.") from None

    def _json(self) -> Iterator[Chunk]:
        if self.path.stat().st_size > MAX_DOCUMENT_BYTES:
            raise CrmMartsError(
                f"the document is over {MAX_DOCUMENT_BYTES:,} bytes",
                place=str(self.path),
                remedy="Export it as JSON Lines (.jsonl), one row or page on each line.",
            )
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise self._encoding_error("utf-8", "JSON is UTF-8 always.") from None
        yield from self._json_chunks(self._document_rows(text))

    def _json_chunks(self, rows: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[Chunk]:
        seen: dict[str, None] = {}
        for lines, batch in _batches(rows):
            for row in batch:
                seen |= dict.fromkeys(row)
            names = self._columns(list(seen), f"{self.path}, line {max(lines, default=1)}")
            yield (
                lines,
                {
                    name: [_text(row.get(given)) for row in batch]
                    for given, name in zip(seen, names, strict=True)
                },
            )
        if seen:
            self._check_header(list(seen))

    def _document_rows(self, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
        place, suspicious = str(self.path), may_hold_bad_text(text)
        rows = document_rows(text, self.table, self.totals, place)
        for number, value in enumerate(rows, start=1):
            try:
                yield number, checked_row(value, suspicious)
            except ValueError as error:
                raise broken_document(place, f"row {number}, {error}") from None

    def _json_rows(self, text: Iterator[str]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Rows by their lines; of a page, which holds several, by numbers that go on from there."""
        number = 0
        for line, raw in enumerate(text, start=1):
            if raw.isspace():
                continue
            try:
                value = read_json(raw)
            except ValueError as error:
                reason = f"broken JSON: {error}"
                self.rejected.append(RejectedLine(line, reason, raw.rstrip("\r\n")))
                continue
            rows = rows_of(value, self.table, self.totals, f"{self.path}, line {line}")
            suspicious = may_hold_bad_text(raw)
            for row in [value] if rows is None else rows:
                try:
                    checked = checked_row(row, suspicious)
                except ValueError as error:
                    part = raw.rstrip("\r\n") if rows is None else json.dumps(row)
                    self.rejected.append(RejectedLine(line, f"broken JSON: {error}", part))
                else:
                    number = max(number + 1, line)
                    yield number, checked

    def _parquet(self) -> Iterator[Chunk]:
        try:
            with pq.ParquetFile(self.path) as file:
                names = self._check_header(file.schema_arrow.names)
                line = 1
                for batch in file.iter_batches(CHUNK_ROWS):
                    columns = zip(names, batch.columns, strict=True)
                    cells = {name: _arrow_text(c, self.source.timezone) for name, c in columns}
                    yield range(line, line + batch.num_rows), cells
                    line += batch.num_rows
                if line == 1:
                    yield [], dict.fromkeys(names, ())
        except (pa.ArrowException, OSError) as error:
            raise CrmMartsError(
                f"the Parquet file cannot be read: {str(error).splitlines()[0]}",
                place=str(self.path),
                remedy="Export it again; cells are texts, numbers, dates, lists or records.",
            ) from None

    def _xlsx(self) -> Iterator[Chunk]:
        rows = sheet_rows(self.path, self.table.name)
        line, header = next(rows, (1, None))
        if header is None:
            raise self._header_error()
        while header and header[-1] is None:
            header.pop()
        names = self._check_header([(name or "").strip() for name in header], line)
        for lines, cells in _batches(self._sheet_cells(rows, len(names))):
            columns = zip(*cells, strict=True) if cells else ((),) * len(names)
            yield lines, dict(zip(names, columns, strict=True))

    def _sheet_cells(
        self, rows: Iterator[tuple[int, list[str | None]]], width: int
    ) -> Iterator[tuple[int, list[str | None]]]:
        for line, cells in rows:
            if any(cells[width:]):
                filled = max(n for n, cell in enumerate(cells, start=1) if cell)
                reason = f"broken line: {filled} cells where the header has {width}"
                raw = json.dumps(cells[:filled], ensure_ascii=False)
                self.rejected.append(RejectedLine(line, reason, raw))
            else:
                yield line, cells[:width] + [None] * (width - len(cells))

    def _header_error(self) -> CrmMartsError:
        broken = self.rejected[0] if self.rejected else None
        return CrmMartsError(
            f"the header cannot be read, {broken.reason}" if broken else "the file has no header",
            place=f"{self.path}, line {broken.line if broken else 1}",
            remedy="Export it again; the first line holds the names of the columns.",
        )

    def _encoding_error(self, encoding: str, remedy: str) -> CrmMartsError:
        place = str(self.path)
        with self.path.open("rb") as binary:
            for line, raw in enumerate(binary, start=1):
                try:
                    raw.decode(encoding)
                except UnicodeError as error:
                    place = f"{self.path}, line {line}, byte {getattr(error, 'start', 0) + 1}"
                    break
        return CrmMartsError(f"the text is not {encoding}", place=place, remedy=remedy)


def _batches(rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[list[int], list[Row]]]:
    """Lists of at most CHUNK_ROWS line numbers and rows; one pair of empty lists for no rows."""
    while True:
        batch = list(islice(rows, CHUNK_ROWS))
        yield [line for line, _ in batch], [row for _, row in batch]
        if len(batch) < CHUNK_ROWS:
            return


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return str(value)


def _arrow_text(column: pa.Array, zone: str) -> list[str | None]:
    """Typed cells as text: moments by the source's clock, whole numbers without a point."""
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = pc.local_timestamp(column.cast(pa.timestamp(column.type.unit, zone)))
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_nested(column.type):
        return [_text(value) for value in column.to_pylist()]
    texts: list[str | None] = column.cast(pa.string()).to_pylist()
    return texts
