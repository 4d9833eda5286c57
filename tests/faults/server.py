"""A process that has dbt and Dagster in memory and forks a run for each line it reads.

A line is {"act": [...], "log": path}; answered by the run's process id, and by its exit code when
it ended. Each run is a session of its own. An act is a command of crm-marts, or `steps` with the
month and what the names of those assets of the job monthly_close begin with that are run alone.

Checks are left out of steps, and dbt's tests of all acts: they write nothing and take most of a
small close. The runs through the command line have them.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from orchestration import cli
from orchestration.assets import models
from orchestration.close.period import Month
from orchestration.close.run import RedCloseError, _raise_failure, prepare_dagster
from orchestration.dbt import parsed_project, run_dbt
from orchestration.errors import CrmMartsError
from orchestration.settings import Settings
from tests.commands import REMEMBERED
from tests.lean_dbt import lean_dbt


def main() -> None:
    parsed_project(Settings())  # type: ignore[call-arg]
    import_module("orchestration.definitions")  # once for all runs; it needs the parsed project
    models.run_dbt = _without_tests  # type: ignore[attr-defined]
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            os.setsid()
            _redirect(Path(order["log"]))
            with lean_dbt(REMEMBERED):
                code = run_act(order["act"])
            os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _without_tests(settings: Settings, command: list[str]) -> Any:
    return run_dbt(settings, [*command, "--exclude-resource-type=test"])


def _redirect(log: Path) -> None:
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(handle, 1)
    os.dup2(handle, 2)


def run_act(act: list[str]) -> int:
    """Exit code of an act."""
    if act[0] != "steps":
        return cli.run(act)
    try:
        _run_steps(act[1], tuple(act[2:]))
    except RedCloseError as error:
        return cli._complain(error, cli.EXIT_RED)
    except CrmMartsError as error:
        return cli._complain(error, cli.EXIT_INPUT)
    except Exception as error:
        return cli._unexpected(error)
    return cli.EXIT_OK


def _run_steps(month: str, beginnings: tuple[str, ...]) -> None:
    import dagster as dg

    settings = Settings()  # type: ignore[call-arg]
    prepare_dagster(settings)
    from orchestration.definitions import defs

    graph = defs.get_repository_def().asset_graph
    keys = [
        key for key in graph.get_all_asset_keys() if key.to_user_string().startswith(beginnings)
    ]
    job = dg.define_asset_job(
        "monthly_close", dg.AssetSelection.assets(*keys).without_checks()
    ).resolve(asset_graph=graph)
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            partition_key=month, instance=instance, raise_on_error=False
        )
    _raise_failure(settings, Month.parse(month), result)


if __name__ == "__main__":
    main()
