"""Chunks of rows from the sheets of Excel workbooks, as text."""

import json
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from orchestration.errors import CrmMartsError
from orchestration.raw.raw_file import Chunk, RawFile, batches

# A workbook is a compressed archive; what it unpacks to has to fit in memory in part.
MAX_UNPACKED_BYTES = 500_000_000


SheetRows = Iterator[tuple[int, list[str | None]]]


def sheet_chunks(file: RawFile) -> Iterator[Chunk]:
    """Rows of the table's sheet in chunks, at least one."""
    rows = sheet_rows(file.path, file.table.name)
    line, header = next(rows, (1, None))
    if header is None:
        raise file.no_header()
    while header and header[-1] is None:
        header.pop()
    names = file.check_header([(name or "").strip() for name in header], line)
    for numbers, cells in batches(_fitting(file, rows, len(names))):
        columns = zip(*cells, strict=True) if cells else ((),) * len(names)
        yield numbers, dict(zip(names, columns, strict=True))


def sheet_names(path: Path) -> list[str]:
    """Names of a workbook's sheets. Raises CrmMartsError when the file is no workbook."""
    with _open(path) as book:
        names: list[str] = book.sheetnames
        return names


def sheet_rows(path: Path, table: str) -> SheetRows:
    """Rows of the sheet named like the table, else of the only sheet, with their numbers from 1.

    Cells are text as a CSV would have it: dates in ISO, whole numbers without a point; empty cells
    are None, rows without any filled cell are left out. Formulas give the value last computed.
    Raises CrmMartsError when the file is no workbook, is too large, or has no such sheet.
    """
    with _open(path) as book:
        sheet = book[_sheet_name(path, table, book.sheetnames)]
        sheet.reset_dimensions()  # the size that the file states is often wrong
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield number, texts


def _fitting(
    file: RawFile, rows: SheetRows, width: int
) -> Iterator[tuple[int, list[str | None], int]]:
    for line, cells in rows:
        if any(cells[width:]):
            filled = max(n for n, cell in enumerate(cells, start=1) if cell)
            reason = f"broken line: {filled} cells where the header has {width}"
            file.reject(line, reason, json.dumps(cells[:filled], ensure_ascii=False))
        else:
            size = sum(len(cell) for cell in cells if cell)
            yield line, cells[:width] + [None] * (width - len(cells)), size


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    import openpyxl

    _refuse_too_large(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions, which are not read
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except Exception as error:  # openpyxl lets through whatever the XML leads to
            raise _unreadable(path, error) from None
        try:
            yield book
        except CrmMartsError:
            raise
        except Exception as error:
            raise _unreadable(path, error) from None
        finally:
            book.close()


def _refuse_too_large(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise _unreadable(path, error) from None
    if unpacked > MAX_UNPACKED_BYTES:
        raise CrmMartsError(
            f"the workbook unpacks to {unpacked:,} bytes, over {MAX_UNPACKED_BYTES:,}",
            place=str(path),
            remedy="Export the sheet as CSV.",
        )


def _sheet_name(path: Path, table: str, names: list[str]) -> str:
    if table in names:
        return table
    if len(names) == 1:
        return names[0]
    raise CrmMartsError(
        f"none of the sheets {', '.join(names)} is named {table}",
        place=str(path),
        remedy=f"Name the sheet with the rows {table}, or keep it alone in the workbook.",
    )


def _unreadable(path: Path, error: Exception) -> CrmMartsError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return CrmMartsError(
        f"the workbook cannot be read: {reason}",
        place=str(path),
        remedy="Save it again as .xlsx, without a password, or export the sheet as CSV.",
    )


def _text(cell: Any) -> str | None:
    match cell:
        case bool():
            text = "true" if cell else "false"
        case float() if cell.is_integer():
            text = str(int(cell))
        case datetime() if cell.time() == time():
            text = cell.date().isoformat()
        case datetime():
            text = cell.replace(microsecond=0).isoformat()
        case timedelta():
            text = str(int(cell.total_seconds()))
        case _:
            text = "" if cell is None else str(cell)  # dates and times are ISO already
    return text if text.strip() else None
