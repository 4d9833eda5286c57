"""What the models cost on a Spark cluster of this machine: `python -m benchmarks.spark 20000000`.

Generates a CRM as one full load and lands it, once. Then, for each number of workers, of a core
each, starts a cluster, sends it the kept load and has dbt build the models into empty databases;
DuckDB builds the same models with as many threads, from the same kept load. Every model's table has
to have as many rows on all of them; ends with 1 where one has not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.build import dbt_results, empty_warehouse, landed
from benchmarks.generate import Scale
from orchestration.engines import engine_of
from orchestration.settings import Settings
from orchestration.spark.cluster import running_cluster


@dataclass(frozen=True)
class Run:
    """Seconds of each model and rows of its table; seconds of all, and of sending the sources."""

    models: dict[str, float]
    rows: dict[str, int]
    seconds: float
    sent: float = 0.0


def main() -> None:
    """Measure, print the table, compare the numbers of rows."""
    parser = argparse.ArgumentParser(description="The models on Spark, by number of workers.")
    parser.add_argument("interactions", type=int)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--gigabytes", type=int, default=4, help="of heap for each process")
    parser.add_argument("--select", default="", help="models, as dbt selects them; all")
    parser.add_argument("--folder", type=Path, help="kept, with its load, for another run")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = (asked.folder or Path(scratch)).resolve()
        home.mkdir(parents=True, exist_ok=True)
        settings = landed(home, Scale(asked.interactions), f"{asked.gigabytes}GB")
        if asked.alone:
            print(json.dumps(vars(_build(settings, asked.select))))
            return
        runs = {"DuckDB": _in_process(home, asked, {"CRM_MARTS_ENGINE": "duckdb"})}
        for workers in asked.workers:
            folder = home / f"cluster{workers}-{time.time():.0f}"
            with running_cluster(folder, workers=workers, gigabytes=asked.gigabytes) as variables:
                own = {**variables, "CRM_MARTS_ENGINE": "spark"}
                name = f"Spark, {workers} worker" + "s" * (workers > 1)
                runs[name] = _in_process(home, asked, own)
        sys.exit(_print(runs))


def _in_process(home: Path, asked: argparse.Namespace, variables: dict[str, str]) -> Run:
    """Build in a process of its own: dbt knows one engine in each."""
    command = [sys.executable, "-m", "benchmarks.spark", str(asked.interactions)]
    command += ["--folder", str(home), "--select", asked.select, "--alone"]
    command += ["--gigabytes", str(asked.gigabytes)]
    done = subprocess.run(
        command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.returncode)
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def _build(settings: Settings, select: str) -> Run:
    empty_warehouse(settings)
    engine, started = engine_of(settings), time.monotonic()
    engine.send(settings)
    sent = time.monotonic() - started
    dbt_results(settings, "seed")
    started = time.monotonic()
    chosen = ["--select", *select.split()] if select else []
    done = dbt_results(settings, "run", *chosen)
    seconds = time.monotonic() - started
    rows = {}
    for result in done:
        count = f"select count(*) as row_count from {result.node.relation_name}"
        rows[result.node.name] = engine.rows(settings, count)[0]["row_count"]
    return Run({one.node.name: one.execution_time for one in done}, rows, seconds, sent)


def _print(runs: dict[str, Run]) -> int:
    """Print seconds of all, and of the slowest models, a column for each run; 1 if rows differ."""
    last = list(runs.values())[-1]
    slowest = sorted(last.models, key=lambda name: -last.models[name])[:12]
    print(f"| | {' | '.join(runs)} |\n|---|{'---|' * len(runs)}")
    lines = {"sending the kept load": [run.sent for run in runs.values()]}
    lines[f"all {len(last.models)} models"] = [run.seconds for run in runs.values()]
    lines |= {name: [run.models[name] for run in runs.values()] for name in slowest}
    for name, seconds in lines.items():
        print(f"| {name} | {' | '.join(f'{one:.1f}' for one in seconds)} |")
    differing = [
        f"{name}: {' / '.join(str(run.rows[name]) for run in runs.values())} rows"
        for name in last.rows
        if len({run.rows[name] for run in runs.values()}) > 1
    ]
    print("\n".join(differing) or "every table has as many rows on all")
    return 1 if differing else 0


if __name__ == "__main__":
    main()
