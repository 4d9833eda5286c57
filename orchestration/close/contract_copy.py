"""Copies of the contract's tables as they were known at a moment, each a database file.

The last one is kept, so that the next close compares what it knows with it, instead of computing
once more what was known then.
"""

import shutil
from pathlib import Path

import duckdb

from orchestration.close.examined import Examined
from orchestration.durable import new_folder
from orchestration.raw.kept import literal
from orchestration.settings import BUILD_STORAGE, Settings

FOLDER, TABLES = "contract", "tables.duckdb"
SCHEMA = "canonical"
# In the copy's own file, so that rows and stamp change in one transaction.
STAMP = "kept.stamp"
# Interactions that the last build wrote anew, where it was an update.
CHANGED_INTERACTIONS = "staging.changed_interactions"


def tables_of(db: duckdb.DuckDBPyConnection, database: str, schema: str = "main") -> list[str]:
    """Names of the tables, and views, in a schema of an attached database."""
    found = db.execute(
        """select table_name from information_schema.tables
           where table_catalog = ? and table_schema = ? order by table_name""",
        [database, schema],
    ).fetchall()
    return [name for (name,) in found]


def copy_contract(work_db: Path, path: Path) -> None:
    """Copy the contract's tables out of a work database into a new file."""
    path.unlink(missing_ok=True)
    with _beside(work_db, path) as db:
        for table in tables_of(db, "work", SCHEMA):
            db.execute(f"create table copy_of_them.{table} as from work.{SCHEMA}.{table}")
    path.chmod(0o600)  # names and addresses of people


def view_contract(work_db: Path, path: Path) -> None:
    """Write a file whose views are the contract's tables of a work database attached as `built`."""
    with duckdb.connect(str(path)) as db:
        db.execute(f"attach {literal(work_db)} as built (read_only)")
        for table in tables_of(db, "built", SCHEMA):
            db.execute(f"create view {table} as from built.{SCHEMA}.{table}")


def kept_contract(settings: Settings, stamp: Examined) -> Path | None:
    """The kept copy, if it is what the stamp's knowledge, code and inputs make."""
    path = settings.restatements_dir / FOLDER / TABLES
    if not path.is_file():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as db:
            kept = db.execute(f"from {STAMP}").fetchall()
    except duckdb.Error:
        return None  # damaged, or of another version of DuckDB: it is computed instead
    return path if kept == [tuple(vars(stamp).values())] else None


def keep_copy(settings: Settings, path: Path, stamp: Examined) -> None:
    """Keep a copy in the place of the last one; it is moved there."""
    with duckdb.connect(str(path)) as db:
        _write_stamp(db, stamp)
    with new_folder(settings.restatements_dir / FOLDER, replaces=True) as folder:
        shutil.move(path, folder / TABLES)


def keep_built(settings: Settings, folder: Path, stamp: Examined, base: Examined | None) -> None:
    """Keep the contract's tables of the work database in the place of the last copy.

    Where that is of `base`, the build which the work database was brought up to date from, only
    the interactions that changed since are written; else a copy is made in `folder` first.
    """
    kept = kept_contract(settings, base) if base else None
    if kept is None:
        copy_contract(settings.work_db, folder / TABLES)
        keep_copy(settings, folder / TABLES, stamp)
        return
    with _beside(settings.work_db, kept) as db:
        db.execute("use copy_of_them; begin")
        for table in tables_of(db, "work", SCHEMA):
            rows = f"from work.{SCHEMA}.{table}"
            if is_of_interactions(table):
                where = f"where interaction_id in (from work.{CHANGED_INTERACTIONS})"
                db.execute(f"delete from {table} {where}; insert into {table} {rows} {where}")
            else:
                db.execute(f"create or replace table {table} as {rows}")
        _write_stamp(db, stamp)
        db.execute("commit")


def is_of_interactions(table: str) -> bool:
    """Whether an update writes only the rows of changed interactions in a table."""
    return table.startswith("interaction")


def _beside(work_db: Path, path: Path) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect(config=BUILD_STORAGE)
    db.execute(f"attach {literal(work_db)} as work (read_only)")
    db.execute(f"attach {literal(path)} as copy_of_them")
    return db


def _write_stamp(db: duckdb.DuckDBPyConnection, stamp: Examined) -> None:
    names = ", ".join(f"? as {name}" for name in vars(stamp))
    schema = STAMP.partition(".")[0]
    db.execute(f"create schema if not exists {schema}")
    db.execute(f"create or replace table {STAMP} as select {names}", list(vars(stamp).values()))
