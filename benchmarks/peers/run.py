"""The five main reports by pandas and by Polars, beside the marts of the same CRM and month."""

import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generate import LAST
from benchmarks.peers.differences import differences, row_count
from benchmarks.peers.month import REPORTS

# A further peer is a module that ends in `serve`, and a line here: its column.
PEERS = {"pandas": "benchmarks.peers.pandas_reports", "Polars": "benchmarks.peers.polars_reports"}
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
    """Run all peers and print their costs as a table; where their rows differ from the marts.

    `load` is the generated load, `marts` has <mart>/<month>.parquet, the peers write into `folder`.
    """
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
