"""Chunks of rows from JSON documents and JSON Lines."""

import json
from collections.abc import Iterator
from typing import Any

from orchestration.errors import CrmMartsError
from orchestration.raw.json_rows import (
    broken_document,
    checked_row,
    document_rows,
    may_hold_bad_text,
    read_json,
    rows_of,
)
from orchestration.raw.raw_file import Chunk, RawFile, batches
from orchestration.raw.text_files import lines, open_binary, open_text

# A document is parsed in memory as a whole, where it takes several times its size.
MAX_DOCUMENT_BYTES = 200 * 1024 * 1024

REMEDY = "JSON is UTF-8, or has a byte order mark."
JsonRow = tuple[int, dict[str, Any], int]  # number of the line, cells, size in characters


def jsonl_chunks(file: RawFile) -> Iterator[Chunk]:
    """Rows of a file of JSON Lines in chunks, at least one."""
    with open_text(file.path, "utf-8", REMEDY, newline="\n") as text:
        yield from _chunks(file, _line_rows(file, lines(text, file.path)))


def json_chunks(file: RawFile) -> Iterator[Chunk]:
    """Rows of a JSON document in chunks, at least one."""
    with open_binary(file.path) as binary:
        size = 0
        while block := binary.read(1 << 20):  # a gzip file's size says nothing
            size += len(block)
            if size > MAX_DOCUMENT_BYTES:
                raise CrmMartsError(
                    f"the document is over {MAX_DOCUMENT_BYTES:,} bytes",
                    place=str(file.path),
                    remedy="Export it as JSON Lines (.jsonl), one row or page on each line.",
                )
    with open_text(file.path, "utf-8", REMEDY) as text:
        document = text.read()
    yield from _chunks(file, _document_rows(file, document))


def _chunks(file: RawFile, rows: Iterator[JsonRow]) -> Iterator[Chunk]:
    seen: dict[str, None] = {}
    for numbers, batch in batches(rows):
        for row in batch:
            seen |= dict.fromkeys(row)
        names = file.columns(list(seen), file.place(max(numbers, default=1)))
        yield (
            numbers,
            {
                name: [cell_text(row.get(given)) for row in batch]
                for given, name in zip(seen, names, strict=True)
            },
        )
    if seen:
        file.check_header(list(seen))


def _document_rows(file: RawFile, document: str) -> Iterator[JsonRow]:
    place, suspicious = str(file.path), may_hold_bad_text(document)
    rows = document_rows(document, file.table, file.totals, place)
    size = len(document) // max(len(rows), 1)
    for number, value in enumerate(rows, start=1):
        try:
            yield number, checked_row(value, suspicious), size
        except ValueError as error:
            raise broken_document(place, f"row {number}, {error}") from None


def _line_rows(file: RawFile, text: Iterator[str]) -> Iterator[JsonRow]:
    """Rows by their lines; of a page, which holds several, by numbers that go on from there."""
    number = 0
    for line, raw in enumerate(text, start=1):
        if raw.isspace():
            continue
        try:
            value = read_json(raw)
        except ValueError as error:
            number = max(number + 1, line)
            file.reject_line(number, f"broken JSON: {error}", raw)
            continue
        rows = rows_of(value, file.table, file.totals, file.place(line))
        suspicious = may_hold_bad_text(raw)
        for row in [value] if rows is None else rows:
            number = max(number + 1, line)
            try:
                yield number, checked_row(row, suspicious), len(raw) // len(rows or [value])
            except ValueError as error:
                part = raw.rstrip("\r\n") if rows is None else json.dumps(row)
                file.reject(number, f"broken JSON: {error}", part)


def cell_text(value: Any) -> str | None:
    """Text of a value; lists and records as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return str(value)
