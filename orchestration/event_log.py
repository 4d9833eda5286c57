"""Dagster's event log in one SQLite file whose connections are kept.

Dagster's own SQLite storages open an engine for every event, which compiles each statement anew and
empties the write-ahead log each time: with some 700 events it was a third of a small close.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, inspect

BUSY_TIMEOUT_SECONDS = 60


class PooledSqliteEventLogStorage(ConsolidatedSqliteEventLogStorage):
    """The consolidated SQLite event log with one engine per process."""

    @cached_property
    def _engine(self) -> Engine:
        return create_engine(self._conn_string, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})

    @cached_property
    def _tables(self) -> set[str]:
        return set(inspect(self._engine).get_table_names())

    def has_table(self, table_name: str) -> bool:
        """Whether the log has a table; it gets all of them when it is created."""
        return table_name in self._tables

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Let go of the file."""
        self._engine.dispose()
        super().dispose()  # type: ignore[no-untyped-call]
