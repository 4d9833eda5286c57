"""crm-marts in a process of its own, as a user starts it, but for what costs a test its time.

A server process imports the heavy libraries once and forks for each command; what a command then
does, it does in its own process and environment. A new data folder is given what dbt remembers of
the project since another one had the same settings: dbt parses what has changed since.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from orchestration.close.period import Month, run_period, write_run_period
from orchestration.dbt import remembered_parse, run_dbt
from orchestration.raw.landing import land, landed_loads
from orchestration.settings import PROJECT_DIR, Settings
from tests.lean_dbt import lean_dbt

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # before the import, as checks/adapter.py has it
os.environ["CRM_MARTS_THREADS"] = "1"  # small tables gain nothing by more, and pytest has the cores
REMEMBERED = PROJECT_DIR / ".pytest_cache" / "dbt"
COMMAND = str(Path(sys.executable).with_name("crm-marts"))
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        *("dagster", "dagster_dbt", "dbt.cli.main", "dbt.task.build", "dbt.adapters.duckdb"),
        *("great_expectations", "great_expectations.expectations", "duckdb_engine"),
        *("orchestration.close.run", "tests.commands", "tests.warm_dbt"),
    ]
)


def run_command(
    arguments: tuple[str, ...], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command of crm-marts to its end."""
    return run_forked("orchestration.cli:run", (list(arguments),), environment)


def run_forked(
    function: str, arguments: tuple[object, ...], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `module:function`, which returns an exit code, to its end."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder) / "stdout", Path(folder) / "stderr"]
        child = FORKS.Process(target=_child, args=(function, arguments, dict(environment), outputs))
        child.start()
        child.join()
        texts = [path.read_text(encoding="utf-8") if path.exists() else "" for path in outputs]
    assert child.exitcode is not None
    return subprocess.CompletedProcess([function, *map(str, arguments)], child.exitcode, *texts)


def build(month: str, select: str) -> int:
    """Land all loads, build models for one month and run their tests."""
    settings = Settings()  # type: ignore[call-arg]
    land(settings)
    write_run_period(settings, run_period(settings, Month.parse(month), landed_loads(settings)))
    command = ["build", "--select", select, "--indirect-selection", "buildable"]
    outcome = run_dbt(settings, [*command, "--exclude-resource-type", "unit_test"])
    for node in outcome.result or []:
        if node.status in ("error", "fail"):
            print(f"{node.node.name}: {node.message}", file=sys.stderr)
    if not outcome.success:
        print(outcome.exception, file=sys.stderr)
    return 0 if outcome.success else 1


def _child(
    name: str, arguments: tuple[object, ...], environment: dict[str, str], outputs: list[Path]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(PROJECT_DIR)
    for number, path in enumerate(outputs, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    module, function = name.split(":")
    try:
        command: Callable[..., int] = getattr(import_module(module), function)
        with _remembered(), lean_dbt(REMEMBERED):
            code = command(*arguments)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@contextmanager
def _remembered() -> Iterator[None]:
    """A parse under the same settings in the data folder, if it has none; kept for the next one."""
    try:
        settings = Settings()  # type: ignore[call-arg]
    except (ValueError, OSError):
        yield  # the command says what is wrong with them
        return
    variables = [str(settings.dbt_project), settings.engine, settings.dbt_vars()]
    kept = REMEMBERED / hashlib.sha256(json.dumps(variables).encode()).hexdigest()
    own = remembered_parse(settings)
    is_new = not own.exists()
    if is_new and kept.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, own)
    yield
    if is_new and own.exists():
        REMEMBERED.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(own, part := kept.with_suffix(f".{os.getpid()}"))
        part.replace(kept)
