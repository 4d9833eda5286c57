"""What a close adds to dbt: `python -m benchmarks.overhead`.

Closes October of the demo CRM, whose loads up to September's are landed, and then has dbt alone
build the same models with the same tests (`crm-marts dbt build`): the quickest of so many runs, as
seconds, CPU seconds and their ratio. Apart, the same close where September is closed, of which
October's load tells otherwise, so that its marts are computed anew. Then the small commands.
"""

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from benchmarks.close import close_again, crm_marts, kept_data, print_steps, quickest
from benchmarks.measure import Cost
from orchestration.close.period import Month
from orchestration.demo import write_demo
from orchestration.raw.landing import land
from orchestration.settings import Settings
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
    """Print closes and builds, their ratio, the closes' steps, and the small commands."""
    parser = argparse.ArgumentParser(description="What a close adds to dbt.")
    parser.add_argument("--runs", type=int, default=3, help="of which the quickest counts (3)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), asked.runs)


def _measure(home: Path, runs: int) -> None:
    raw, last = home / "raw", home / "last"
    write_demo(raw)
    loads = [max(source.iterdir()) for source in raw.iterdir() if source.is_dir()]
    for load in loads:
        shutil.move(load, last / load.parent.name / load.name)
    alone = _company(home / "alone", raw, first_month=MONTH)
    crm_marts(["prepare"], alone)
    _in_process(alone)
    land(Settings())  # type: ignore[call-arg]
    restating = _company(home / "restating", raw, first_month=MONTH.previous())
    crm_marts(["close", str(MONTH.previous())], restating)
    for load in loads:
        shutil.move(last / load.parent.name / load.name, load)

    # By turns: the machine's speed changes from minute to minute.
    kept = kept_data(alone)
    turns = [(close_again(alone, kept, MONTH), crm_marts(BARE, alone)) for _ in range(runs)]
    close, bare = map(quickest, zip(*turns, strict=True))
    _print_close(close, alone)
    print(f"bare dbt build: {bare.seconds:.1f} s, CPU {bare.cpu:.1f} s")
    print(f"close / bare: {close.seconds / bare.seconds:.2f}, CPU {close.cpu / bare.cpu:.2f}")
    print("where September is closed:")
    kept = kept_data(restating)
    _print_close(quickest(close_again(restating, kept, MONTH) for _ in range(runs)), restating)
    for arguments in (["--help"], ["status"]):
        cost = quickest(crm_marts(arguments, alone) for _ in range(runs))
        print(f"crm-marts {arguments[0]}: {cost.seconds:.2f} s, CPU {cost.cpu:.2f} s")


def _company(home: Path, raw: Path, first_month: Month) -> dict[str, str]:
    """The environment of a pipeline in a folder."""
    home.mkdir()
    texts = {"business_timezone": "Europe/Moscow", "first_month": str(first_month)}
    return {
        **os.environ,
        "CRM_MARTS_CONFIG": str(write_config(home, SOURCES, **texts)),
        "CRM_MARTS_RAW_DIR": str(raw),
        "CRM_MARTS_DATA_DIR": str(home / "data"),
        "CRM_MARTS_PACK__AT_CLOSE": "false",
    }


def _in_process(environment: dict[str, str]) -> None:
    data = Path(environment["CRM_MARTS_DATA_DIR"])
    os.environ.update(environment, DAGSTER_HOME=str(data / "dagster"))


def _print_close(cost: Cost, environment: dict[str, str]) -> None:
    """Print the quickest close, and the steps of the last one."""
    print(f"close: {cost.seconds:.1f} s, CPU {cost.cpu:.1f} s")
    _in_process(environment)
    print_steps()


if __name__ == "__main__":
    main()
