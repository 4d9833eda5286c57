"""Where the slowest models spend their time: `python -m benchmarks.plans <folder> --models 10`.

Of a folder kept by `benchmarks.build --folder`, whose month is built: runs each model's query once
more into a temporary table under DuckDB's profile, and prints for the slowest what share of its
operators' time, of all threads, each kind took, and how many rows went out of the costliest.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.build import landed
from benchmarks.generate import Scale
from orchestration.dbt import run_dbt
from orchestration.raw.kept import literal
from orchestration.settings import Settings

SHOWN = 5


@dataclass
class Plan:
    """Seconds of threads by kind of operator, and the most rows that one of a kind gave."""

    model: str
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    rows: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def total(self) -> float:
        """Seconds of all operators."""
        return sum(self.seconds.values())

    def add(self, operator: dict[str, Any]) -> None:
        """Count an operator of DuckDB's profile and all below it."""
        kind = operator.get("operator_type", "")
        self.seconds[kind] += operator.get("operator_timing", 0.0)
        self.rows[kind] = max(self.rows[kind], operator.get("operator_cardinality", 0))
        for below in operator["children"]:
            self.add(below)

    def line(self) -> str:
        """The model, its seconds, and the costliest kinds of operators."""
        shares = (
            f"{kind.lower().replace('_', ' ')} {self.seconds[kind] / self.total:.0%}"
            f" ({self.rows[kind]:,} rows)"
            for kind in sorted(self.seconds, key=self.seconds.__getitem__, reverse=True)[:SHOWN]
        )
        return f"{self.model} {self.total:.2f} s: {', '.join(shares)}"


def main() -> None:
    """Print the slowest models of a kept build."""
    parser = argparse.ArgumentParser(description="Where the slowest models spend their time.")
    parser.add_argument("folder", type=Path, help="as given to benchmarks.build")
    parser.add_argument("--interactions", type=int, default=500_000, help="as given there")
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--models", type=int, default=10)
    asked = parser.parse_args()
    settings = landed(asked.folder.resolve(), Scale(asked.interactions), asked.memory_limit)
    plans = sorted(_plans(settings), key=lambda plan: -plan.total)
    print(f"all {len(plans)} models: {sum(plan.total for plan in plans):.1f} s")
    print("\n".join(plan.line() for plan in plans[: asked.models]))


def _plans(settings: Settings) -> Iterator[Plan]:
    compiled = run_dbt(settings, ["compile", "--select", "resource_type:model"])
    if not compiled.success:
        raise RuntimeError(f"dbt compile: {compiled.exception}")
    with duckdb.connect(
        str(settings.work_db), config={"memory_limit": settings.memory_limit}
    ) as db:
        db.execute("set TimeZone = 'UTC'")
        for path, name in ((settings.history_db, "history"), (settings.building_db, "building")):
            db.execute(f"attach {literal(path)} as {name} (read_only)")
        for node in (result.node for result in compiled.result):
            if node.resource_type != "model" or node.config.materialized == "view":
                continue  # a view is read where it is used
            query = f"create or replace temp table planned as {node.compiled_code}"
            [(_, profile)] = db.execute(f"explain (analyze, format json) {query}").fetchall()
            plan = Plan(node.name)
            plan.add(json.loads(profile))
            yield plan


if __name__ == "__main__":
    main()
