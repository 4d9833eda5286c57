"""What the machine refuses: a full disk, missing rights, files that others hold, lost connections.

The one place that says of any error whether it is such a fault, whether it passes by itself, and
what a reader is told. The same fault comes as OSError, from DuckDB, through dbt and from SQLite,
so it is known by its text.
"""

import os
import re
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from orchestration.errors import CrmMartsError

# A step that met a fault that passes by itself is tried so many times more, so far apart.
RETRIES, WAIT_SECONDS = 3, 10
Result = TypeVar("Result")


class Fault(NamedTuple):
    """A kind of fault: the texts by which it is known, and what a reader is told."""

    marks: tuple[str, ...]
    problem: str
    remedy: str
    passes: bool = False
    place: str = "a file of data_dir, or of the folder for temporary files"


FAULTS = (
    Fault(
        (
            "No space left on device",
            "Disk quota exceeded",
            "database or disk is full",
            "failed to offload data block",
        ),
        "the disk is full",
        "Make room on it and run again: nothing was lost, and what was half written is cleared "
        "away then.",
    ),
    # What SQLite says when it finds no room for its log, and of a disk that fails.
    Fault(
        ("disk I/O error",),
        "the disk is full, or it fails",
        "Make room on it, or look after it, and run again: nothing was lost.",
    ),
    Fault(
        ("Out of Memory Error",),
        "it may use too little memory",
        "Raise memory_limit in crm_marts.toml, or lower threads, and run again; nothing was "
        "published.",
        place="DuckDB, which builds the models",
    ),
    Fault(
        ("Read-only file system", "attempt to write a readonly database"),
        "the disk can only be read",
        "Mount it for writing and run again; nothing was lost.",
    ),
    Fault(
        ("Permission denied", "Operation not permitted", "unable to open database file"),
        "the rights to it are missing",
        "Give the user of this process (id {user}) the rights to read raw_dir, and to write "
        "data_dir with all that is in it, and run again; nothing was lost.",
    ),
    Fault(
        ("Could not set lock on file",),
        "another program has the file open{holder}",
        "Close it there and run again. Whoever reads opens the files of published/current, "
        "read-only.",
        passes=True,
    ),
    # Of a server that the models are built on, as dbt passes it on.
    Fault(
        (
            "server closed the connection unexpectedly",
            "terminating connection due to administrator command",
            "the database system is starting up",
            "the database system is shutting down",
        ),
        "the connection to the database server was lost",
        "Look whether the server runs, and run again; nothing was published.",
        passes=True,
    ),
    Fault(
        (
            "database is locked",
            "Resource temporarily unavailable",
            "Stale file handle",
            "Interrupted system call",
        ),
        "the file was not to be had",
        "Look whether another program, or a network drive, holds it, and run again.",
        passes=True,
    ),
)
HOLDER = re.compile(r"Conflicting lock is held in (.+?)(?: by user|\. See|\.?$)", re.MULTILINE)
PATH = re.compile(r"""['"](/[^'"\n]+)['"]""")


def fault_in(text: str) -> Fault | None:
    """The kind of fault that an error's text speaks of, if any."""
    return next((fault for fault in FAULTS if any(mark in text for mark in fault.marks)), None)


def told(text: str) -> CrmMartsError | None:
    """What a reader is told of an error with this text; None when it is no fault of the machine.

    Of the text nothing but the path and the holder is passed on: it can hold cells of a row.
    """
    fault = fault_in(text)
    if fault is None:
        return None
    path, holder = PATH.search(text), HOLDER.search(text)
    return CrmMartsError(
        fault.problem.format(holder=f": {holder[1]}" if holder else ""),
        place=path[1] if path else fault.place,
        remedy=fault.remedy.format(user=os.geteuid()),
    )


def text_of(error: BaseException) -> str:
    """An error's text with those of the errors behind it."""
    behind: BaseException | None = error
    texts: list[str] = []
    while behind is not None:
        texts.append(str(behind))
        behind = behind.__cause__ or behind.__context__
    return "\n".join(texts)


def passes_by_itself(error: BaseException) -> bool:
    """Whether it is worth trying again: never after a failed check, bad input or a full disk."""
    if isinstance(error, CrmMartsError):
        return error.is_transient
    fault = fault_in(text_of(error))
    return isinstance(error, ConnectionError) or (fault is not None and fault.passes)


def patiently(act: Callable[[], Result], report: Callable[[str], None]) -> Result:
    """Do something that can be done twice, again while a fault passes by itself."""
    for _ in range(RETRIES):
        try:
            return act()
        except Exception as error:
            if not passes_by_itself(error):
                raise
            report(f"{told(text_of(error)) or error} Trying again in {WAIT_SECONDS} seconds.")
            time.sleep(WAIT_SECONDS)
    return act()
