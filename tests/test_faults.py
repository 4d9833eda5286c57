"""Runs killed at random moments: readers see whole editions, and the next run makes all of it good.

FAULTS says how many kills (10); `make faults` makes two hundred. FAULTS_SEED draws other moments.
"""

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator

import pytest
from dagster import DagsterInstance, DagsterRunStatus

from orchestration.close.lock import writer_lock
from orchestration.killed_runs import fail_killed_runs
from tests.crm_files import PARTNERS, small_settings
from tests.faults.company import APRIL, LOAD_OF_APRIL, MARCH, deliver_may, delivered_company
from tests.faults.disk import small_disk
from tests.faults.harness import (
    READERS,
    Harness,
    Run,
    is_gone,
    moments,
    processes_of,
    readers,
    started,
)
from tests.faults.holder import held
from tests.faults.state import differences, lost, shown, state_of

pytestmark = pytest.mark.faults
COUNT = int(os.environ.get("FAULTS", "10"))
# The long variants, such as faults in the midst of dbt's work.
IS_FULL = COUNT > 10
SEED = int(os.environ.get("FAULTS_SEED", "1"))

LANDING = ["steps", APRIL, "raw/"]
MODELS = ["staging/", "canonical/", "intermediate/", "marts/", "restricted/", "reference/"]
BUILT = ["steps", APRIL, *MODELS]
EXAMINED = ["steps", APRIL, "published/restatements"]
PUBLISHED = ["steps", APRIL, "published/marts"]
CLOSE, RESTATE, RECHECK = ["close", APRIL], ["restate", MARCH], ["recheck"]
# Each act with the state it begins from and its share of the kills. Most of a close is dbt's work
# in a private warehouse: what users can lose is written in its first and last steps.
# Ten are too few for the long ones.
ACTS = (
    (PUBLISHED, "built", 0.44),
    (LANDING, "delivered", 0.18),
    (RESTATE, "closed", 0.20),
    (CLOSE, "delivered", 0.10),
    (EXAMINED, "modelled", 0.03),
    (RECHECK, "unexamined", 0.03),
)
COMMANDS = 0.02


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    company = delivered_company(tmp_path_factory.mktemp("faults"))
    with started(company) as harness:
        harness.run("close", MARCH)
        deliver_may(company)
        harness.keep("delivered")
        steps = []
        for act, name in zip(
            (LANDING, BUILT, EXAMINED, PUBLISHED),
            ("landed", "modelled", "built", "closed"),
            strict=True,
        ):
            steps.append(harness.run(*act))
            harness.keep(name)
        # The close is its steps.
        seconds = sum(step.seconds for step in steps)
        harness.undisturbed[" ".join(CLOSE)] = Run(seconds, steps[-1].state)
        shutil.rmtree(company.data / "restatements")
        harness.keep("unexamined")
        yield harness


def test_kills_lose_nothing_and_the_next_run_makes_them_good(harness: Harness) -> None:
    chance, faults, kills = random.Random(SEED), [], 0
    with readers(harness) as reports:
        for act, kept, share in ACTS:
            for moment in moments(int(COUNT * share), chance):
                faults += harness.kill(kept, act, moment)
                kills += 1
    looks = [json.loads(line) for path in reports for line in path.read_text().splitlines()]
    faults += [look["fault"] for look in looks if "fault" in look]
    assert faults == []
    last = [json.loads(path.read_text().splitlines()[-1]) for path in reports]
    assert len(last) == READERS
    assert all(reader["looks"] > kills and reader["releases"] > 1 for reader in last), last


def test_kills_of_the_command_are_made_good_by_the_command(harness: Harness) -> None:
    """From its first moment on: dbt's parsed project is written then."""
    faults = []
    for moment in moments(max(1, int(COUNT * COMMANDS)), random.Random(SEED)):
        faults += harness.kill_command("delivered", CLOSE, moment)
    assert faults == []


def test_a_pack_that_is_killed_leaves_no_process(harness: Harness) -> None:
    harness.put_back("closed")
    session = harness.start("pack", MARCH)
    while not (writers := processes_of(session) - {session}):
        os.kill(session, 0)  # fails when the pack was done before
        time.sleep(0.01)
    os.kill(session, signal.SIGKILL)
    assert harness.end() == -signal.SIGKILL
    assert is_gone(session), writers


# Acts, the state they begin from, and the kilobytes that are left for them.
FULL = {
    "landing": (LANDING, "delivered", 40),
    "warehouse": (BUILT, "landed", 1500),
    "edition": (PUBLISHED, "built", 100),
    "release": (PUBLISHED, "built", 3000),
    "restated release": (RESTATE, "closed", 100),
}


@pytest.mark.parametrize("place", FULL if IS_FULL else ["landing", "release"])
def test_a_full_disk_is_named_and_loses_nothing(harness: Harness, place: str) -> None:
    act, kept, kilobytes = FULL[place]
    expected = harness.undisturbed_state(kept, *act)
    with small_disk(harness) as disk:
        harness.put_back(kept)
        before = shown(disk.folder)
        disk.fill(kilobytes)
        code, said = harness.outcome(*act)
        last = said.splitlines()[-1]
        assert (code, "the disk is full" in last) == (2, True), said
        assert last.startswith("crm-marts: ")
        assert "Make room" in last
        assert lost(before, shown(disk.folder)) == []
        disk.empty()
        assert harness.outcome(*act) == (0, harness.log.read_text())
        assert differences(expected, state_of(disk.folder)) == []


def test_too_little_memory_is_named(harness: Harness) -> None:
    harness.put_back("delivered")
    refused = harness.company.run(*CLOSE, CRM_MARTS_MEMORY_LIMIT="20MB")
    assert refused.returncode == 2, refused.stdout + refused.stderr
    assert refused.stderr.splitlines()[-1] == (
        "crm-marts: DuckDB, which builds the models: it may use too little memory. Raise "
        "memory_limit in crm_marts.toml, or lower threads, and run again; nothing was published."
    )
    assert harness.company.run(*CLOSE).returncode == 0


def test_a_disk_for_reading_only_is_named(harness: Harness) -> None:
    expected = harness.undisturbed_state("closed", *RESTATE)
    with small_disk(harness) as disk:
        harness.put_back("closed")
        disk.remount("ro")
        for act in (RESTATE, CLOSE):
            code, said = harness.outcome(*act)
            assert (code, "can only be read" in said) == (2, True), said
            assert "writer.lock" in said
        disk.remount("rw")
        assert harness.outcome(*RESTATE)[0] == 0
        assert differences(expected, state_of(disk.folder)) == []


# Rights that are taken away: the act that meets it, on what; path and mode; the act that goes on.
RIGHTS = {
    "raw file": (CLOSE, "delivered", f"raw/demo/{LOAD_OF_APRIL}/{PARTNERS}.csv", 0o000, LANDING),
    "history": (CLOSE, "delivered", "data/history/demo", 0o555, LANDING),
    "releases": (RESTATE, "closed", "data/published/releases", 0o555, RESTATE),
}


@pytest.mark.parametrize("place", RIGHTS if IS_FULL else ["releases"])
def test_missing_rights_are_named_with_the_path(harness: Harness, place: str) -> None:
    act, kept, name, mode, again = RIGHTS[place]
    harness.put_back(kept)
    before, path = shown(harness.company.data), harness.home / name
    rights = path.stat().st_mode
    path.chmod(mode)
    try:
        refused = harness.run_without_privileges(*act)
    finally:
        path.chmod(rights)
    assert refused.returncode == 2, refused.stdout + refused.stderr
    assert f"{path}" in refused.stderr
    assert "the rights to it are missing" in refused.stderr
    assert lost(before, shown(harness.company.data)) == []
    assert harness.outcome(*again)[0] == 0


@pytest.mark.parametrize(
    ("act", "kept", "file"),
    [(LANDING, "delivered", "work"), *([(BUILT, "landed", "building")] if IS_FULL else [])],
)
def test_a_step_waits_for_a_file_that_is_held_for_a_moment(
    harness: Harness, act: list[str], kept: str, file: str
) -> None:
    expected = harness.undisturbed_state(kept, *act)
    harness.put_back(kept)
    harness.log.unlink(missing_ok=True)
    with held(harness.company.data / "warehouse" / f"{file}.duckdb") as holder:
        harness.start(*act)
        harness.wait_for("STEP_UP_FOR_RETRY")
        holder.kill()
        assert harness.end() == 0, harness.log.read_text()
    assert differences(expected, state_of(harness.company.data)) == []


def test_who_holds_a_file_for_good_is_named(harness: Harness) -> None:
    harness.put_back("delivered")
    with held(harness.company.data / "warehouse" / "history.duckdb") as holder:
        code, said = harness.outcome(*CLOSE)
    assert code == 2, said
    last = said.strip().splitlines()[-1]
    assert "another program has the file open" in last
    assert f"PID {holder.pid}" in last
    assert "history.duckdb" in last
    assert said.count("Trying again") == 3


@pytest.mark.parametrize(("act", "kept"), [(PUBLISHED, "built"), (EXAMINED, "modelled")])
def test_a_damaged_edition_of_another_month_stops_the_close(
    harness: Harness, act: list[str], kept: str
) -> None:
    harness.put_back(kept)
    path = harness.company.data / "editions" / MARCH / "001" / "rpt_client_growth.parquet"
    shutil.copyfile(path.with_name("dim_clients.parquet"), path)
    before = (harness.company.data / "published" / "current").readlink()
    code, said = harness.outcome(*act)
    assert (code, "not as it was written" in said) == (2, True), said
    assert str(path) in said
    assert (harness.company.data / "published" / "current").readlink() == before


def test_a_damaged_restatement_stays_pending(harness: Harness) -> None:
    harness.put_back("closed")
    pending = harness.company.data / "restatements" / MARCH
    shutil.copyfile(pending / "dim_clients.parquet", pending / "dim_managers.parquet")
    code, said = harness.outcome(*RESTATE)
    assert (code, "not as it was written" in said) == (2, True), said
    assert pending.is_dir()
    assert not (harness.company.data / "editions" / MARCH / "002").exists()


def test_the_run_of_a_killed_close_is_marked_as_failed(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster would take it for running, and queue the next close behind it for good."""
    harness.put_back("built")
    harness.log.unlink(missing_ok=True)
    process = harness.start(*PUBLISHED)
    harness.wait_for("STEP_START")
    os.kill(process, signal.SIGKILL)
    assert harness.end() == -signal.SIGKILL
    settings = small_settings(harness.home)
    home = str(settings.data_dir / "dagster")
    monkeypatch.setenv("DAGSTER_HOME", home)
    with DagsterInstance.from_config(home) as instance:
        [killed, *_] = instance.get_runs(limit=1)
        assert killed.status == DagsterRunStatus.STARTED
        with writer_lock(settings, "close 2026-04"):
            assert fail_killed_runs(settings, instance, "monthly_close", after=0) == []
        assert killed.run_id not in fail_killed_runs(settings, instance, "monthly_close")
        assert killed.run_id in fail_killed_runs(settings, instance, "monthly_close", after=0)
        run = instance.get_run_by_id(killed.run_id)
        assert run
        assert run.status == DagsterRunStatus.FAILURE
