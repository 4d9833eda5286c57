"""Publication: the serving files and the pointer that readers follow.

A release is a folder <published_dir>/releases/<number>/ with `crm_marts.duckdb` (schema marts,
views over it in schema serving, all editions in schema marts_history),
`restricted.duckdb` (names, readable by its owner alone) and `parquet/<mart>/<month>.parquet`
(without the restricted marts; `current.parquet` for relations without months).
One rename of the symlink `current` switches all of them together; a reader that opened the real
path behind it keeps a whole old release.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.close.edition import (
    Edition,
    Mart,
    edition_dir,
    editions,
    mart_rows,
    verify_edition,
)
from orchestration.close.history import add_missing_columns, write_history, write_restatements
from orchestration.close.period import Month, RunPeriod
from orchestration.close.views import create_views
from orchestration.durable import sync_folder
from orchestration.errors import CrmMartsError
from orchestration.raw.kept import literal
from orchestration.settings import Settings

SERVING, RESTRICTED = "crm_marts.duckdb", "restricted.duckdb"
# The open month, as far as it is known.
OPEN = "marts_open"
PROVISIONAL = "Provisional, of a month that is not closed. "
# Readers may hold an old release open; older ones than these are removed.
KEPT_RELEASES = 3


def current_release(settings: Settings) -> Path | None:
    """Real path of the release that readers see, None before the first publication."""
    pointer = settings.published_dir / "current"
    return pointer.resolve() if pointer.exists() else None


def published_numbers(settings: Settings) -> dict[str, int]:
    """Edition number that readers see, by month."""
    release = current_release(settings)
    if release is None:
        return {}
    with duckdb.connect(str(release / SERVING), read_only=True) as db:
        return dict(db.execute("select month, edition from marts.editions").fetchall())


def publish(settings: Settings, marts: list[Mart]) -> Path:
    """Make the latest edition of every month visible to readers; returns the new release.

    The last serving file is copied and only the months whose edition it does not show are replaced
    in it, from the editions' own Parquet, which is verified first; where there is no serving file
    these are all months. Relations without months (dim_clients and the like) are taken from the
    newest published month.
    """
    published = published_numbers(settings)
    latest = {edition.month: edition for edition in editions(settings)}  # by number, ascending
    added = [e for e in latest.values() if published.get(e.month) != e.number]
    for edition in added:
        verify_edition(settings, edition)
    newest = max(latest)
    with new_release(settings, marts) as release:
        for file, restricted in ((SERVING, False), (RESTRICTED, True)):
            with serving_database(release / file) as db:
                for edition in added:
                    for mart in marts:
                        if mart.is_restricted == restricted and (
                            mart.is_monthly or edition.month == newest
                        ):
                            _replace(db, settings, edition, mart)
                    if not restricted:
                        _note_edition(db, edition)
                if not restricted:
                    _drop_closed_preview(db, newest)
                    create_views(db, _register_columns(marts))
                    write_restatements(db, settings)
                    write_history(db, settings, marts)
    return release


def publish_preview(
    settings: Settings, marts: list[Mart], period: RunPeriod, building: Path
) -> Path:
    """Show an open month's built rows in the schema marts_open, marked provisional.

    The schema `marts` stays as it is; closing the month takes the preview away. Raises
    CrmMartsError before the first publication.
    """
    if current_release(settings) is None:
        raise CrmMartsError("nothing is published yet", remedy="Close a month first.")
    with new_release(settings, marts) as release, serving_database(release / SERVING) as db:
        db.execute(f"attach {literal(building)} as building (read_only)")
        db.execute(f"drop schema if exists {OPEN} cascade; create schema {OPEN}")
        for mart in marts:
            if mart.is_monthly:
                table = f"{OPEN}.{mart.name}"
                rows = mart_rows(mart, period.month, database="building.")
                db.execute(f"create table {table} as {rows}")
                db.execute(f"comment on table {table} is {literal(PROVISIONAL + mart.description)}")
                for name, text in mart.columns.items():
                    db.execute(f'comment on column {table}."{name}" is {literal(text)}')
        db.execute(
            f"""create table {OPEN}.preview as
                select {literal(str(period.month))} as month,
                    timestamp '{period.as_of.replace(tzinfo=None)}' as as_of,
                    true as is_provisional"""
        )
        db.execute(f"comment on table {OPEN}.preview is {literal(PROVISIONAL + 'What it shows.')}")
        db.execute("detach building")
    return release


def _drop_closed_preview(db: duckdb.DuckDBPyConnection, newest: str) -> None:
    previewed = db.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = 'preview'", [OPEN]
    ).fetchall()
    if previewed:
        [(month,)] = db.execute(f"select month from {OPEN}.preview").fetchall()
        if month <= newest:
            db.execute(f"drop schema {OPEN} cascade")


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
    if previous:
        for file in (SERVING, RESTRICTED):
            shutil.copyfile(previous / file, release / file)
    yield release
    (release / RESTRICTED).chmod(0o600)
    for file in (SERVING, RESTRICTED):
        if (release / file).with_suffix(".duckdb.wal").exists():
            raise RuntimeError(f"{release / file} was not closed: its log is still there")
    with duckdb.connect(str(release / SERVING), read_only=True) as db:
        published = dict(db.execute("select month, edition from marts.editions").fetchall())
    _link_parquet(settings, release, published, marts)
    sync_folder(release)
    _switch(settings, release)
    _remove_old(settings, release)


def serving_database(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a serving file, written in the storage that all 1.x clients read."""
    db = duckdb.connect()
    db.execute("set TimeZone = 'UTC'")
    db.execute(f"attach '{path}' as serving (storage_version 'v1.0.0')")
    db.execute("use serving")
    return db


def _replace(
    db: duckdb.DuckDBPyConnection, settings: Settings, edition: Edition, mart: Mart
) -> None:
    """Put the edition's rows of one mart in the place of the month's old ones."""
    rows = f"read_parquet('{edition_dir(settings, edition) / mart.name}.parquet')"
    target = f'"{mart.schema}"."{mart.name}"'
    db.execute("begin")
    db.execute(f'create schema if not exists "{mart.schema}"')
    if mart.is_monthly:
        db.execute(f"create table if not exists {target} as from {rows} limit 0")
        add_missing_columns(db, target, rows)
        month = Month.parse(edition.month).first_day
        db.execute(f"delete from {target} where close_month = date '{month}'")
        db.execute(f"insert into {target} by name from {rows}")
    else:
        db.execute(f"create or replace table {target} as from {rows}")
    db.execute(f"comment on table {target} is {literal(mart.description)}")
    for name, description in mart.columns.items():
        db.execute(f'comment on column {target}."{name}" is {literal(description)}')
    db.execute("commit")


def _register_columns(marts: list[Mart]) -> dict[str, str]:
    return next(mart.columns for mart in marts if mart.name == "rpt_interaction_register")


def _note_edition(db: duckdb.DuckDBPyConnection, edition: Edition) -> None:
    db.execute(
        """create table if not exists marts.editions (
               month varchar primary key, edition integer, as_of timestamp,
               is_reconstructed boolean, code_version varchar)"""
    )
    comments = {
        "month": "Closed month, such as 2026-10.",
        "edition": "Number of the edition that stands in marts, counted from 1.",
        "as_of": "Moment of knowledge of the edition, UTC.",
        "is_reconstructed": "The month ended before the first load.",
        "code_version": "Version of the models that made the edition.",
    }
    db.execute("comment on table marts.editions is 'The edition of each month that marts show.'")
    for name, comment in comments.items():
        db.execute(f"comment on column marts.editions.{name} is {literal(comment)}")
    db.execute(
        "insert or replace into marts.editions values (?, ?, ?, ?, ?)",
        [
            edition.month,
            edition.number,
            edition.as_of.replace(tzinfo=None),
            edition.is_reconstructed,
            edition.code_version,
        ],
    )


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
            if mart.is_monthly or edition.month == newest:
                _share(path, folder / f"{edition.month if mart.is_monthly else 'current'}.parquet")


def _share(path: Path, link: Path) -> None:
    try:
        link.hardlink_to(path)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(path, link)


def _switch(settings: Settings, release: Path) -> None:
    """The moment of publication: one rename of the pointer."""
    pointer = settings.published_dir / "current"
    aside = pointer.with_name(".current.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(release.relative_to(settings.published_dir), target_is_directory=True)
    os.replace(aside, pointer)  # noqa: PTH105 - Path.replace would do the same, less plainly
    sync_folder(settings.published_dir)


def _remove_old(settings: Settings, release: Path) -> None:
    releases = sorted(path for path in release.parent.iterdir() if path.name <= release.name)
    for old in releases[:-KEPT_RELEASES]:
        shutil.rmtree(old)
