"""What a month's close costs: `python -m benchmarks.close 500000 --months 12 48`.

For each length of history, of as many clients, and interactions a month, as in the longest:
generates the loads, lands and closes the month before, then delivers the month's load and measures
its close by `crm-marts close`: seconds, CPU, memory, bytes, and where they went. Without late rows,
in October, which ends no quarter, and by a load of what is new, unless asked otherwise.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.generate import LAST, PER_CLIENT, SOURCE, Scale, generate
from benchmarks.measure import Cost, measured
from orchestration.close.period import Month
from orchestration.close.release import SERVING
from tests.samples import write_config

SLOWEST = 10


def crm_marts(arguments: list[str], environment: Mapping[str, str]) -> Cost:
    """Run a command of the pipeline."""
    return measured([str(Path(sys.executable).with_name("crm-marts")), *arguments], environment)


def pipeline(home: Path, first_month: Month) -> dict[str, str]:
    """The environment of a pipeline in a folder, which reads the generated CRM from <home>/raw."""
    source = f'[sources.{SOURCE}]\ncrm = "plain_files"\ncloses_on = "any"\n\n'
    texts = {"business_timezone": "UTC", "first_month": str(first_month)}
    return {
        **os.environ,
        "CRM_MARTS_CONFIG": str(write_config(home, source, **texts)),
        "CRM_MARTS_RAW_DIR": str(home / "raw"),
        "CRM_MARTS_DATA_DIR": str(home / "data"),
        "CRM_MARTS_PACK__AT_CLOSE": "false",
    }


def main() -> None:
    """Measure each length of history and print a line, its steps and its slowest models."""
    parser = argparse.ArgumentParser(description="What a month's close costs.")
    parser.add_argument("interactions", type=int, help="in the longest history")
    parser.add_argument("--months", type=int, nargs="+", default=[12, 48])
    parser.add_argument("--late-share", type=float, default=0.0, help="0.01: a row of a hundred")
    parser.add_argument("--month", type=Month.parse, default=LAST, help="2025-12 ends a year")
    parser.add_argument("--complete", action="store_true", help="the last two loads bring all rows")
    asked = parser.parse_args()
    for months in asked.months:
        scale = Scale(
            interactions=asked.interactions * months // max(asked.months),
            months=months,
            late_share=asked.late_share,
            last=asked.month,
            clients=asked.interactions // PER_CLIENT,
            ends_complete=asked.complete,
        )
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), scale)


def _measure(home: Path, scale: Scale) -> None:
    environment = pipeline(home, scale.covered()[0])
    last = generate(home / "raw", scale, monthly=True)[-1]
    shutil.move(last, home / "last")
    crm_marts(["close", str(scale.last.previous())], environment)
    shutil.move(home / "last", last)
    cost = crm_marts(["close", str(scale.last)], environment)
    print(
        f"{scale.interactions:,} interactions in {scale.months} months: {cost.seconds:.1f} s, "
        f"CPU {cost.cpu:.1f} s, memory {cost.memory:,.0f} MB, read {cost.read:,.0f} MB, "
        f"written {cost.written:,.0f} MB",
        flush=True,
    )
    _print_copy(home / "data" / "published" / "current")
    os.environ["DAGSTER_HOME"] = str(home / "data" / "dagster")
    print_steps()


def _print_copy(release: Path) -> None:
    """What publication does first: the last serving file is copied."""
    serving, copy = release / SERVING, release.with_name("copy")
    started = time.monotonic()
    shutil.copyfile(serving, copy)
    seconds = time.monotonic() - started
    print(f"  copy of the serving file, {serving.stat().st_size / 1e6:,.0f} MB: {seconds:.2f} s")


def print_steps() -> None:
    """Seconds of the newest run's steps and of its slowest models, as Dagster keeps them."""
    from dagster import DagsterEventType, DagsterInstance, FloatMetadataValue

    with DagsterInstance.get() as instance:
        run = instance.get_runs(limit=1)[0]
        for step in instance.get_run_step_stats(run.run_id):
            if step.start_time and step.end_time:
                print(f"  {step.step_key}: {step.end_time - step.start_time:.1f} s")
        found = {}
        events = instance.all_logs(run.run_id, of_type=DagsterEventType.ASSET_MATERIALIZATION)
        for event in events:
            made = event.get_dagster_event().step_materialization_data.materialization
            if isinstance(spent := made.metadata.get("seconds"), FloatMetadataValue):
                found[made.asset_key.to_user_string()] = spent.value or 0.0
        slowest = sorted(found, key=found.__getitem__, reverse=True)[:SLOWEST]
        print("  slowest models: " + ", ".join(f"{name} {found[name]:.1f}" for name in slowest))


if __name__ == "__main__":
    main()
