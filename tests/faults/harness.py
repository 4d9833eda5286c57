"""Kills runs at random moments, while readers look on, and lets the next run put things right."""

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.close.edition import Edition, verify_edition
from orchestration.settings import PROJECT_DIR
from tests.commands import COMMAND
from tests.conftest import Installation
from tests.faults.state import ASIDE, State, differences, state_of

READERS, END_SECONDS = 4, 60


@dataclass
class Run:
    """A run that was let to its end: how long it took, and what it made."""

    seconds: float
    state: State


@dataclass
class Harness:
    """A company whose runs are started by the server, and whose data folder is put back."""

    company: Installation
    server: subprocess.Popen[str]
    undisturbed: dict[str, Run] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.company.home

    @property
    def log(self) -> Path:
        return self.home / "runs.log"

    def start(self, *act: str) -> int:
        """Start a run; its process id, which is that of its session too."""
        assert self.server.stdin
        order = {"act": act, "log": str(self.log)}
        self.server.stdin.write(json.dumps(order) + "\n")
        self.server.stdin.flush()
        return self._answer()

    def end(self) -> int:
        """Wait for the run's end; its exit code, negative for a signal."""
        return self._answer()

    def _answer(self) -> int:
        assert self.server.stdout
        line = self.server.stdout.readline()
        assert line, "the server ended"
        return int(line)

    def run(self, *act: str) -> Run:
        """Let an act come to its end, which is a good one; kept for comparison."""
        began = time.monotonic()
        self.start(*act)
        code = self.end()
        assert code == 0, f"{act}: exit code {code}\n{self.log.read_text()[-3000:]}"
        run = Run(time.monotonic() - began, state_of(self.company.data))
        self.undisturbed[" ".join(act)] = run
        return run

    def outcome(self, *act: str) -> tuple[int, str]:
        """Exit code of a run and what it said."""
        self.log.unlink(missing_ok=True)
        self.start(*act)
        return self.end(), self.said()

    def said(self) -> str:
        """What the run has said so far."""
        return self.log.read_text() if self.log.exists() else ""

    def wait_for(self, word: str) -> None:
        """Wait until the run says a word."""
        while word not in self.said():
            time.sleep(0.1)

    def keep(self, name: str) -> None:
        """Keep the data folder as it is now under a name."""
        for path in self.company.data.iterdir():
            if path.name not in ASIDE:
                _copy(path, self.home / name / path.name)

    def put_back(self, name: str) -> None:
        """Put the data folder back as it was kept; readers wait meanwhile."""
        with self.gate.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            for path in self.company.data.iterdir():
                if path.name not in ASIDE:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            for path in (self.home / name).iterdir():
                _copy(path, self.company.data / path.name)

    @property
    def gate(self) -> Path:
        return self.home / "gate"

    def let_be(self, kept: str, *act: str) -> Run:
        """An act that came to its end from what was kept, for comparison; it is run once."""
        if " ".join(act) not in self.undisturbed:
            self.put_back(kept)
            self.run(*act)
        return self.undisturbed[" ".join(act)]

    def undisturbed_state(self, kept: str, *act: str) -> State:
        """What an act makes of what was kept."""
        return self.let_be(kept, *act).state

    def kill(self, kept: str, act: list[str], moment: float) -> list[str]:
        """Kill an act at a moment (a share of its duration), then run it; what went wrong."""
        whole = self.let_be(kept, *act)
        self.put_back(kept)
        before = _editions(self.company.data)
        process = self.start(*act)
        time.sleep(moment * whole.seconds)
        was_alive = _signal(process)
        code = self.end()
        faults = [] if was_alive or code == 0 else [f"ended by itself with {code}"]
        faults += _after_kill(self.company.data, process, before)
        self.start(*act)
        code = self.end()
        # What was published just before the kill is not pending any more.
        if code and not (act[0] == "restate" and code == 2):
            faults.append(f"the next run ended with {code}: {self.log.read_text()[-2000:]}")
        faults += differences(whole.state, state_of(self.company.data))
        return [f"{' '.join(act)} killed at {moment:.3f}: {fault}" for fault in faults]

    def kill_command(self, kept: str, act: list[str], moment: float) -> list[str]:
        """The same through the command line."""
        whole = self.let_be(kept, *act)
        seconds = moment * whole.seconds
        self.put_back(kept)
        before = _editions(self.company.data)
        with subprocess.Popen(
            [COMMAND, *act],
            env=self.company.environment(),
            cwd=PROJECT_DIR,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            time.sleep(seconds)
            process.kill()
        faults = _after_kill(self.company.data, process.pid, before)
        again = self.company.run(*act)
        if again.returncode:
            faults.append(f"the next run ended with {again.returncode}: {again.stderr[-2000:]}")
        faults += differences(whole.state, state_of(self.company.data))
        return [f"command {' '.join(act)} killed after {seconds:.1f} s: {f}" for f in faults]

    def run_without_privileges(self, *act: str) -> "subprocess.CompletedProcess[str]":
        """Run a command; the rights of files count for root as for anybody else."""
        privileges = "-dac_override,-dac_read_search"
        plainly = ["setpriv", f"--bounding-set={privileges}"] if os.geteuid() == 0 else []
        return subprocess.run(
            [*plainly, COMMAND, *act],
            env=self.company.environment(),
            cwd=PROJECT_DIR,
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def started(company: Installation) -> Iterator[Harness]:
    """A harness with its server, which is stopped in the end."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.server"],
        env=company.environment(),
        cwd=PROJECT_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            yield Harness(company, server)
        finally:
            server.kill()


@contextmanager
def readers(harness: Harness) -> Iterator[list[Path]]:
    """Four readers at work; the reports that they write."""
    reports = [harness.home / f"reader-{number}.jsonl" for number in range(READERS)]
    folders = [str(harness.company.data), str(harness.gate)]
    command = [sys.executable, "-m", "tests.faults.reader", *folders]
    harness.gate.touch()
    processes = [subprocess.Popen([*command, str(path)], cwd=PROJECT_DIR) for path in reports]
    try:
        yield reports
    finally:
        harness.gate.with_name("stop").touch()
        for process in processes:
            process.wait(timeout=END_SECONDS)


def moments(count: int, chance: random.Random) -> list[float]:
    """Random shares of a duration, one in each of so many equal parts."""
    return [(number + chance.random()) / count for number in range(count)]


def _signal(process: int) -> bool:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _copy(path: Path, target: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, target, symlinks=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def _editions(data: Path) -> dict[str, bytes]:
    found = data.glob("editions/[!.]*/[!.]*/*")
    return {str(path.relative_to(data)): path.read_bytes() for path in found}


def _after_kill(data: Path, session: int, before: dict[str, bytes]) -> list[str]:
    """What is wrong right after a kill: processes left, editions lost, changed or half there."""
    faults = [] if is_gone(session) else [f"processes of session {session} live on"]
    after = _editions(data)
    faults += [
        f"edition's file {path} is lost" for path in before if after.get(path) != before[path]
    ]
    for folder in data.glob("editions/[!.]*/[!.]*"):
        verify_edition(folder, Edition.read(folder / "manifest.json"))
    return faults


def is_gone(session: int) -> bool:
    """Whether the last process of a session ends soon after the one that was killed."""
    deadline = time.monotonic() + END_SECONDS
    while processes_of(session):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def processes_of(session: int) -> set[int]:
    """Processes of a session that have not ended."""
    found = Path("/proc").glob("[0-9]*/stat")
    return {int(path.parent.name) for path in found if _session(path) == session}


def _session(stat: Path) -> int | None:
    try:
        fields = stat.read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[3])
