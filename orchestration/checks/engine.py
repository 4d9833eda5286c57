"""SQLAlchemy on DuckDB that Great Expectations can use: `duckdb+buffered://`.

Great Expectations fetches rows after it gave the connection back, and a cursor of duckdb-engine is
the connection itself, which has forgotten them by then. The cursor here keeps its own rows.
"""

from typing import Any

import duckdb
from duckdb_engine import ConnectionWrapper, CursorWrapper, Dialect
from sqlalchemy.dialects import registry

DRIVER = "duckdb+buffered"


class BufferedCursor(CursorWrapper):  # type: ignore[misc]
    """Holds the rows of the last statement; meant for results of a few rows."""

    description: Any = None
    rows: list[Any]

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run a statement and keep all its rows."""
        super().execute(statement, parameters, context)
        self.description = self.connection.description
        self.rows = self.connection.fetchall() if self.description else []

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows, one when no size is given."""
        taken, self.rows = self.rows[: size or 1], self.rows[size or 1 :]
        return taken

    def fetchone(self) -> Any:
        """Return the next row, None after the last one."""
        return next(iter(self.fetchmany()), None)

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        return self.fetchmany(len(self.rows))


class BufferedConnection(ConnectionWrapper):  # type: ignore[misc]
    """A connection whose cursors do not lose their rows."""

    def cursor(self) -> BufferedCursor:
        """Open a cursor of its own rows."""
        return BufferedCursor(self, self)


class BufferedDialect(Dialect):  # type: ignore[misc]
    """duckdb-engine's dialect with the buffered connection."""

    supports_statement_cache = False

    def connect(self, database: str, **_: Any) -> BufferedConnection:
        """Connect without a configuration, so that one in-memory database can be shared."""
        return BufferedConnection(duckdb.connect(database))


registry.register(DRIVER.replace("+", "."), __name__, BufferedDialect.__name__)
