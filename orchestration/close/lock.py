"""One writer: a lock on the data folder that says who holds it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from orchestration.errors import CrmMartsError
from orchestration.settings import Settings


class LockedError(CrmMartsError):
    """Another process is writing."""


@contextmanager
def writer_lock(settings: Settings, purpose: str) -> Iterator[None]:
    """Hold the one writer's lock; raises LockedError that names the holder.

    Only DuckDB's files are written so far: any other engine is refused.

    The lock belongs to the open file, so that it ends with the process, however that ends.
    """
    if settings.engine != "duckdb":
        raise CrmMartsError(
            f"months are closed on DuckDB alone so far, not on {settings.engine}",
            place="crm_marts.toml",
            remedy='Set engine = "duckdb".',
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / "writer.lock"
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "an unknown process"
            raise LockedError(
                f"another close is writing: {holder}",
                place=str(path),
                remedy="Wait until it ends; two writers would spoil each other's work.",
            ) from None
        file.truncate(0)
        file.write(json.dumps({"process": os.getpid(), "purpose": purpose}))
        file.flush()
        yield
        file.truncate(0)
