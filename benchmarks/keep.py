"""Keeps a generated load as landing does, by one statement a table: landing takes minutes for it.

Landing reads files as people send them, in bounded pieces, and compares each row with what is
kept. A generated load is known to be typed, whole, without faults, and the first;
tests/test_benchmarks.py holds what is kept here against what landing keeps.
"""

from pathlib import Path

import duckdb

from benchmarks.generate import SOURCE
from orchestration.durable import new_folder
from orchestration.raw.compare import identity, quoted
from orchestration.raw.declared import RawTable, tables_in_use
from orchestration.raw.differences import write_rejected
from orchestration.raw.kept import LANDED, TableCounts, literal
from orchestration.raw.landing import landed_load
from orchestration.raw.loads import Load, find_loads
from orchestration.raw.scratch import create_rejected
from orchestration.settings import Settings

# As landing writes them of interactions.
GROUP_ROWS = 70_000


def keep(settings: Settings) -> None:
    """Keep the one generated load in the drop folder."""
    [load], _ = find_loads(settings, ())
    tables = tables_in_use(settings, load.source.crm)
    with new_folder(settings.history_dir / SOURCE / load.folder.name) as folder:
        with duckdb.connect() as db:
            db.execute("set enable_progress_bar = false")
            counts = [_keep_table(db, load, tables[name], folder) for name in load.files]
            create_rejected(db)
            write_rejected(db, load, folder)
        landed_load(load, True, counts).write(folder / LANDED)


def _keep_table(
    db: duckdb.DuckDBPyConnection, load: Load, table: RawTable, folder: Path
) -> TableCounts:
    [file] = load.files[table.name]
    rows = db.sql(f"from read_parquet({literal(file)}, file_row_number = true)")
    types = dict(zip(rows.columns, map(str, rows.types), strict=True))
    cells = ", ".join(f'{_text(name, types)} as "{name}"' for name in table.columns)
    texts = f"select file_row_number + 1 as _line, {cells}, null::varchar as _extra from rows"
    written = db.execute(
        f"""copy (
                select {literal(load.source_name)} as _source, {literal(load.load_id)} as _load_id,
                    timestamp '{load.extracted_at:%Y-%m-%d %H:%M:%S}' as _extracted_at,
                    'row' as _change, {literal(file.name)} as _file, _line, _key, _row_hash,
                    {", ".join(quoted(table.columns))}, _extra
                from (select *, {identity(table)} from ({texts}))
            ) to {literal(folder / f"{table.name}.parquet")}
            (format parquet, row_group_size {GROUP_ROWS})"""
    ).fetchall()
    return TableCounts(
        table_name=table.name,
        delivered=written[0][0],
        unchanged=0,
        changed=written[0][0],
        exact_duplicates=0,
        rejected=0,
        gone=0,
        unknown_columns=[],
    )


def _text(name: str, types: dict[str, str]) -> str:
    if name not in types:
        return "null::varchar"
    if types[name] == "TIMESTAMP":
        return f"strftime(\"{name}\", '%Y-%m-%d %H:%M:%S.%f')"
    return f'"{name}"::varchar'
