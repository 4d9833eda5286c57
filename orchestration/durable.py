"""Files that survive a crash: written aside, flushed, and renamed into place."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Flush a folder and the files in it to disk, so that a rename cannot outrun them."""
    for path in [*(p for p in folder.iterdir() if p.is_file()), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
