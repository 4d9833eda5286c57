"""A CRM at scale, delivered as files of the contract: `python -m benchmarks.generate raw 5000000`.

Skewed as real bases are: few busy clients and managers, seasons, working hours, bursts after
weekends, a fifth of the rows edited after their entry. The same arguments give the same rows with
one version of DuckDB. Writes <folder>/crm/<load>/<table>.parquet, one complete load of everything;
with --monthly a load a month, of which the first is complete; the others bring what is new or
changed, so that its source has to say closes_on = "any".
"""

import argparse
import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from orchestration.close.period import Month

SOURCE = "crm"
LAST = Month(2026, 10)
# Interactions per client and clients per manager, as in 50 million, 1 million and 1,000.
PER_CLIENT, PER_MANAGER = 50, 1000
TABLES = (
    "managers",
    "clients",
    "client_assignments",
    "contact_persons",
    "client_contact_persons",
    "interactions",
    "interaction_parties",
)


@dataclass(frozen=True)
class Scale:
    """How much of it, over how many months; late rows are a share of the last month's entries.

    They lie 40 to 180 days before their entry. `clients` is a fiftieth of the interactions, and
    the last two of monthly loads bring what is new alone, unless said otherwise.
    """

    interactions: int
    months: int = 48
    late_share: float = 0.0
    last: Month = LAST
    clients: int = 0
    ends_complete: bool = False

    def covered(self) -> list[Month]:
        """The months, oldest first."""
        first = self.last
        for _ in range(self.months - 1):
            first = first.previous()
        return first.until(self.last)


def generate(folder: Path, scale: Scale, *, monthly: bool = False) -> list[Path]:
    """Write the loads; their folders, oldest first."""
    months = scale.covered() if monthly else [scale.last]
    clients = scale.clients or max(scale.interactions // PER_CLIENT, 100)
    variables: dict[str, object] = {
        "interactions": scale.interactions,
        "clients": clients,
        "managers": max(clients // PER_MANAGER, 12),
        "opened": datetime.combine(scale.covered()[0].first_day, time()),
        "ended": datetime.combine(scale.last.next().first_day, time()),
        "late_share": scale.late_share,
    }
    written, before = list[Path](), datetime.min
    with TemporaryDirectory(dir=folder.parent) as scratch, duckdb.connect(f"{scratch}/db") as db:
        db.execute("set enable_progress_bar = false; set preserve_insertion_order = false")
        for month in months:
            # After the scheduled close of the month, so that nothing before it is missing.
            extracted_at = datetime.combine(month.next().first_day, time(hour=6)) + timedelta(
                days=1
            )
            complete = month == months[0] or (scale.ends_complete and month in months[-2:])
            variables["since"] = datetime.min if complete else before
            variables["extracted_at"] = extracted_at
            for name, value in variables.items():
                db.execute(f"set variable {name} = ?", [value])
            if month == months[0]:
                db.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
            written.append(_write(db, folder, extracted_at, complete=complete))
            before = extracted_at
    return written


def _write(
    db: duckdb.DuckDBPyConnection, folder: Path, moment: datetime, *, complete: bool
) -> Path:
    load = folder / SOURCE / f"{moment:%Y%m%dT%H%M%SZ}"
    load.mkdir(parents=True)
    for table in TABLES:
        db.execute(f"copy {table} to '{load / table}.parquet' (format parquet)")
    manifest = {"extracted_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "complete": complete}
    (load / "_load.json").write_text(json.dumps(manifest), encoding="utf-8")
    return load


def main() -> None:
    """Write loads as the arguments ask."""
    parser = argparse.ArgumentParser(description="A CRM at scale, as files of the contract.")
    parser.add_argument("folder", type=Path, help="raw_dir that the loads are written into")
    parser.add_argument("interactions", type=int)
    parser.add_argument("--months", type=int, default=48)
    parser.add_argument("--monthly", action="store_true", help="one load a month")
    parser.add_argument("--late-share", type=float, default=0.0, help="late rows of the last month")
    asked = parser.parse_args()
    scale = Scale(asked.interactions, asked.months, asked.late_share)
    for load in generate(asked.folder, scale, monthly=asked.monthly):
        size = sum(file.stat().st_size for file in load.iterdir())
        print(f"{load}: {size / 1e6:,.1f} MB")


if __name__ == "__main__":
    main()
