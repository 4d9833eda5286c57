"""Shared by the tests: a data folder of their own and the command line as users call it."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from unittest.mock import patch

import duckdb
import pytest
from playwright.sync_api import Browser, sync_playwright

from orchestration.settings import Source
from orchestration.spark.cluster import running_cluster, spark_home
from tests.commands import run_command, run_forked
from tests.crm_files import small_settings
from tests.sheets import Sheets

# A query over a small company comes once: thorough compiling takes Java longer than the query.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@dataclass
class Installation:
    """The project with a raw and a data folder of its own."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> Path:
        return self.home / "raw"

    @property
    def data(self) -> Path:
        return self.home / "data"

    def environment(self, **more: str) -> dict[str, str]:
        own = {
            "CRM_MARTS_RAW_DIR": str(self.raw),
            "CRM_MARTS_DATA_DIR": str(self.data),
            "CRM_MARTS_SETTLE_SECONDS": "0",
            "CRM_MARTS_PACK__AT_CLOSE": "false",
        }
        return {**os.environ, **own, **self.variables, **more}

    def close(self, month: str) -> None:
        done = self.run("close", month)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    @contextmanager
    def published(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The published marts, by their plain names."""
        path = self.data / "published" / "current" / "crm_marts.duckdb"
        with duckdb.connect(str(path.resolve()), read_only=True) as db:
            db.execute("set TimeZone = 'UTC'; use marts")
            yield db

    def build(self, month: str, select: str = "+path:models/canonical") -> None:
        """Land all loads, build models for one month and run their tests."""
        done = run_forked("tests.commands:build", (month, select), self.environment())
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    @contextmanager
    def canonical(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The work database of the last build, canonical tables by their plain names."""
        with duckdb.connect() as db:
            path = self.data / "warehouse" / "work.duckdb"
            db.execute(f"set TimeZone = 'UTC'; attach '{path}' as work (read_only)")
            db.execute("use work.canonical")
            yield db

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run_command(arguments, self.environment(**more))


@dataclass(frozen=True)
class Cluster:
    """A running Spark cluster of two workers: its folder, and the variables that reach it."""

    folder: Path
    variables: dict[str, str]

    def contract_table(self, name: str) -> Path:
        """The folder of a table of the contract, which is there when a build has come to it."""
        return self.folder / "warehouse" / "canonical.db" / name

    @contextmanager
    def losing_a_worker(self, has_begun: Callable[[], bool]) -> Iterator[None]:
        """End one of the workers, and what it runs, when the work of the block has begun."""

        def kill() -> None:
            while not has_begun():
                time.sleep(0.2)
            os.kill(int((self.folder / "worker2.pid").read_text()), signal.SIGKILL)

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        yield
        killer.join(timeout=1)
        assert not killer.is_alive(), "the work ended before a worker was killed"
        assert "Removing worker" in (self.folder / "master.log").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("installation"))


def _is_absent(what: str) -> NoReturn:
    """Leave a test out, with what this machine lacks and how to get it; CI leaves nothing out."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        _is_absent("no Chromium on this machine; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        found.close()


@contextmanager
def started_cluster(folder: Path) -> Iterator[Cluster]:
    """A Spark cluster of its own; without Spark on this machine the test is left out."""
    try:
        spark_home()
    except FileNotFoundError as error:
        _is_absent(str(error))
    if not shutil.which("java"):
        _is_absent("no Java for Spark; on Debian: apt-get install openjdk-17-jre-headless")
    with patch.dict(os.environ, JDK_JAVA_OPTIONS=JAVA), running_cluster(folder) as variables:
        yield Cluster(folder, variables)


@pytest.fixture
def sheets(tmp_path: Path) -> Sheets:
    return Sheets(small_settings(tmp_path, sheets=Source(crm="files")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long modules come first, so that no worker is left alone with one at the end."""
    long = {"slow", "faults"}
    items.sort(key=lambda item: long.isdisjoint(mark.name for mark in item.iter_markers()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each thing that the machine lacks, however many tests were left out for it."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(report.longrepr[2] for report in skipped).items():
        terminalreporter.write_line(f"left out {count} tests: {reason.removeprefix('Skipped: ')}")
