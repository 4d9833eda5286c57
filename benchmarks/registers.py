"""Time and memory of the pack's registers: `python -m benchmarks.registers 1000000`."""

import multiprocessing
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.large_release import large_release
from benchmarks.measure import peak_megabytes
from orchestration.delivery.published_month import published_month
from orchestration.delivery.registers import write_registers
from orchestration.delivery.words import Words
from orchestration.settings import Settings


def main(rows: int) -> None:
    """Write the workbooks of all managers once, as the pack does."""
    settings = Settings()  # type: ignore[call-arg]
    with tempfile.TemporaryDirectory() as folder:
        release, month, written = large_release(settings, rows, Path(folder))
        started = time.monotonic()
        with published_month(settings, month, release) as opened, ThreadPoolExecutor(1) as thread:
            words, out = Words(settings.pack.language), Path(folder) / "out"
            writing = thread.submit(write_registers, opened, words, out)
            megabytes = 0.0
            while not writing.done():
                children = multiprocessing.active_children()
                megabytes = max([megabytes, *(peak_megabytes(child.pid) for child in children)])
                time.sleep(0.05)
        seconds = time.monotonic() - started
    paths = writing.result()
    print(
        f"{written:,} rows in {len(paths)} workbooks: {seconds:.0f} s on {os.cpu_count()} cores, "
        f"largest process {megabytes:.0f} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
