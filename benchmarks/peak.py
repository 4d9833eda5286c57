"""What Linux says of a process: the most memory it had, what it read and wrote."""

import re
from pathlib import Path


def peak_megabytes(process: int | None) -> float:
    """Of a process by its number, as Linux has it; 0 when it is gone already.

    What the system says of ended children would be no less than their parent had when it began
    them.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def megabytes_moved(process: int) -> tuple[float, float]:
    """Read and written by a process so far, from files, pipes and sockets; 0 when it is gone."""
    try:
        moved = Path(f"/proc/{process}/io").read_text(encoding="ascii")
    except OSError:
        return 0.0, 0.0
    read, written = (int(line.split()[1]) / 1e6 for line in moved.splitlines()[:2])
    return read, written
