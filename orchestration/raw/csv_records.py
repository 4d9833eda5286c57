"""CSV records with the numbers of their lines; a broken line costs itself and nothing else."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# A stray quote would swallow the rest of the file; a real cell never has so many lines.
MAX_LINES_PER_RECORD = 1_000
MAX_CELL_CHARACTERS = 16 * 1024 * 1024


@dataclass(frozen=True)
class RejectedLine:
    """A line that is no row, or that another row supersedes: kept for the quarantine."""

    line: int
    reason: str
    raw: str


class CsvRecords:
    """Iterates over (number of the record's first line, cells); broken lines go to `rejected`.

    A record may span lines inside quotes. When one cannot be read, or has not `width` cells, only
    its first line is rejected and reading resumes on the next line, so that a stray quote costs
    one line and not the rest of the file. Blank lines are no rows.
    """

    def __init__(self, text: Iterable[str], delimiter: str, rejected: list[RejectedLine]) -> None:
        """Read from `text`, which keeps its line ends."""
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        self.width: int | None = None
        self._text, self._delimiter, self._rejected = iter(text), delimiter, rejected
        self._pushed_back: list[str] = []
        self._consumed: list[str] = []
        self._first_line = 1

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Go on reading after the last record taken."""
        reader = self._reader()
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._reject(str(error))
                reader = self._reader()
                continue
            if cells and self.width is not None and len(cells) != self.width:
                self._reject(f"{len(cells)} cells where the header has {self.width}")
                reader = self._reader()
                continue
            line = self._first_line
            self._first_line += len(self._consumed)
            self._consumed.clear()
            if cells:
                yield line, cells

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines(), delimiter=self._delimiter, strict=True)

    def _lines(self) -> Iterator[str]:
        consumed, pushed_back = self._consumed, self._pushed_back
        while True:
            line = pushed_back.pop() if pushed_back else next(self._text, None)
            if line is None:
                return
            consumed.append(line)
            if len(consumed) > MAX_LINES_PER_RECORD:
                raise csv.Error("a quote is opened and not closed")
            yield line

    def _reject(self, reason: str) -> None:
        raw, *rest = self._consumed
        self._rejected.append(
            RejectedLine(self._first_line, f"broken line: {reason}", raw.rstrip("\r\n"))
        )
        self._pushed_back.extend(reversed(rest))
        self._consumed.clear()
        self._first_line += 1
