"""What an engine that builds the models has to do for a close, besides running dbt.

Landing keeps its files, and what is judged, compared and published is read from DuckDB's files. An
engine that builds elsewhere is sent the models' sources before, and the relations that later steps
read are fetched from it afterwards.
"""

from typing import Any, Protocol

import duckdb

from orchestration.raw.kept import literal
from orchestration.settings import EMBEDDED, Settings


class Engine(Protocol):
    """Where dbt builds the models. `keeps_builds`: a build can be brought up to date by the next.

    Errors that users can mend are CrmMartsError; both copies can be done twice.
    """

    keeps_builds: bool

    def send(self, settings: Settings) -> None:
        """Hand over what the models take as sources: the raw history and the run's period."""

    def fetch(self, settings: Settings) -> None:
        """Bring what was built into the work database and the one of the marts being built."""

    def rows(self, settings: Settings, query: str) -> list[dict[str, Any]]:
        """What a query in the engine's SQL finds among the models, by column; for a few rows."""


class Embedded:
    """DuckDB in this process: the models are built in the files themselves."""

    keeps_builds = True

    def send(self, settings: Settings) -> None:
        """Do nothing: the models read the files of landing."""

    def fetch(self, settings: Settings) -> None:
        """Do nothing: the relations are where they are read."""

    def rows(self, settings: Settings, query: str) -> list[dict[str, Any]]:
        """Ask the files, which dbt must have released."""
        with duckdb.connect(str(settings.work_db), read_only=True) as db:
            db.execute(f"attach {literal(settings.building_db)} as building (read_only)")
            db.execute(f"attach {literal(settings.history_db)} as history (read_only)")
            db.execute("set TimeZone = 'UTC'")
            found = db.execute(query)
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def engine_of(settings: Settings) -> Engine:
    """The engine that these settings name."""
    if settings.engine == EMBEDDED:
        return Embedded()
    # Drivers of servers are not always there.
    if settings.engine == "spark":
        from orchestration.spark.engine import SparkEngine

        return SparkEngine()
    from orchestration.postgres.engine import PostgresEngine

    return PostgresEngine()
