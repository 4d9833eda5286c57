"""What killed runs left behind: cleared away by the next one that writes."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from orchestration.close.release import remove_old_releases
from orchestration.durable import PARTIAL, REMOVED, REPLACED, put_back
from orchestration.settings import Settings

SCRATCH = ".replay-"


@contextmanager
def scratch_warehouse(settings: Settings) -> Iterator[Path]:
    """Yield a folder of the data folder's disk that is gone afterwards.

    Its lock tells it from one whose process was killed: replays run beside the one writer.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=settings.data_dir))
        with _locked(folder) as is_ours:
            if is_ours:
                try:
                    yield folder
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
                return


def clear_leftovers(settings: Settings) -> None:
    """Take away what nobody will finish; the caller holds the one writer's lock."""
    for folder in settings.data_dir.glob(f"{SCRATCH}*"):
        with _locked(folder) as is_ours:
            if is_ours:
                shutil.rmtree(folder)
    kept = (settings.history_dir, settings.editions_dir, settings.packs_dir)
    sources_and_months = (folder.glob("*") for folder in kept)
    once = (settings.restatements_dir, settings.published_dir, settings.quality_dir)
    for home in [*chain(*sources_and_months), *once]:
        for replaced in home.glob(f".*{REPLACED}"):
            put_back(replaced)
        for ending in (PARTIAL, REMOVED):
            for path in home.glob(f".*{ending}"):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
    remove_old_releases(settings)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold a folder's lock; false when somebody else has it, or took the folder away."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield folder.exists()
    finally:
        os.close(handle)
