"""The five main reports by pandas and by Polars, beside the marts of the same CRM and month."""

import sys
from pathlib import Path

from benchmarks.differences import peer_differences, row_count
from benchmarks.generate import LAST
from benchmarks.measure import Cost, measured
from benchmarks.peers.month import REPORTS

# A further peer is a module that ends in `serve`, and a line here: its column.
PEERS = {"pandas": "benchmarks.peers.pandas_reports", "Polars": "benchmarks.peers.polars_reports"}
# What is measured, each in a process of its own; without a report, what the start alone takes.
RUNS = {"all five": REPORTS, **{report: (report,) for report in REPORTS}, "start alone": ()}


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
            command = [sys.executable, "-m", module, str(load), str(out), *reports]
            costs.append(_cell(measured(command)))
            written = {report: out / f"{report}.parquet" for report in reports}
            rows = sum(map(row_count, written.values()))
            for report, path in written.items():
                mart = marts / report / f"{LAST}.parquet"
                differing = peer_differences(report, mart, path)
                found += [f"{run}, {peer}, {report}: {where}" for where in differing]
        print(f"| {run} | {rows:,} | {' | '.join(costs)} |", flush=True)
    return found


def _cell(cost: Cost) -> str:
    return f"{cost.seconds:.1f} s, CPU {cost.cpu:.1f} s, {cost.memory:,.0f} MB"
