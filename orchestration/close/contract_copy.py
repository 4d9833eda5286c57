"""Copies of the contract's tables as they were known at a moment, each a database file.

The last one is kept, so that the next close compares what it knows with it, instead of computing
once more what was known then.
"""

import json
import shutil
from pathlib import Path

import duckdb

from orchestration.close.examined import Examined
from orchestration.durable import new_folder
from orchestration.raw.kept import literal
from orchestration.settings import Settings

FOLDER, TABLES, STAMP = "contract", "tables.duckdb", "stamp.json"
SCHEMA = "canonical"


def tables_of(db: duckdb.DuckDBPyConnection, database: str, schema: str = "main") -> list[str]:
    """Names of the tables in a schema of an attached database."""
    found = db.execute(
        """select table_name from duckdb_tables()
           where database_name = ? and schema_name = ? order by table_name""",
        [database, schema],
    ).fetchall()
    return [name for (name,) in found]


def copy_contract(work_db: Path, path: Path) -> None:
    """Copy the contract's tables out of a work database into a new file."""
    path.unlink(missing_ok=True)
    with duckdb.connect() as db:
        db.execute(f"attach {literal(work_db)} as work (read_only)")
        db.execute(f"attach {literal(path)} as copy_of_them")
        for table in tables_of(db, "work", SCHEMA):
            db.execute(f"create table copy_of_them.{table} as from work.{SCHEMA}.{table}")
    path.chmod(0o600)  # names and addresses of people


def kept_contract(settings: Settings, stamp: Examined) -> Path | None:
    """The kept copy, if it is what the stamp's knowledge, code and inputs make."""
    folder = settings.restatements_dir / FOLDER
    try:
        if json.loads((folder / STAMP).read_text(encoding="utf-8")) != vars(stamp):
            return None
        with duckdb.connect(str(folder / TABLES), read_only=True):
            return folder / TABLES
    except (FileNotFoundError, ValueError, duckdb.Error):
        return None  # damaged, or of another version of DuckDB: it is computed instead


def keep_contract(settings: Settings, path: Path, stamp: Examined) -> None:
    """Keep a copy in the place of the last one; it is moved there."""
    with new_folder(settings.restatements_dir / FOLDER, replaces=True) as folder:
        shutil.move(path, folder / TABLES)
        (folder / STAMP).write_text(json.dumps(vars(stamp)), encoding="utf-8")
