"""The five main reports by pandas and by Polars: `python -m benchmarks.peers 500000`.

Generates one full load, closes its month through the pipeline, and has each peer compute the month
from the same files in processes of its own. Prints seconds, CPU seconds and the most memory of all
five reports and of each alone; then where a peer's rows differ from the marts, if they do, and
ends with an error.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.close import measured, pipeline
from benchmarks.generate import LAST, Scale, generate
from benchmarks.peers_compare import differences, row_count
from benchmarks.peers_month import REPORTS

# A further peer is a module that ends in `serve`, and a line here: its column.
PEERS = {"pandas": "benchmarks.peers_pandas", "Polars": "benchmarks.peers_polars"}
# What is measured, each in a process of its own; without a report, what the start alone takes.
RUNS = {"all five": REPORTS, **{report: (report,) for report in REPORTS}, "start alone": ()}


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds, CPU seconds, and MB of memory at most."""

    seconds: float
    cpu: float
    megabytes: float

    def __str__(self) -> str:
        """As a cell of the table."""
        return f"{self.seconds:.1f} s, CPU {self.cpu:.1f} s, {self.megabytes:,.0f} MB"


def closed_month(home: Path, scale: Scale) -> tuple[Path, Path, Cost]:
    """Generate a load and close its month: the load, the month's marts, and the close's cost."""
    environment = pipeline(home, LAST)
    [load] = generate(home / "raw", scale)
    cost = Cost(*measured(["close", str(LAST)], environment))
    return load, home / "data" / "published" / "current" / "parquet", cost


def run_peer(module: str, load: Path, out: Path, reports: tuple[str, ...]) -> Cost:
    """Have a peer write reports into `out`, in a process of its own."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", module, str(load), str(out), *reports]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        sys.exit(run.returncode)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, cpu, float(run.stdout))


def compare(load: Path, marts: Path, folder: Path) -> list[str]:
    """Run all peers, print their costs as a table; where their rows differ from the marts."""
    found = []
    print(f"| | rows | {' | '.join(PEERS)} |\n|---|---|{'---|' * len(PEERS)}")
    for run, reports in RUNS.items():
        costs, rows = [], 0
        for peer, module in PEERS.items():
            out = folder / run / peer
            out.mkdir(parents=True)
            costs.append(str(run_peer(module, load, out, reports)))
            written = {report: out / f"{report}.parquet" for report in reports}
            rows = sum(map(row_count, written.values()))
            for report, path in written.items():
                mart = marts / report / f"{LAST}.parquet"
                differing = differences(report, mart, path)
                found += [f"{run}, {peer}, {report}: {where}" for where in differing]
        print(f"| {run} | {rows:,} | {' | '.join(costs)} |", flush=True)
    return found


def main() -> None:
    """Close a month of so many interactions and compare all peers with it."""
    parser = argparse.ArgumentParser(description="The five main reports by other engines.")
    parser.add_argument("interactions", type=int)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        load, marts, cost = closed_month(home, Scale(asked.interactions))
        print(f"{asked.interactions:,} interactions; the close of everything: {cost}\n")
        found = compare(load, marts, home / "peers")
    print("\n".join(["", *found]) if found else "\nall rows are those of the marts")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
