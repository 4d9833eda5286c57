"""One writer: a lock on the data folder that says who holds it."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from orchestration.close.leftovers import clear_leftovers
from orchestration.errors import CrmMartsError
from orchestration.settings import Settings

LOCK = "writer.lock"


class LockedError(CrmMartsError):
    """Another process is writing."""


@contextmanager
def writer_lock(settings: Settings, purpose: str) -> Iterator[None]:
    """Hold the one writer's lock; raises LockedError that names the holder.

    What killed writers left behind is cleared away first.

    The lock belongs to the open file, so that it ends with the process, however that ends.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / LOCK
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise LockedError(
                f"another close is writing: {_holder(file.read())}",
                place=str(path),
                remedy="Wait until it ends; two writers would spoil each other's work.",
            ) from None
        file.truncate(0)
        file.write(json.dumps(_ourselves(purpose)))
        file.flush()
        try:
            clear_leftovers(settings)
            yield
        finally:
            file.truncate(0)  # also after an error: the process may live on without the lock


def _ourselves(purpose: str) -> dict[str, str | int]:
    since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return {
        "process": os.getpid(),
        "purpose": purpose,
        "since": since,
        "host": socket.gethostname(),
    }


def is_held(settings: Settings) -> bool:
    """Whether the process that the lock's file names is alive."""
    path = settings.data_dir / LOCK
    return path.is_file() and _living(path.read_text(encoding="utf-8")) is not None


def _holder(text: str) -> str:
    said = _living(text)
    if said is None:
        return "a process that has not said yet who it is"
    return f"{said['purpose']}, process {said['process']} on {said['host']} since {said['since']}"


def _living(text: str) -> dict[str, Any] | None:
    """What the lock's file says of its holder, unless that is a killed one."""
    try:
        said: dict[str, Any] = json.loads(text)
        if said["host"] == socket.gethostname():
            os.kill(said["process"], 0)
    except (ValueError, KeyError, TypeError, ProcessLookupError):
        return None
    except PermissionError:  # of another user
        pass
    return said
