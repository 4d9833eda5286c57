"""Time and memory of the pack's registers: `python benchmarks/registers.py 1000000`.

Multiplies the register of the newest published month in a copy of its release, and writes the
workbooks of all managers as the pack does. Prints rows, seconds, and the largest process.
"""

import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from orchestration.close.period import Month
from orchestration.close.release import SERVING, current_release, published_editions
from orchestration.delivery.published_month import published_month
from orchestration.delivery.registers import MART, write_registers
from orchestration.delivery.words import Words
from orchestration.settings import Settings


def main(rows: int) -> None:
    """Measure once, on the release that is published."""
    settings = Settings()  # type: ignore[call-arg]
    release = current_release(settings)
    if release is None:
        sys.exit("nothing is published yet: make run")
    month = Month.parse(max(published_editions(release)))
    with tempfile.TemporaryDirectory() as folder:
        large = Path(shutil.copytree(release, Path(folder) / "release"))
        with duckdb.connect(str(large / SERVING)) as db:
            db.execute(
                f"create temp table one as from marts.{MART} where close_month = ?",
                [month.first_day],
            )
            [(count,)] = db.execute("select count(*) from one").fetchall()
            db.execute(f"delete from marts.{MART} where close_month = ?", [month.first_day])
            db.execute(
                f"""insert into marts.{MART}
                    select one.* replace (interaction_id || '-' || copy as interaction_id)
                    from one cross join range(?) as copies (copy)""",
                [-(-rows // count)],
            )
            written = -(-rows // count) * count
        started = time.monotonic()
        with published_month(settings, month, large) as opened:
            paths = write_registers(opened, Words(settings.pack.language), Path(folder) / "out")
        seconds = time.monotonic() - started
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{written:,} rows in {len(paths)} workbooks: {seconds:.0f} s on {os.cpu_count()} cores, "
        f"largest process {megabytes:.0f} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
