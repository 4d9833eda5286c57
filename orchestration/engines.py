"""What an engine that builds the models has to do for a close, besides running dbt.

Landing keeps its files, and what is judged, compared and published is read from DuckDB's files. An
engine that builds elsewhere is sent the models' sources before, and the relations that later steps
read are fetched from it afterwards.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from orchestration.dbt import parsed_project
from orchestration.errors import CrmMartsError
from orchestration.raw.kept import literal
from orchestration.settings import EMBEDDED, Settings

# The sources' schema that names its data folder.
OWNED = "run"


@dataclass(frozen=True)
class Built:
    """A relation that later steps read, its columns in order, and the file in which they do."""

    schema: str
    name: str
    columns: tuple[str, ...]
    database: Path


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
        with warehouse(settings, read_only=True) as db:
            found = db.execute(query)
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@contextmanager
def warehouse(settings: Settings, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """The files of an embedded build under the names that compiled models know them by."""
    config = settings.build_config()
    with duckdb.connect(str(settings.work_db), read_only=read_only, config=config) as db:
        mode = " (read_only)" if read_only else ""
        db.execute(f"attach {literal(settings.building_db)} as building{mode}")
        db.execute(f"attach {literal(settings.history_db)} as history (read_only)")
        db.execute("set TimeZone = 'UTC'")
        yield db


@contextmanager
def model_sources(
    settings: Settings,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[tuple[str, str, str]]]]:
    """What the models take as sources: database, schema and name, in a connection that reads them.

    These are the raw history and what the run says of itself.
    """
    with duckdb.connect() as db:
        db.execute(f"attach {literal(settings.history_db)} as history (read_only)")
        db.execute(f"attach {literal(settings.work_db)} as work (read_only)")
        relations = db.execute(
            """select table_catalog, table_schema, table_name from information_schema.tables
               where table_catalog = 'history' or (table_catalog = 'work' and table_schema = 'run')
               order by all"""
        ).fetchall()
        yield db, relations


def owner(settings: Settings) -> str:
    """What a server knows this data folder by; kept in the folder, with which it moves."""
    file = settings.data_dir / "server_owner"
    if not file.exists():
        part = file.with_suffix(".part")
        part.write_text(f"crm-marts {uuid.uuid4().hex}", encoding="ascii")
        part.replace(file)
    return file.read_text(encoding="ascii")


def refuse_another_owner(settings: Settings, found: str | None, place: str) -> None:
    """Two data folders that build in one place would read each other's rows."""
    if found and found != owner(settings):
        raise CrmMartsError(
            "another data folder has its models built there",
            place=place,
            remedy=f"Name a place for each. If that folder is gone, drop the schema {OWNED} there.",
        )


def built_relations(settings: Settings) -> list[Built]:
    """What is fetched from an engine that builds elsewhere: the contract's tables and the marts."""
    databases = {"canonical": settings.work_db, "marts": settings.building_db}
    return [
        Built(node.schema, node.name, tuple(node.columns), databases[node.fqn[1]])
        for node in parsed_project(settings).nodes.values()
        if node.resource_type == "model" and node.fqn[1] in databases
    ]


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
