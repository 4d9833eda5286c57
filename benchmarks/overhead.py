"""What a close adds to dbt: `python -m benchmarks.overhead`.

Closes October of the demo CRM, whose September is closed, and then has dbt alone build the same
models with the same tests (`crm-marts dbt build`), each time from the same state; the quickest of
so many runs, as seconds, CPU seconds and their ratio. Then how long the small commands take.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.close import crm_marts, print_steps
from benchmarks.measure import Cost
from orchestration.close.period import Month
from orchestration.demo import write_demo
from tests.samples import write_config

MONTH = Month(2026, 10)
SOURCES = """[sources.demo]
crm = "onec"
timezone = "Europe/Moscow"

[sources.plans]
crm = "files"

"""
# What stands in a close's own steps: unit tests need no data, so that a close runs none.
BARE = ["dbt", "build", "--quiet", "--exclude-resource-type", "unit_test"]


def main() -> None:
    """Print the two, their ratio, the close's steps, and the small commands."""
    parser = argparse.ArgumentParser(description="What a close adds to dbt.")
    parser.add_argument("--runs", type=int, default=3, help="of which the quickest counts (3)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), asked.runs)


def _measure(home: Path, runs: int) -> None:
    texts = {"business_timezone": "Europe/Moscow", "first_month": str(MONTH.previous())}
    state, data = home / "september", home / "data"
    environment = {
        **os.environ,
        "CRM_MARTS_CONFIG": str(write_config(home, SOURCES, **texts)),
        "CRM_MARTS_RAW_DIR": str(home / "raw"),
        "CRM_MARTS_DATA_DIR": str(data),
        "CRM_MARTS_PACK__AT_CLOSE": "false",
    }
    write_demo(home / "raw")
    crm_marts(["close", str(MONTH.previous())], environment)
    data.rename(state)

    def again(arguments: list[str]) -> Cost:
        return crm_marts(arguments, environment)

    def from_september(arguments: list[str]) -> Cost:
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(state, data, symlinks=True)
        return again(arguments)

    close = _quickest(runs, from_september, ["close", str(MONTH)])
    os.environ["DAGSTER_HOME"] = str(data / "dagster")
    print_steps()
    bare = _quickest(runs, again, BARE)
    print(f"close: {close.seconds:.1f} s, CPU {close.cpu:.1f} s")
    print(f"bare dbt build: {bare.seconds:.1f} s, CPU {bare.cpu:.1f} s")
    print(f"close / bare: {close.seconds / bare.seconds:.2f}, CPU {close.cpu / bare.cpu:.2f}")
    for arguments in (["--help"], ["status"]):
        cost = _quickest(runs, again, arguments)
        print(f"crm-marts {arguments[0]}: {cost.seconds:.2f} s, CPU {cost.cpu:.2f} s")


def _quickest(runs: int, run: Callable[[list[str]], Cost], arguments: list[str]) -> Cost:
    return min((run(arguments) for _ in range(runs)), key=lambda cost: cost.seconds)


if __name__ == "__main__":
    main()
