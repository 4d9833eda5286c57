"""Releases: whole sets of serving files, and the pointer that readers follow.

A release is a folder <published_dir>/releases/<number>/ with `crm_marts.duckdb` (schema marts,
views over it in schema serving, all editions in schema marts_history),
`restricted.duckdb` (names, readable by its owner alone) and `parquet/<mart>/<month>.parquet`
(without the restricted marts; `current.parquet` for relations without months; of a carried one the
newest file that has a row tells it).
One rename of the symlink `current` switches all of them together; a reader that opened the real
path behind it keeps a whole old release.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.close.edition import edition_dir, editions
from orchestration.close.marts import Mart
from orchestration.durable import PARTIAL, aside, sync_folder
from orchestration.settings import Settings

SERVING, RESTRICTED = "crm_marts.duckdb", "restricted.duckdb"


def current_release(settings: Settings) -> Path | None:
    """Real path of the release that readers see, None before the first publication."""
    pointer = settings.published_dir / "current"
    return pointer.resolve() if pointer.exists() else None


def published_editions(release: Path | None) -> dict[str, tuple[int, datetime]]:
    """Number and moment of knowledge (UTC) of the edition that a release has, by month."""
    if release is None:
        return {}
    with duckdb.connect(str(release / SERVING), read_only=True) as db:
        found = db.execute("select month, edition, as_of from marts.editions").fetchall()
    return {month: (number, as_of.replace(tzinfo=UTC)) for month, number, as_of in found}


def published_numbers(settings: Settings) -> dict[str, int]:
    """Edition number that readers see, by month."""
    return {
        month: number
        for month, (number, _) in published_editions(current_release(settings)).items()
    }


@contextmanager
def new_release(settings: Settings, marts: list[Mart]) -> Iterator[Path]:
    """Yield the folder of a release that begins as a copy of the last one.

    When nothing failed, readers are switched to it.
    """
    previous = current_release(settings)
    number = int(previous.name) + 1 if previous else 1
    release = settings.published_dir / "releases" / f"{number:06d}"
    shutil.rmtree(release, ignore_errors=True)  # left over by a killed publication
    release.mkdir(parents=True)
    try:
        if previous:
            for file in (SERVING, RESTRICTED):
                shutil.copyfile(previous / file, release / file)
        yield release
        _complete(settings, release, marts)
        _switch(settings, release)
    except BaseException:
        if current_release(settings) != release.resolve():
            shutil.rmtree(release, ignore_errors=True)  # a full disk needs the room
        raise
    remove_old_releases(settings)


def _complete(settings: Settings, release: Path, marts: list[Mart]) -> None:
    """Give a release all that readers find in it, flushed to disk."""
    (release / RESTRICTED).chmod(0o600)
    for file in (SERVING, RESTRICTED):
        if (release / file).with_suffix(".duckdb.wal").exists():
            raise RuntimeError(f"{release / file} was not closed: its log is still there")
    with duckdb.connect(str(release / SERVING), read_only=True) as db:
        published = dict(db.execute("select month, edition from marts.editions").fetchall())
    _link_parquet(settings, release, published, marts)
    sync_folder(release)


def serving_database(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a serving file, written in the storage that all 1.x clients read."""
    db = duckdb.connect()
    db.execute("set TimeZone = 'UTC'")
    db.execute(f"attach '{path}' as serving (storage_version 'v1.0.0')")
    db.execute("use serving")
    return db


def _link_parquet(
    settings: Settings, release: Path, published: dict[str, int], marts: list[Mart]
) -> None:
    """Give the release the Parquet files of all its editions; the files are shared, not copied."""
    newest = max(published)
    for mart in (mart for mart in marts if not mart.is_restricted):
        folder = release / "parquet" / mart.name
        folder.mkdir(parents=True)
        for edition in editions(settings):
            path = edition_dir(settings, edition) / f"{mart.name}.parquet"
            if published.get(edition.month) != edition.number or not path.exists():
                continue
            has_months = mart.is_monthly or mart.is_carried
            if has_months or edition.month == newest:
                _share(path, folder / f"{edition.month if has_months else 'current'}.parquet")


def _share(path: Path, link: Path) -> None:
    try:
        link.hardlink_to(path)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(path, link)


def _switch(settings: Settings, release: Path) -> None:
    """The moment of publication: one rename of the pointer."""
    pointer = settings.published_dir / "current"
    new = aside(pointer, PARTIAL)
    new.unlink(missing_ok=True)
    new.symlink_to(release.relative_to(settings.published_dir), target_is_directory=True)
    new.replace(pointer)
    sync_folder(settings.published_dir)


def remove_old_releases(settings: Settings) -> None:
    """Keep the current release and those before it, `close.kept_releases` together.

    Newer ones were never published: a publication was killed. Readers that hold a file of a
    removed release open read on until they close it.
    """
    current = current_release(settings)
    if current is None:
        return
    releases = sorted(path for path in current.parent.iterdir() if path.name.isdigit())
    published = [path for path in releases if path.name <= current.name]
    for release in releases:
        if release not in published[-settings.close.kept_releases :]:
            shutil.rmtree(release)
