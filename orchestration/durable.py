"""Files that survive a crash: written aside, flushed, and renamed into place.

What stands under a name that begins with a dot is on its way: nobody reads it, and whoever writes
next clears it away (orchestration/close/leftovers.py).
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL, REPLACED, REMOVED = ".partial", ".replaced", ".removed"


def sync_folder(folder: Path) -> None:
    """Flush a folder and the files in it to disk, so that a rename cannot outrun them."""
    for path in [*(p for p in folder.iterdir() if p.is_file()), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def aside(path: Path, ending: str) -> Path:
    """The name under which a path is on its way in, or out."""
    return path.with_name(f".{path.name}{ending}")


@contextmanager
def new_folder(final: Path, *, replaces: bool = False) -> Iterator[Path]:
    """Yield a folder that appears as `final`, whole and flushed to disk, when nothing failed.

    With `replaces` one that stands there gives way. A kill between the two renames leaves it
    beside, from where `put_back` takes it.
    """
    partial, replaced = aside(final, PARTIAL), aside(final, REPLACED)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_folder(partial)
    if replaces and final.exists():
        shutil.rmtree(replaced, ignore_errors=True)
        final.rename(replaced)
    partial.rename(final)
    sync_folder(final.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def put_back(replaced: Path) -> None:
    """Undo a replacement that was killed half way; one that was done needs its old folder no more.

    The argument is the old folder's name beside (`aside`).
    """
    final = replaced.with_name(replaced.name.removeprefix(".").removesuffix(REPLACED))
    if final.exists():
        shutil.rmtree(replaced)
    else:
        replaced.rename(final)


def remove_folder(folder: Path) -> None:
    """Take a folder away whole: it is gone by one rename, then deleted."""
    removed = aside(folder, REMOVED)
    shutil.rmtree(removed, ignore_errors=True)
    folder.rename(removed)
    shutil.rmtree(removed, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Put a text in the place of a file by one rename."""
    new = aside(path, PARTIAL)
    new.write_text(text, encoding="utf-8")
    with new.open(encoding="utf-8") as file:
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)
