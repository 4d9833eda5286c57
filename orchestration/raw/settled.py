"""Whether a load folder is whole, or still being delivered."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.raw.manifest import MANIFEST

# Names under which programs deliver what they rename when it is whole.
UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload")


@dataclass(frozen=True)
class Waiting:
    """A load that is not taken yet: `since` is UTC, None when nothing in it says."""

    load_id: str
    folder: Path
    reason: str
    since: datetime | None

    def __str__(self) -> str:
        """One line for a person."""
        since = f", since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        return f"load {self.load_id} waits: {self.reason}{since}"


def waiting(load_id: str, folder: Path, settle_seconds: int) -> Waiting | None:
    """Why the load is not whole; None when it is.

    It is whole when its manifest stands in it, which is written last, or when nothing in it was
    modified for `settle_seconds`.
    """
    try:
        return _waiting(load_id, folder, settle_seconds)
    except FileNotFoundError:
        return Waiting(load_id, folder, "its files are being renamed", None)


def _waiting(load_id: str, folder: Path, settle_seconds: int) -> Waiting | None:
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    modified = max(map(_modified, [folder, *files]))
    for path in files:
        if path.suffix in UNFINISHED:
            return Waiting(load_id, folder, f"{path.name} is being delivered", _modified(path))
    manifest = folder / MANIFEST
    if manifest.is_file() and manifest.stat().st_size > 0:
        return None
    if not any(not path.name.startswith((".", "_")) for path in files):
        return Waiting(load_id, folder, "it is empty", modified)
    age = (datetime.now(UTC) - modified).total_seconds()
    if age < settle_seconds:
        reason = f"it has no {MANIFEST}, and settles for {settle_seconds} seconds"
        return Waiting(load_id, folder, reason, modified)
    return None


def _modified(path: Path) -> datetime:
    """Time of the last change; a copied file may carry a later one, but not a later change."""
    status = path.stat()
    return datetime.fromtimestamp(min(status.st_mtime, status.st_ctime), UTC)
