"""Pending restatements: what closed months would show by what is known now.

Each is a folder <restatements_dir>/<month>/ with the month's next edition as it would be
published, `changes.parquet` (every differing cell with its cause) and `moves.parquet` (the causes
by themselves, to which a later close adds). Publishing it moves the folder to the editions.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.close.edition import MANIFEST, Edition, edition_dir, verify_edition
from orchestration.close.period import Month
from orchestration.durable import sync_folder
from orchestration.errors import CrmMartsError
from orchestration.raw.kept import literal
from orchestration.settings import Settings

CHANGES, MOVES = "changes.parquet", "moves.parquet"


def pending_dir(settings: Settings, month: str) -> Path:
    """Folder of a month's pending restatement."""
    return settings.restatements_dir / month


def pending_restatements(settings: Settings) -> list[Edition]:
    """Restatements that wait to be published, by month."""
    found = sorted(settings.restatements_dir.glob(f"[!.]*/{MANIFEST}"))
    return [Edition.read(path) for path in found]


def change_lines(settings: Settings, edition: Edition, limit: int) -> Iterator[str]:
    """What a pending restatement changes: cells by mart and cause, then the first cells."""
    path = literal(pending_dir(settings, edition.month) / CHANGES)
    with duckdb.connect() as db:
        yield (
            f"{edition.month}: edition {edition.number} would change, "
            f"known as of {edition.as_of:%Y-%m-%d %H:%M} UTC"
        )
        for mart, cause, cells in db.execute(
            f"""select mart, cause, count(*) from read_parquet({path})
                group by all order by mart, cause"""
        ).fetchall():
            yield f"  {mart}: {cells} cells, {cause}"
        for mart, key, column, old, new, cause, delta in db.execute(
            f"select * from read_parquet({path}) limit {limit}"
        ).fetchall():
            moved = "" if delta is None else f" ({float(delta):+g})"
            yield f"    {mart} {key} {column}: {old} -> {new}, {cause}{moved}"


def take_pending(settings: Settings, month: Month) -> Edition:
    """Make a pending restatement the month's next edition and return it; it is not published yet.

    Raises CrmMartsError when there is none, or its files are not as they were written.
    """
    folder = pending_dir(settings, str(month))
    if not (folder / MANIFEST).is_file():
        waiting = ", ".join(edition.month for edition in pending_restatements(settings)) or "none"
        raise CrmMartsError(
            f"no restatement of {month} is pending",
            place=str(settings.restatements_dir),
            remedy=f"Pending are: {waiting}. `crm-marts recheck` looks for more.",
        )
    edition = Edition.read(folder / MANIFEST)
    verify_edition(folder, edition)
    folder.rename(edition_dir(settings, edition))
    sync_folder(settings.editions_dir / edition.month)
    return edition
