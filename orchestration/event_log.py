"""Dagster's event log in one SQLite file whose connections are kept.

Dagster's own SQLite storages open an engine for every event, which compiles each statement anew and
empties the write-ahead log each time, and write an event in up to three transactions, each of which
waits for the disk: with some 700 events it was a third of a small close.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from threading import local
from typing import TYPE_CHECKING, Any

from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, inspect
from sqlalchemy.event import listens_for

if TYPE_CHECKING:
    from dagster import EventLogEntry

BUSY_TIMEOUT_SECONDS = 60


class PooledSqliteEventLogStorage(ConsolidatedSqliteEventLogStorage):
    """The consolidated SQLite event log with one engine per process, one transaction per event."""

    @cached_property
    def _engine(self) -> Engine:
        engine = create_engine(self._conn_string, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})

        @listens_for(engine, "connect")
        def _(connection: Any, _record: object) -> None:
            # With a write-ahead log a killed process loses nothing by it, and a machine without
            # power the last events alone; what is published does not rest on them.
            connection.execute("pragma synchronous = normal")

        return engine

    @cached_property
    def _of_thread(self) -> local:
        """The connection of the transaction that a thread is in, if it is in one."""
        return local()

    @cached_property
    def _tables(self) -> set[str]:
        return set(inspect(self._engine).get_table_names())

    def has_table(self, table_name: str) -> bool:
        """Whether the log has a table; it gets all of them when it is created."""
        return table_name in self._tables

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        if (joined := getattr(self._of_thread, "connection", None)) is not None:
            yield joined
            return
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Have all that the block writes in one transaction."""
        with self._connect() as connection:
            self._of_thread.connection = connection
            try:
                yield
            finally:
                self._of_thread.connection = None

    def store_event(self, event: "EventLogEntry") -> None:
        """Write an event and what is known of its asset or check by it."""
        with self._transaction():
            super().store_event(event)

    def store_event_batch(self, events: Sequence["EventLogEntry"]) -> None:
        """Write events that come at once."""
        with self._transaction():
            for one in events:
                super().store_event(one)

    def dispose(self) -> None:
        """Let go of the file."""
        self._engine.dispose()
        super().dispose()  # type: ignore[no-untyped-call]
