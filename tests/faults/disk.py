"""The data folder on a small disk of its own, which can be filled and mounted for reading only."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.harness import Harness

SIZE = "1g"


@dataclass
class Disk:
    """A disk in memory, mounted where the data folder is."""

    folder: Path

    @property
    def ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self, free_kilobytes: int) -> None:
        """Leave so much free."""
        free = shutil.disk_usage(self.folder).free - free_kilobytes * 1024
        with self.ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free)

    def empty(self) -> None:
        self.ballast.unlink()

    def remount(self, mode: str) -> None:
        """Mount it `ro` or `rw`."""
        _run("mount", "-o", f"remount,{mode}", str(self.folder))


@contextmanager
def small_disk(harness: Harness) -> Iterator[Disk]:
    """Mount a disk in the place of the data folder, with what dbt and Dagster have there."""
    data = harness.company.data
    aside = data.with_name("data-aside")
    data.rename(aside)
    data.mkdir()
    mounted = _run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(data), check=False)
    try:
        if mounted.returncode:
            reason = f"disks cannot be mounted here: {mounted.stderr.strip()}"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        shutil.copytree(aside, data, symlinks=True, dirs_exist_ok=True)
        yield Disk(data)
    finally:
        if not mounted.returncode:
            _run("umount", "--lazy", str(data))
        data.rmdir()
        aside.rename(data)


def _run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=check)
