"""Reads landed files as text, row by row, with file and line; never guesses a type.

A line that cannot be read as a row is rejected with its reason and raw text; reading goes on.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.errors import CrmMartsError
from orchestration.raw.declared import RawTable
from orchestration.settings import Source

SUFFIXES = (".csv", ".jsonl", ".parquet")
CHUNK_ROWS = 50_000
# A stray quote would swallow the rest of the file; a real cell never has so many lines.
MAX_LINES_PER_RECORD = 1_000
csv.field_size_limit(16 * 1024 * 1024)


@dataclass(frozen=True)
class RejectedLine:
    """A line that is no row: kept as raw text for the quarantine."""

    line: int
    reason: str
    raw: str


@dataclass
class RawFile:
    """One delivered file of a declared table; iterate `chunks()` once."""

    path: Path
    table: RawTable
    source: Source
    rejected: list[RejectedLine] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)

    def chunks(self) -> Iterator[pa.Table]:
        """Arrow tables of text: `_line`, the declared columns, `_extra` (JSON of the others)."""
        if self.path.stat().st_size == 0:
            raise CrmMartsError(
                "the file is empty, it has not even a header",
                place=str(self.path),
                remedy="Export it again; a table without rows still has its header line.",
            )
        read = {".csv": self._csv_rows, ".jsonl": self._jsonl_rows, ".parquet": self._parquet_rows}
        lines: list[int] = []
        rows: list[dict[str, Any]] = []
        for line, row in read[self.path.suffix]():
            lines.append(line)
            rows.append(row)
            if len(rows) == CHUNK_ROWS:
                yield self._arrow(lines, rows)
                lines, rows = [], []
        yield self._arrow(lines, rows)

    def _arrow(self, lines: list[int], rows: list[dict[str, Any]]) -> pa.Table:
        declared = self.table.columns
        columns: dict[str, Any] = {"_line": pa.array(lines, pa.int64())}
        for name in declared:
            columns[name] = pa.array([row.get(name) for row in rows], pa.string())
        others = [name for name in self.unknown_columns if any(row.get(name) for row in rows)]
        if self.table.ignores_other_columns:  # so that their edits make no new versions
            others = []
        extra = [{n: row[n] for n in others if row.get(n)} if others else None for row in rows]
        columns["_extra"] = pa.array(
            [json.dumps(e, ensure_ascii=False, sort_keys=True) if e else None for e in extra],
            pa.string(),
        )
        return pa.table(columns)

    def _check_header(self, header: list[str]) -> None:
        missing = sorted(self.table.required - set(header))
        if missing:
            raise CrmMartsError(
                f"column {', '.join(missing)} is missing",
                place=f"{self.path}, line 1",
                remedy=f"The file has {', '.join(header)}. Add the column to the export, or mark "
                "it optional in the CRM's sources file if this CRM never has it.",
            )
        doubled = sorted({name for name in header if header.count(name) > 1})
        if doubled:
            raise CrmMartsError(
                f"column {', '.join(doubled)} stands twice in the header",
                place=f"{self.path}, line 1",
                remedy="Export each column once.",
            )
        self.unknown_columns = [name for name in header if name not in self.table.columns]

    def _csv_rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        encoding = "utf-8-sig" if self.source.encoding in ("utf-8", "utf8") else self.source.encoding
        with self.path.open(encoding=encoding, newline="") as text:
            try:
                records = _CsvRecords(text, self.source.delimiter, self.rejected)
                _, header = next(iter(records))
                self._check_header(header)
                records.width = len(header)
                for line, cells in records:
                    yield line, dict(zip(header, cells, strict=True))
            except UnicodeDecodeError:
                raise self._encoding_error(encoding) from None

    def _jsonl_rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        seen: dict[str, None] = {}
        with self.path.open(encoding="utf-8-sig") as text:
            try:
                for line, raw in enumerate(text, start=1):
                    try:
                        row = json.loads(raw, parse_float=str, parse_int=str)
                    except ValueError as error:
                        self.rejected.append(RejectedLine(line, f"broken JSON: {error}", raw))
                        continue
                    if not isinstance(row, dict):
                        self.rejected.append(RejectedLine(line, "not a JSON object", raw))
                        continue
                    if not row.keys() <= seen.keys():
                        seen |= dict.fromkeys(row)
                        self.unknown_columns = [n for n in seen if n not in self.table.columns]
                    yield line, {name: _json_text(value) for name, value in row.items()}
            except UnicodeDecodeError:
                raise self._encoding_error("utf-8-sig") from None
        if seen:
            self._check_header(list(seen))

    def _parquet_rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        file = pq.ParquetFile(self.path)
        self._check_header(file.schema_arrow.names)
        line = 0
        for batch in file.iter_batches(CHUNK_ROWS):
            for row in batch.to_pylist():
                line += 1
                yield line, {name: _json_text(value) for name, value in row.items()}

    def _encoding_error(self, encoding: str) -> CrmMartsError:
        with self.path.open("rb") as binary:
            for line, raw in enumerate(binary, start=1):
                try:
                    raw.decode(encoding)
                except UnicodeDecodeError as error:
                    place = f"{self.path}, line {line}, byte {error.start + 1}"
                    break
            else:
                place = str(self.path)
        return CrmMartsError(
            f"the text is not {encoding.removesuffix('-sig')}",
            place=place,
            remedy="Export as UTF-8, or name the encoding of this source in crm_marts.toml, "
            'such as encoding = "cp1251".',
        )


def _json_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


class _CsvRecords:
    """CSV records with the number of their first line; broken lines go to `rejected`.

    A record may span lines inside quotes. When one cannot be read, or has another number of
    cells than the header, only its first line is rejected and reading resumes on the next line,
    so that a stray quote costs one line and not the rest of the file.
    """

    def __init__(self, text: Iterator[str], delimiter: str, rejected: list[RejectedLine]) -> None:
        self._text, self._delimiter, self._rejected = text, delimiter, rejected
        self._pushed_back: list[str] = []
        self._consumed: list[str] = []
        self._first_line = 1
        self.width: int | None = None

    def _lines(self) -> Iterator[str]:
        while True:
            if self._pushed_back:
                line = self._pushed_back.pop()
            else:
                try:
                    line = next(self._text)
                except StopIteration:
                    return
            self._consumed.append(line)
            if len(self._consumed) > MAX_LINES_PER_RECORD:
                raise csv.Error("a quote is opened and not closed")
            yield line

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        reader = self._reader()
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reader = self._reject(str(error))
                continue
            if self.width not in (None, len(cells)) and cells:
                reader = self._reject(f"{len(cells)} cells where the header has {self.width}")
                continue
            line = self._first_line
            self._first_line += len(self._consumed)
            self._consumed.clear()
            if cells:  # a blank line is no row
                yield line, cells

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines(), delimiter=self._delimiter, strict=True)

    def _reject(self, reason: str) -> Iterator[list[str]]:
        raw, *rest = self._consumed
        self._rejected.append(
            RejectedLine(self._first_line, f"broken line: {reason}", raw.rstrip("\r\n"))
        )
        self._pushed_back.extend(reversed(rest))
        self._consumed.clear()
        self._first_line += 1
        return self._reader()
