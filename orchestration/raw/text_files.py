"""Opens delivered text: gzip is unpacked while it is read, a byte order mark names the encoding."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TextIO

from orchestration.errors import CrmMartsError

# Without line ends a file, or what a gzip file unpacks to, would be one line in memory.
MAX_LINE_CHARACTERS = 32 * 1024 * 1024
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
BLOCK = 1 << 20


@contextmanager
def open_text(path: Path, encoding: str, remedy: str, newline: str = "") -> Iterator[TextIO]:
    """Open a file, also one of gzip, to be read as text of this encoding, if no mark says another.

    Raises CrmMartsError when the file is empty or broken, or the text of another encoding, at
    once or while it is read; `remedy` says what to do about an encoding.
    """
    with open_binary(path) as binary:
        start = binary.read(3)
        if not start:
            raise empty_file(path)
        marked = (name for mark, name in BYTE_ORDER_MARKS.items() if start.startswith(mark))
        encoding = next(marked, codecs.lookup(encoding).name)
        binary.seek(0)
        text = TextIOWrapper(binary, encoding=encoding, newline=newline)
        try:
            yield text
        except UnicodeError:
            raise CrmMartsError(
                f"the text is not {encoding.removesuffix('-sig')}",
                place=_undecodable(path, encoding),
                remedy=remedy,
            ) from None
        finally:
            text.detach()


@contextmanager
def open_binary(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Open a file, unpacking one of gzip. Raises CrmMartsError when its gzip is broken."""
    if path.suffix != ".gz":
        with path.open("rb") as file:
            yield file
        return
    try:
        with gzip.open(path, "rb") as unpacked:
            yield unpacked
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CrmMartsError(
            f"the gzip file cannot be read: {error}",
            place=str(path),
            remedy="It is cut off or damaged. Deliver it again.",
        ) from None


def lines(text: TextIO, path: Path) -> Iterator[str]:
    """Lines with their ends. Raises CrmMartsError for a line beyond all measure."""
    for number, line in enumerate(iter(partial(text.readline, MAX_LINE_CHARACTERS), ""), start=1):
        if len(line) == MAX_LINE_CHARACTERS and line[-1] not in "\r\n":
            raise CrmMartsError(
                f"the line is longer than {MAX_LINE_CHARACTERS:,} characters",
                place=f"{path}, line {number}",
                remedy="Export it again, each row on a line of its own.",
            )
        yield line


def empty_file(path: Path) -> CrmMartsError:
    """Return the refusal of a file without a byte."""
    return CrmMartsError(
        "the file is empty, it has not even a header",
        place=str(path),
        remedy="Export it again. A table without rows is its header line, in JSON Lines a blank "
        "line.",
    )


def _undecodable(path: Path, encoding: str) -> str:
    """Name the first place that is no text of the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, start_of_line, before = 1, 0, 0  # in bytes of the file; `before` the undecoded rest
    with open_binary(path) as binary:
        while True:
            block = binary.read(BLOCK)
            rest, _ = decoder.getstate()
            try:
                decoder.decode(block, final=not block)
                good, error = rest + block, None
            except UnicodeDecodeError as found:
                good, error = found.object[: found.start], found
            except UnicodeError:
                return str(path)
            if error is None:
                good = good[: len(good) - len(decoder.getstate()[0])]
            line += good.count(b"\n")
            if b"\n" in good:
                start_of_line = before + good.rindex(b"\n") + 1
            before += len(good)
            if error is not None:
                return f"{path}, line {line}, byte {before - start_of_line + 1}"
            if not block:
                return str(path)
