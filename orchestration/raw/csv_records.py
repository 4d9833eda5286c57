"""CSV rows with the numbers of their lines; a broken line costs itself and nothing else."""

import csv
from collections.abc import Iterator

from orchestration.raw.raw_file import CHUNK_CHARACTERS, CHUNK_ROWS, Chunk, RawFile
from orchestration.raw.text_files import lines, open_text

# A stray quote would swallow the rest of the file; a real cell never has so many lines.
MAX_LINES_PER_RECORD = 1_000
MAX_CELL_CHARACTERS = 16 * 1024 * 1024

REMEDY = (
    "Export as UTF-8, or name the encoding of this source in crm_marts.toml, such as "
    'encoding = "cp1251".'
)
Rows = tuple[list[int], list[list[str]]]  # numbers of the records' first lines, and their cells


def csv_chunks(file: RawFile) -> Iterator[Chunk]:
    """Rows of a CSV file in chunks, at least one."""
    with open_text(file.path, file.source.encoding, REMEDY) as text:
        records = CsvRecords(lines(text, file.path), file)
        names = file.check_header(*records.header())
        yield [], dict.fromkeys(names, ())
        for numbers, rows in records.blocks(len(names)):
            if rows:
                yield numbers, dict(zip(names, zip(*rows, strict=True), strict=True))


class CsvRecords:
    """Reads records, which may span lines inside quotes; blank lines are no rows.

    When a record cannot be read, or has not the header's width, its first line alone is rejected
    and reading resumes on the next line: a stray quote costs one line, not the rest of the file.
    """

    def __init__(self, text: Iterator[str], file: RawFile) -> None:
        """Read from `text`, lines with their ends."""
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        self._text, self._file = text, file
        self._ahead: list[str] = []  # lines read, but not yet taken as records
        self._next_line = 1

    def header(self) -> tuple[list[str], int]:
        """Cells of the first record and the number of its line; nothing may be broken before."""
        for numbers, rows in self.blocks(None):
            if rows:
                return rows[0], numbers[0]
            if self._file.first_rejected:
                break
        raise self._file.no_header(self._file.first_rejected)

    def blocks(self, width: int | None) -> Iterator[Rows]:
        """Blocks of further records, some empty; without a width one record each."""
        while self._ahead or self._fetch():
            rows, reason, may_go_on = self._parse(width)
            if reason and not (may_go_on and self._fetch()):
                line = self._ahead.pop(0)
                self._file.reject_line(self._next_line, f"broken line: {reason}", line)
                self._next_line += 1
            yield rows

    def _fetch(self) -> bool:
        """Read a block of lines ahead, bounded in lines and characters; False at the end."""
        characters = 0
        for number, line in enumerate(self._text, start=1):
            self._ahead.append(line)
            characters += len(line)
            if number == CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
                break
        return characters > 0

    def _parse(self, width: int | None) -> tuple[Rows, str, bool]:
        """Take records from the lines ahead, up to one that cannot be read: why, may it go on."""
        numbers: list[int] = []
        rows: list[list[str]] = []
        reason, may_go_on, taken = "", False, 0
        reader = csv.reader(self._ahead, delimiter=self._file.source.delimiter, strict=True)
        try:
            for cells in reader:
                if reader.line_num - taken > MAX_LINES_PER_RECORD:
                    break
                if cells and len(cells) != (width or len(cells)):
                    reason = f"{len(cells)} cells where the header has {width}"
                    break
                if cells:
                    numbers.append(self._next_line + taken)
                    rows.append(cells)
                taken = reader.line_num
                if width is None:
                    break
        except csv.Error as error:
            reason, may_go_on = str(error), reader.line_num == len(self._ahead)
        if reader.line_num - taken > MAX_LINES_PER_RECORD:
            reason, may_go_on = "a quote is opened and not closed", False
        del self._ahead[:taken]
        self._next_line += taken
        return (numbers, rows), reason, may_go_on
