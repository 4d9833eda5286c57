"""Dagster's event log in one SQLite file whose connections are kept.

Dagster's own SQLite storages open an engine for every event, which compiles each statement anew and
empties the write-ahead log each time: with some 700 events it was a third of a small close.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine

BUSY_TIMEOUT_SECONDS = 60


class PooledSqliteEventLogStorage(ConsolidatedSqliteEventLogStorage):
    """The consolidated SQLite event log with one engine per process."""

    @cached_property
    def _engine(self) -> Engine:
        return create_engine(self._conn_string, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Let go of the file."""
        self._engine.dispose()
        super().dispose()  # type: ignore[no-untyped-call]
