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

from benchmarks.close import measured, print_steps
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
    measured(["close", str(MONTH.previous())], environment)
    data.rename(state)

    def from_september(arguments: list[str]) -> tuple[float, float]:
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(state, data, symlinks=True)
        return measured(arguments, environment)[:2]

    def again(arguments: list[str]) -> tuple[float, float]:
        return measured(arguments, environment)[:2]

    close = _quickest(runs, from_september, ["close", str(MONTH)])
    os.environ["DAGSTER_HOME"] = str(data / "dagster")
    print_steps()
    bare = _quickest(runs, again, BARE)
    print(f"close: {close[0]:.1f} s, CPU {close[1]:.1f} s")
    print(f"bare dbt build: {bare[0]:.1f} s, CPU {bare[1]:.1f} s")
    print(f"close / bare: {close[0] / bare[0]:.2f}, CPU {close[1] / bare[1]:.2f}")
    for arguments in (["--help"], ["status"]):
        seconds, cpu = _quickest(runs, again, arguments)
        print(f"crm-marts {arguments[0]}: {seconds:.2f} s, CPU {cpu:.2f} s")


def _quickest(
    runs: int, run: Callable[[list[str]], tuple[float, float]], arguments: list[str]
) -> tuple[float, float]:
    return min(run(arguments) for _ in range(runs))


if __name__ == "__main__":
    main()
