"""One delivered file of a declared table: its header, and its lines that are no rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from orchestration.errors import CrmMartsError
from orchestration.raw.declared import RawTable
from orchestration.raw.page_totals import PageTotals
from orchestration.settings import Source

# A chunk of rows is held in memory as Python's objects, several times over.
CHUNK_ROWS, CHUNK_CHARACTERS = 50_000, 1_000_000
# So many unreadable lines are a broken export, not broken lines.
MAX_REJECTED_LINES = 100_000
BATCH_REJECTED, BATCH_CHARACTERS = 1_000, 4_000_000

Row = TypeVar("Row")
Cells = Sequence[str | None]
Chunk = tuple[Sequence[int], Mapping[str, Cells]]  # numbers of lines, cells by column


@dataclass(frozen=True)
class RejectedLine:
    """A line that is no row: kept for the quarantine."""

    line: int
    reason: str
    raw: str


@dataclass
class RawFile:
    """A delivered file; rejected lines go to `keep_rejected` in batches, the last by `flush`."""

    path: Path
    table: RawTable
    source: Source
    keep_rejected: Callable[["RawFile", list[RejectedLine]], None]
    totals: PageTotals = field(default_factory=PageTotals)
    rejected_count: int = 0
    unknown_columns: list[str] = field(default_factory=list)
    _rejected: list[RejectedLine] = field(default_factory=list)
    _rejected_characters: int = 0

    def reject(self, line: int, reason: str, raw: str) -> None:
        """Keep a line that is no row, as text that any engine can hold."""
        self.rejected_count += 1
        if self.rejected_count > MAX_REJECTED_LINES:
            raise CrmMartsError(
                f"more than {MAX_REJECTED_LINES:,} lines cannot be read, this one for: {reason}",
                place=f"{self.path}, line {line}",
                remedy="Look at the first of them: the export is broken, or the delimiter or "
                "encoding of the source in crm_marts.toml is another.",
            )
        self._rejected.append(RejectedLine(line, reason, raw.replace("\0", "\u2400")))
        self._rejected_characters += len(raw)
        if len(self._rejected) >= BATCH_REJECTED or self._rejected_characters > BATCH_CHARACTERS:
            self.flush()

    def reject_line(self, number: int, reason: str, line: str) -> None:
        """Keep a line of text that is no row; `line` has its end.

        Raises CrmMartsError for one without: the file was cut off there, and the rows that are
        missing would count as deleted.
        """
        if not line.endswith(("\n", "\r")):
            raise CrmMartsError(
                f"the file ends in the middle of a row, {reason}",
                place=f"{self.path}, line {number}",
                remedy="It was cut off: deliver it again. If nothing is missing, put a line break "
                "at its end; then that line alone is rejected.",
            )
        self.reject(number, reason, line.rstrip("\r\n"))

    def flush(self) -> None:
        """Hand on the rejected lines that are still held."""
        if self._rejected:
            self.keep_rejected(self, self._rejected)
        self._rejected, self._rejected_characters = [], 0

    def check_header(self, header: list[str], line: int = 1) -> list[str]:
        """Return the names of the columns with aliases resolved.

        Raises CrmMartsError when a required column is missing or a column stands twice.
        """
        place = self.place(line)
        names = self.columns(header, place)
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

    def columns(self, header: list[str], place: str) -> list[str]:
        """Resolve aliases and note unknown columns; refuses two columns of one name."""
        names = [self.table.column(name) for name in header]
        for name in {name for name in names if names.count(name) > 1}:
            given = [each for each in header if self.table.column(each) == name]
            raise CrmMartsError(
                f"columns {' and '.join(map(repr, dict.fromkeys(given)))} are one, {name}"
                if len(set(given)) > 1
                else f"column {name!r} stands twice in the header",
                place=place,
                remedy="Export each column once.",
            )
        self.unknown_columns = [name for name in names if name not in self.table.columns]
        return names

    def no_header(self, broken: RejectedLine | None = None) -> CrmMartsError:
        """Return the refusal of a file whose first line is none, or is broken."""
        return CrmMartsError(
            f"the header cannot be read, {broken.reason}" if broken else "the file has no header",
            place=self.place(broken.line if broken else 1),
            remedy="Export it again; the first line holds the names of the columns.",
        )

    def place(self, line: int) -> str:
        """Where a line is, for a person; a workbook of several tables has a sheet for each."""
        stem = self.path.name.split(".")[0]
        is_sheet = self.path.suffix == ".xlsx" and stem != self.table.name
        return f"{self.path}{f', sheet {self.table.name}' if is_sheet else ''}, line {line}"

    @property
    def first_rejected(self) -> RejectedLine | None:
        """The first rejected line that was not handed on yet."""
        return self._rejected[0] if self._rejected else None


def batches(rows: Iterator[tuple[int, Row, int]]) -> Iterator[tuple[list[int], list[Row]]]:
    """Lists of line numbers and rows, bounded in rows and characters; rows come with their size.

    One pair of empty lists for no rows.
    """
    lines: list[int] = []
    batch: list[Row] = []
    characters, is_first = 0, True
    for line, row, size in rows:
        lines.append(line)
        batch.append(row)
        characters += size
        if len(batch) >= CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
            yield lines, batch
            lines, batch, characters, is_first = [], [], 0, False
    if batch or is_first:
        yield lines, batch
