"""Landing: keeps of every load the rows that changed and the rows that are gone, as Parquet.

A kept load is a folder <history_dir>/<source>/<load>/ with one Parquet file per table and
`landed.json`; it appears by one rename and is never written again. Rows are compared by key and
content hash, so an unchanged row is counted and not stored.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb

from orchestration.durable import new_folder
from orchestration.errors import CrmMartsError
from orchestration.raw.compare import compare, read_delivered
from orchestration.raw.declared import (
    RawTable,
    declared_tables,
    sources_file,
    tables_in_use,
)
from orchestration.raw.differences import write_difference, write_rejected
from orchestration.raw.history import refresh_history
from orchestration.raw.kept import LANDED, LandedLoad, TableCounts, kept_files, landed_loads
from orchestration.raw.loads import Load, find_loads
from orchestration.raw.manifest import MANIFEST
from orchestration.raw.page_totals import PageTotals
from orchestration.raw.raw_file import RawFile
from orchestration.raw.scratch import keeper, scratch
from orchestration.settings import Settings

__all__ = ["LandedLoad", "land", "landed_loads", "refresh_history"]

# Without a manifest's word: complete unless a table of so many rows shrank below this share.
COMPLETE_MIN_ROWS, COMPLETE_SHARE = 100, 0.95

Report = Callable[[str], None]


def land(settings: Settings, report: Report = lambda _: None) -> list[LandedLoad]:
    """Keep all new loads of the drop folder, oldest first; returns the new ones.

    A load that is kept already is left alone, one that is still being delivered waits. Raises
    CrmMartsError when a kept load was changed, when a load is older than the newest kept one of
    its source, or when a file cannot be read.
    """
    kept = landed_loads(settings)
    landed: list[LandedLoad] = []
    loads, held = find_loads(settings, {load.load_id for load in kept})
    for load in loads:
        same = next((k for k in kept if k.load_id == load.load_id), None)
        if same:
            _refuse_changed(load, same)
            continue
        earlier = [k for k in [*kept, *landed] if k.source == load.source_name]
        _refuse_out_of_order(load, earlier)
        landed.append(_keep(settings, load, earlier))
        for line in _report_lines(landed[-1]):
            report(line)
    for waits in held:
        report(str(waits))
    refresh_history(settings)
    return landed


def _report_lines(load: LandedLoad) -> list[str]:
    delivered = sum(table.delivered for table in load.tables)
    changed = sum(table.changed for table in load.tables)
    rejected = sum(table.rejected for table in load.tables)
    unusable = f", {rejected:,} rejected (crm-marts quarantine)" if rejected else ""
    kind = "complete" if load.complete else "incremental"
    return [
        f"landed {load.load_id}: {kind}, {delivered:,} rows, {changed:,} new or changed{unusable}",
        *(
            f"{load.load_id}, {table.table_name}: no report reads "
            f"{', '.join(table.unknown_columns)}; kept aside, declare it in "
            f"{sources_file(load.crm).name} to use it"
            for table in load.tables
            if table.unknown_columns
            and not declared_tables(load.crm)[table.table_name].ignores_other_columns
        ),
    ]


def _refuse_changed(load: Load, kept: LandedLoad) -> None:
    # Bytes are read again only where size or time of a file say that they may be others.
    if _stamps_by_name(load) != kept.stamps and load.fingerprint() != kept.fingerprint:
        changed = "its files were changed since"
    elif load.extracted_at != kept.extracted_at or load.complete not in (None, kept.complete):
        changed = f"{MANIFEST} says otherwise now"
    else:
        return
    raise CrmMartsError(
        f"load {load.load_id} is landed already, but {changed}",
        place=str(load.folder),
        remedy="A landed load is history. Put it back as it was or take the folder away, and "
        "deliver what is right as a new load with a later time.",
    )


def _refuse_out_of_order(load: Load, earlier: list[LandedLoad]) -> None:
    newest = max(earlier, key=lambda kept: kept.extracted_at, default=None)
    if newest and load.extracted_at <= newest.extracted_at:
        raise CrmMartsError(
            f"load {load.load_id} was extracted at {load.extracted_at}, but {newest.load_id} "
            f"of {newest.extracted_at} is landed already",
            place=str(load.folder),
            remedy="Loads are landed in the order of their extraction. Take the folder away, "
            "or start over with an empty data_dir.",
        )


def _keep(settings: Settings, load: Load, earlier: list[LandedLoad]) -> LandedLoad:
    """Compare one load with what is kept, write the difference, and rename it into place."""
    final = settings.history_dir / load.source_name / load.folder.name
    with new_folder(final) as partial:
        return _write(settings, load, earlier, partial)


def _write(settings: Settings, load: Load, earlier: list[LandedLoad], folder: Path) -> LandedLoad:
    before = load.stamps()
    tables = tables_in_use(settings, load.source.crm)
    counts = []
    with scratch(folder) as db:
        files = {name: _parts(db, load, tables[name]) for name in load.files}
        delivered = {name: read_delivered(db, tables[name], files[name]) for name in files}
        counted = {name: table.row_count for name, table in delivered.items()}
        complete = _is_complete(load, earlier, counted)
        for name, parts in files.items():
            kept = kept_files(settings, load.source_name, f"{name}.parquet")
            difference = compare(db, tables[name], kept, complete)
            write_difference(db, load, tables[name], delivered[name].ends, folder)
            unknown = dict.fromkeys(column for part in parts for column in part.unknown_columns)
            counts.append(
                TableCounts(
                    table_name=name,
                    delivered=counted[name],
                    unknown_columns=list(unknown),
                    **difference._asdict(),
                )
            )
        write_rejected(db, load, folder)
    landed = landed_load(load, complete, counts)
    _refuse_touched(load, before)
    landed.write(folder / LANDED)
    return landed


def landed_load(load: Load, complete: bool, tables: list[TableCounts]) -> LandedLoad:
    """What is kept of a load besides its rows."""
    return LandedLoad(
        load_id=load.load_id,
        source=load.source_name,
        crm=load.source.crm,
        extracted_at=load.extracted_at,
        complete=complete,
        fingerprint=load.fingerprint(),
        tables=tables,
        stamps=_stamps_by_name(load),
    )


def _parts(db: duckdb.DuckDBPyConnection, load: Load, table: RawTable) -> list[RawFile]:
    """The files of a table; totals that pages state hold over all of them."""
    totals, keep = PageTotals(), keeper(db)
    return [RawFile(path, table, load.source, keep, totals) for path in load.files[table.name]]


def _stamps_by_name(load: Load) -> dict[str, list[int]]:
    return {path.name: list(stamp) for path, stamp in load.stamps().items()}


def _refuse_touched(load: Load, before: dict[Path, tuple[int, int]]) -> None:
    after = load.stamps()
    for path in after:
        if after[path] != before[path]:
            raise CrmMartsError(
                "the file was changed while it was read",
                place=str(path),
                remedy=f"Run again when the delivery is whole. {MANIFEST} is best written last: "
                "a load with it is taken at once.",
            )


def _is_complete(load: Load, earlier: list[LandedLoad], delivered: dict[str, int]) -> bool:
    """Take the manifest's word, else compare with the last complete load."""
    if load.complete is not None:
        return load.complete
    complete = [kept for kept in earlier if kept.complete]
    last = max(complete, key=lambda kept: kept.extracted_at, default=None)
    return all(
        delivered.get(table.table_name, 0) >= COMPLETE_SHARE * table.delivered
        for table in (last.tables if last else [])
        if table.delivered >= COMPLETE_MIN_ROWS
    )
