"""Time and memory of the pack's registers: `python -m benchmarks.registers 1000000`."""

import multiprocessing
import os
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.large_release import large_release
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
            kilobytes = 0
            while not writing.done():
                kilobytes = max([kilobytes, *map(_peak, multiprocessing.active_children())])
                time.sleep(0.05)
        seconds = time.monotonic() - started
    paths = writing.result()
    print(
        f"{written:,} rows in {len(paths)} workbooks: {seconds:.0f} s on {os.cpu_count()} cores, "
        f"largest process {kilobytes / 1024:.0f} MB"
    )


def _peak(process: BaseProcess) -> int:
    """Kilobytes that a process had at most; it may be gone already."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
