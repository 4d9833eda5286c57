"""What a command or a process takes: time, memory, bytes."""

import re
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Seconds, CPU seconds, and MB of memory at most, read and written."""

    seconds: float
    cpu: float
    memory: float
    read: float = 0.0
    written: float = 0.0


def measured(command: list[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command; ends with its exit code when that is not 0.

    What is read and written counts whether or not from memory.
    """
    before, started = _cpu(resource.RUSAGE_CHILDREN), time.monotonic()
    memory = read = written = 0.0
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            memory = max(memory, peak_megabytes(process.pid))
            read, written = max((read, written), _megabytes_moved(process.pid))
            time.sleep(0.05)
    seconds = time.monotonic() - started
    if process.returncode:
        sys.exit(process.returncode)
    return Cost(seconds, _cpu(resource.RUSAGE_CHILDREN) - before, memory, read, written)


def own_cpu() -> float:
    """CPU seconds of this process so far."""
    return _cpu(resource.RUSAGE_SELF)


def peak_megabytes(process: int | None) -> float:
    """The most memory a process had, by its number, as Linux has it; 0 when it is gone already.

    What the system says of ended children would be no less than their parent had when it began
    them.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", _told(process, "status"))
    return int(found[1]) / 1024 if found else 0.0


def _megabytes_moved(process: int) -> tuple[float, float]:
    """Read and written by a process so far, from files, pipes and sockets; 0 when it is gone."""
    told = dict(re.findall(r"(rchar|wchar): (\d+)", _told(process, "io")))
    return int(told.get("rchar", 0)) / 1e6, int(told.get("wchar", 0)) / 1e6


def _told(process: int | None, file: str) -> str:
    try:
        return Path(f"/proc/{process}/{file}").read_text(encoding="ascii")
    except OSError:
        return ""


def _cpu(of: int) -> float:
    used = resource.getrusage(of)
    return used.ru_utime + used.ru_stime
