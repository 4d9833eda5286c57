"""A table larger than memory: what landing takes does not grow with the file."""

import json
import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from orchestration.settings import PROJECT_DIR
from tests.crm_files import settings_environment
from tests.sheets import COLUMNS, FIRST, SECOND

SOURCES = '[sources.sheets]\ncrm = "files"\n\n'
TEXT = "позвонить клиенту, договориться о встрече и прислать счёт"
# In a process of its own: memory is measured at its highest.
LAND = """
import json, resource, sys
from orchestration.raw import scratch
from orchestration.raw.landing import land
from orchestration.settings import Settings
scratch.MEMORY_LIMIT = sys.argv[1]
tables = [vars(load.tables[0]) for load in land(Settings())]
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"megabytes": usage.ru_maxrss / 1024, "tables": tables}))
"""


def deliver(home: Path, load: str, megabytes: int, first: int = 0) -> int:
    """Write a load of about this size with managers from this number on; returns its lines.

    Every thousandth line is broken.
    """
    folder = home / "raw" / "sheets" / load
    folder.mkdir(parents=True)
    with (folder / "absences.csv").open("w", encoding="utf-8") as file:
        file.write(f"{COLUMNS}\n")
        for number in count(first):
            unlike = number * 7919 % 1_000_003  # so that it does not compress away
            row = f'm{number},2026-10-01T10:00:00,,"{unlike}: {TEXT}"\n'
            file.write(row if number % 1_000 else "broken\n")
            if number % 1_000 == 0 and file.tell() > megabytes * 1_000_000:
                break
    (folder / "_load.json").write_text('{"complete": true}', encoding="utf-8")
    return number + 1 - first


def land(home: Path, memory_limit: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", LAND, memory_limit],
        env={**os.environ, **settings_environment(home, SOURCES)},
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    # With less memory than landing has, so that files of this size do not fit.
    lines, used = {}, {}
    for megabytes in (75, 300):
        home = tmp_path / str(megabytes)
        lines[megabytes] = deliver(home, FIRST, megabytes)
        used[megabytes] = land(home, "128MB")
        (table,) = used[megabytes]["tables"]
        assert table["delivered"] == lines[megabytes]
        assert table["changed"] + table["rejected"] == lines[megabytes]
    assert used[300]["megabytes"] - used[75]["megabytes"] < 100, used


@pytest.mark.deep
def test_two_gigabytes_land(tmp_path: Path) -> None:
    lines = deliver(tmp_path, FIRST, 2_000)
    later = deliver(tmp_path, SECOND, 2_000, first=1_000_000)
    outcome = land(tmp_path, "512MB")
    first, second = outcome["tables"]
    assert (first["delivered"], second["delivered"]) == (lines, later)
    assert first["changed"] + first["rejected"] == lines
    assert second["unchanged"] + second["rejected"] + second["changed"] == later
    assert second["gone"] == 1_000_000 - 1_000  # of every thousand one was broken
    assert outcome["megabytes"] < 1_200, outcome
    assert not list((tmp_path / "data").rglob("*scratch*"))
