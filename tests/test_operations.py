"""What keeps a data folder in order: the writer's lock, leftovers of killed runs, old releases."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from orchestration.close.edition import Edition, editions
from orchestration.close.leftovers import scratch_warehouse
from orchestration.close.lock import LockedError, is_held, writer_lock
from orchestration.close.release import current_release, remove_old_releases
from orchestration.durable import new_folder
from orchestration.errors import CrmMartsError
from orchestration.machine_faults import RETRIES, passes_by_itself, told
from orchestration.settings import PROJECT_DIR, Settings, Source
from tests.commands import COMMAND
from tests.crm_files import settings_environment, small_settings

HOLD_LOCK = """
import sys
from orchestration.close.lock import writer_lock
from orchestration.settings import Settings
with writer_lock(Settings(), "close 2026-03"):
    print("held", flush=True)
    sys.stdin.read()
"""
SOURCE = '[sources.sheets]\ncrm = "files"\n\n'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_settings(tmp_path, sheets=Source(crm="files"))


@contextmanager
def _running(home: Path, script: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, **settings_environment(home, SOURCE)},
        cwd=PROJECT_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_the_lock_names_its_holder(settings: Settings, tmp_path: Path) -> None:
    with (
        _running(tmp_path, HOLD_LOCK) as holder,
        pytest.raises(LockedError) as refused,
        writer_lock(settings, "close 2026-04"),
    ):
        pass
    said = json.loads((settings.data_dir / "writer.lock").read_text(encoding="utf-8"))
    expected = f"close 2026-03, process {holder.pid} on {socket.gethostname()} since "
    assert expected + said["since"] in str(refused.value)


def test_a_killed_holder_holds_nothing_and_is_not_named(settings: Settings, tmp_path: Path) -> None:
    with _running(tmp_path, HOLD_LOCK) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    path = settings.data_dir / "writer.lock"
    assert f'"process": {holder.pid}' in path.read_text(encoding="utf-8")  # stale
    with path.open("a") as file:
        # Somebody has just taken the lock and did not write yet.
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(LockedError) as refused, writer_lock(settings, "close 2026-04"):
            pass
    assert "a process that has not said yet who it is" in str(refused.value)
    assert str(holder.pid) not in str(refused.value)
    with writer_lock(settings, "close 2026-04"):
        assert "2026-04" in path.read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8") == ""


def test_a_close_that_fails_in_a_living_process_holds_nothing(settings: Settings) -> None:
    with pytest.raises(CrmMartsError), writer_lock(settings, "close 2026-04"):
        assert is_held(settings)
        raise CrmMartsError("red")
    assert not is_held(settings)


def test_a_reader_who_has_seen_enough_ends_no_command(settings: Settings) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    home = settings.data_dir.parent
    done = subprocess.run(
        [COMMAND, "status"],
        env=os.environ | settings_environment(home, "[sources.crm]\ncrm = 'plain_files'\n"),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_next_writer_clears_away_what_killed_ones_left(settings: Settings) -> None:
    data = settings.data_dir
    for name in (
        *("history/sheets/.20260402T000000Z.partial", "editions/2026-03/.001.partial"),
        "packs/2026-03/.edition-1.partial",
        *("restatements/.2026-03.partial", "restatements/.2026-02.removed", ".replay-killed"),
    ):
        (data / name / "folder").mkdir(parents=True)
    (data / "restatements" / ".examined.json.partial").touch()
    (data / "published").mkdir()
    (data / "published" / ".current.partial").symlink_to("releases/000009")
    # Of two replacements one was killed before the new folder stood, one after it.
    for name in (".2026-03.replaced", ".2026-04.replaced", "2026-04"):
        (data / "restatements" / name).mkdir()
        (data / "restatements" / name / "manifest.json").write_text(name, encoding="utf-8")
    with scratch_warehouse(settings) as running, writer_lock(settings, "close 2026-04"):
        left = {path.relative_to(data) for path in data.rglob("*") if path.name.startswith(".")}
        assert left == {running.relative_to(data)}
    assert {
        path.parent.name: path.read_text(encoding="utf-8")
        for path in data.glob("restatements/*/manifest.json")
    } == {"2026-03": ".2026-03.replaced", "2026-04": "2026-04"}
    assert not list(data.glob(".replay-*"))


def test_a_replaced_folder_stands_at_every_moment_or_beside(tmp_path: Path) -> None:
    final = tmp_path / "2026-03"
    for text in ("old", "new"):
        with new_folder(final, replaces=True) as folder:
            (folder / "file").write_text(text, encoding="utf-8")
    assert (final / "file").read_text(encoding="utf-8") == "new"
    with pytest.raises(OSError, match="not empty"), new_folder(final) as folder:
        (folder / "file").touch()
    with pytest.raises(ValueError, match="broken"), new_folder(final, replaces=True):
        raise ValueError("broken")
    assert (final / "file").read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".replaced")] == []


def _releases(settings: Settings, numbers: range, current: int) -> Path:
    home = settings.published_dir / "releases"
    for number in numbers:
        (home / f"{number:06d}").mkdir(parents=True)
        with duckdb.connect(str(home / f"{number:06d}" / "crm_marts.duckdb")) as db:
            db.execute(f"create table rows as select {number} as release, * from range(300000)")
    (settings.published_dir / "current").symlink_to(f"releases/{current:06d}")
    return home


@pytest.mark.parametrize("kept", [1, 3])
def test_so_many_releases_are_kept(settings: Settings, kept: int) -> None:
    home = _releases(settings, range(1, 7), current=5)
    own = settings.model_copy(
        update={"close": settings.close.model_copy(update={"kept_releases": kept})}
    )
    with duckdb.connect(str(home / "000001" / "crm_marts.duckdb"), read_only=True) as reader:
        remove_old_releases(own)
        # The sixth was never published; a publication was killed.
        names = sorted(path.name for path in home.iterdir())
        assert names == [f"{number:06d}" for number in range(6 - kept, 6)]
        assert current_release(own) == home / "000005"
        found = reader.execute("select sum(release), sum(range) from rows").fetchall()
        assert found == [(300000, sum(range(300000)))]


def test_nothing_is_removed_while_nothing_is_current(settings: Settings) -> None:
    home = _releases(settings, range(1, 7), current=5)
    (settings.published_dir / "current").unlink()
    remove_old_releases(settings)
    assert len(list(home.iterdir())) == 6


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"as_of": 1}', '{"as_of": "2026-04-02 03:00:00+00:00"}', None]
)
def test_a_damaged_manifest_is_named(settings: Settings, text: str | None) -> None:
    path = settings.editions_dir / "2026-03" / "001" / "manifest.json"
    path.parent.mkdir(parents=True)
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(CrmMartsError, match="not as it was written") as damaged:
        editions(settings)
    assert str(path) in str(damaged.value)
    assert "backup" in str(damaged.value)
    with pytest.raises(CrmMartsError):
        Edition.read(path)


def test_only_faults_that_pass_are_tried_again() -> None:
    passing = [
        duckdb.IOException('Could not set lock on file "/data/work.duckdb": Conflicting lock is'),
        BlockingIOError(11, "Resource temporarily unavailable"),
        OSError(116, "Stale file handle"),
        ConnectionResetError(104, "Connection reset by peer"),
        RuntimeError("dim_clients: Database Error: server closed the connection unexpectedly"),
    ]
    lasting = [
        OSError(28, "No space left on device"),
        OSError(30, "Read-only file system"),
        PermissionError(13, "Permission denied"),
        CrmMartsError("the file is wrong: Could not set lock on file"),
        RuntimeError("few_interactions_are_unclassified failed"),
    ]
    assert all(passes_by_itself(error) for error in passing)
    assert not any(passes_by_itself(error) for error in lasting)
    assert RETRIES > 0


def test_nothing_but_path_and_holder_is_told_of_an_error() -> None:
    text = (
        "Runtime Error in model dim_clients: IO Error: Could not write to file "
        "\"/data/warehouse/work.duckdb\": No space left on device; row 'Анна Каренина'"
    )
    fault = told(text)
    assert "Анна" not in str(fault)
    assert str(fault).startswith("/data/warehouse/work.duckdb: the disk is full.")
    held = told(
        'IO Error: Could not set lock on file "/data/work.duckdb": Conflicting lock is held in '
        "/usr/bin/python3.11 (PID 4711) by user anna. See also https://duckdb.org/docs/..."
    )
    assert "open: /usr/bin/python3.11 (PID 4711). Close it there" in str(held)
    assert "anna" not in str(held)
    assert told("Binder Error: no such column") is None
