"""A database file for the rows of one landing: what does not fit in memory is on disk."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.raw.raw_file import RawFile, RejectedLine

# DuckDB takes what it is given: this is enough to group tables of tens of millions of rows in
# pieces on disk, and leaves a small machine room for the rest. More threads would need more.
MEMORY_LIMIT, THREADS = "512MB", 2
NAME = ".scratch"


@contextmanager
def scratch(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect to a database in a folder of its own, which is removed afterwards."""
    home = folder / NAME
    home.mkdir()
    config = {
        "memory_limit": MEMORY_LIMIT,
        "threads": THREADS,
        "preserve_insertion_order": False,
    }
    try:
        with duckdb.connect(str(home / "rows.duckdb"), config=config) as db:
            db.execute("set enable_progress_bar = false")
            db.begin()
            create_rejected(db)
            yield db
    finally:
        shutil.rmtree(home)


def create_rejected(db: duckdb.DuckDBPyConnection) -> None:
    """Create the relation `rejected`, which has the lines that are no rows."""
    db.execute(
        """create table rejected (table_name varchar, file_name varchar,
            line_number bigint, reason varchar, raw_row varchar)"""
    )


def keeper(db: duckdb.DuckDBPyConnection) -> Callable[[RawFile, list[RejectedLine]], None]:
    """Return the function that writes rejected lines into the relation `rejected`."""

    def keep(file: RawFile, lines: list[RejectedLine]) -> None:
        names = (file.table.name, file.path.name)
        columns = {
            "line_number": pa.array([line.line for line in lines], pa.int64()),
            "reason": pa.array([line.reason for line in lines], pa.string()),
            "raw_row": pa.array([line.raw for line in lines], pa.string()),
        }
        db.register("lines", pa.table(columns))
        db.execute("insert into rejected select ?, ?, * from lines", names)
        db.unregister("lines")

    return keep
