"""What a month's close costs: `python -m benchmarks.close 500000 --months 12 48`.

For each length of history, of as many clients, and interactions a month, as in the longest:
generates the loads, lands and closes the month before, then delivers the month's load and measures
its close by `crm-marts close`: seconds, CPU, memory, bytes, and where they went. With `--runs 3`
each length is closed three times, by turns. Without late rows, in October, which ends no quarter,
and by a load of what is new, unless asked otherwise.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
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


def kept_data(environment: Mapping[str, str]) -> Path:
    """A copy of a pipeline's data folder as it is."""
    data = Path(environment["CRM_MARTS_DATA_DIR"])
    return Path(shutil.copytree(data, data.with_name("kept"), symlinks=True))


def close_again(environment: Mapping[str, str], kept: Path, month: Month) -> Cost:
    """Close a month from the data folder that was kept."""
    data = Path(environment["CRM_MARTS_DATA_DIR"])
    shutil.rmtree(data)
    shutil.copytree(kept, data, symlinks=True)
    os.sync()  # what the copy wrote is not the close's work
    return crm_marts(["close", str(month)], environment)


def quickest(costs: Iterable[Cost]) -> Cost:
    """The quickest of several runs of one thing."""
    return min(costs, key=lambda cost: cost.seconds)


def main() -> None:
    """Measure each length of history and print a line, its steps and its slowest models."""
    parser = argparse.ArgumentParser(description="What a month's close costs.")
    parser.add_argument("interactions", type=int, help="in the longest history")
    parser.add_argument("--months", type=int, nargs="+", default=[12, 48])
    parser.add_argument("--runs", type=int, default=1, help="by turns; the quickest is printed")
    parser.add_argument("--late-share", type=float, default=0.0, help="0.01: a row of a hundred")
    parser.add_argument("--month", type=Month.parse, default=LAST, help="2025-12 ends a year")
    parser.add_argument("--complete", action="store_true", help="the last two loads bring all rows")
    asked = parser.parse_args()
    scales = [
        Scale(
            interactions=asked.interactions * months // max(asked.months),
            months=months,
            late_share=asked.late_share,
            last=asked.month,
            clients=asked.interactions // PER_CLIENT,
            ends_complete=asked.complete,
        )
        for months in asked.months
    ]
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / str(scale.months) for scale in scales]
        prepared = [_prepared(*pair) for pair in zip(homes, scales, strict=True)]
        # By turns: the machine's speed changes from minute to minute.
        turns = [
            [close_again(environment, kept, asked.month) for environment, kept in prepared]
            for _ in range(asked.runs)
        ]
        costs = [quickest(runs) for runs in zip(*turns, strict=True)]
        for home, scale, cost in zip(homes, scales, costs, strict=True):
            _print(home, scale, cost)
        _print_ratio(costs, asked.months)


def _prepared(home: Path, scale: Scale) -> tuple[dict[str, str], Path]:
    """A pipeline in which the month before is closed and the month's load lies, and its copy."""
    home.mkdir()
    environment = pipeline(home, scale.covered()[0])
    last = generate(home / "raw", scale, monthly=True)[-1]
    shutil.move(last, home / "last")
    crm_marts(["close", str(scale.last.previous())], environment)
    shutil.move(home / "last", last)
    return environment, kept_data(environment)


def _print(home: Path, scale: Scale, cost: Cost) -> None:
    """The quickest close; the copy, the steps and the models are of the last one."""
    print(
        f"{scale.interactions:,} interactions in {scale.months} months: {cost.seconds:.1f} s, "
        f"CPU {cost.cpu:.1f} s, memory {cost.memory:,.0f} MB, read {cost.read:,.0f} MB, "
        f"written {cost.written:,.0f} MB",
        flush=True,
    )
    _print_copy(home / "data" / "published" / "current")
    os.environ["DAGSTER_HOME"] = str(home / "data" / "dagster")
    print_steps()


def _print_ratio(costs: list[Cost], months: list[int]) -> None:
    """What the longest history costs beside the shortest."""
    by_length = dict(zip(months, costs, strict=True))
    longest, shortest = by_length[max(months)], by_length[min(months)]
    if longest is not shortest:
        print(
            f"{max(months)} months / {min(months)} months: "
            f"{longest.seconds / shortest.seconds:.2f}, CPU {longest.cpu / shortest.cpu:.2f}"
        )


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
