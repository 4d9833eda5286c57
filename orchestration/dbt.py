"""dbt in this process, with one parsed project for as long as the settings stay the same."""

import json
import os
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


# Results go to Dagster; dbt's own files and lines of them would cost a close two seconds.
SILENT = ("--log-level", "none", "--log-level-file", "none")


def manifest_file(settings: Settings) -> Path:
    """Where dbt writes the parsed project; `crm-marts prepare` and every close do."""
    return settings.dbt_dir / "target" / "manifest.json"


def dbt_arguments(settings: Settings, command: list[str]) -> list[str]:
    """Complete a dbt command with project, target folder and the variables of the settings."""
    return [
        *command,
        *("--project-dir", str(settings.dbt_project)),
        *("--profiles-dir", str(settings.dbt_project)),
        *("--target", settings.engine),
        *("--target-path", str(manifest_file(settings).parent)),
        *("--log-path", str(settings.dbt_dir / "logs")),
        *("--vars", json.dumps(settings.dbt_vars(), sort_keys=True)),
    ]


def prepare_databases(settings: Settings) -> None:
    """Create the folder of the database files and hand their paths to profiles.yml."""
    settings.work_db.parent.mkdir(parents=True, exist_ok=True)
    os.environ.update(settings.dbt_env())
    if settings.engine == "spark":
        # Its driver is not always there.
        from orchestration.spark.engine import forgive_failing_closes

        forgive_failing_closes()


@cache
def _parsed_project(
    arguments: tuple[str, ...], databases: tuple[tuple[str, str], ...]
) -> "Manifest":
    from dbt.cli.main import dbtRunner

    os.environ.update(databases)
    result = dbtRunner().invoke([*SILENT, "--no-write-json", *arguments])
    _raise_interrupt(result)
    if not result.success:
        raise RuntimeError(f"the dbt project cannot be parsed: {result.exception}")
    return result.result


def parsed_project(settings: Settings) -> "Manifest":
    """Return the manifest; parsed once per process, partly parsed where nothing changed.

    dbt parses everything anew when its connection is another, though no model knows the folder of
    a database: the parse is told the names of the files alone and serves any data folder.
    """
    names = ((variable, Path(path).name) for variable, path in settings.dbt_env().items())
    parsed = _parsed_project(tuple(dbt_arguments(settings, ["parse"])), tuple(names))
    _write_manifest(settings, parsed)
    prepare_databases(settings)
    return parsed


def _write_manifest(settings: Settings, parsed: "Manifest") -> None:
    """Write manifest.json where it is older than what dbt remembers of a parse.

    dbt itself would write it at every command, a second each, under the hands of who reads it.
    """
    manifest, remembered = manifest_file(settings), remembered_parse(settings)
    both_exist = manifest.exists() and remembered.exists()
    if not both_exist or manifest.stat().st_mtime_ns < remembered.stat().st_mtime_ns:
        part = manifest.with_suffix(f".{os.getpid()}")
        parsed.write(str(part))
        part.replace(manifest)


def hand_on_parsed_project(settings: Settings, other: Settings) -> None:
    """Let settings whose project is a copy begin from what dbt remembers of this one's parse.

    dbt compares every file with it and parses what differs.
    """
    if (remembered := remembered_parse(settings)).exists():
        remembered_parse(other).parent.mkdir(parents=True)
        shutil.copyfile(remembered, remembered_parse(other))


def remembered_parse(settings: Settings) -> Path:
    """What dbt keeps of a parse, to parse only what has changed since."""
    return manifest_file(settings).with_name("partial_parse.msgpack")


def run_dbt(settings: Settings, command: list[str]) -> Any:
    """Run a dbt command such as ["build", "--select", "rpt_client_growth"]; dbt's own result.

    The database files are released afterwards, so that they can be read and copied.
    """
    from dbt.cli.main import dbtRunner

    runner = dbtRunner(manifest=parsed_project(settings))
    try:
        result = runner.invoke([*SILENT, "--no-write-json", *dbt_arguments(settings, command)])
    finally:
        release_databases()
    _raise_interrupt(result)
    return result


def _raise_interrupt(result: Any) -> None:
    """Raise what interrupted dbt, which returns it among its results.

    In its place may stand an error that came of it, such as a lock that was not taken yet.
    """
    error = result.exception
    while error is not None:
        if not isinstance(error, Exception):  # Ctrl-C, or Dagster's own sign of it
            raise error
        error = error.__context__


def release_databases() -> None:
    """Close the connection that dbt-duckdb keeps for the life of the process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
