"""Dagster's server as `make ui` starts it: launched months run one behind the other."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from orchestration.settings import PROJECT_DIR
from tests.commands import COMMAND
from tests.conftest import Installation
from tests.samples import write_demo_loads

pytestmark = pytest.mark.slow
MONTHS = ["2026-09", "2026-10"]
LAUNCH = """
mutation ($parameters: ExecutionParams!) {
  launchPipelineExecution(executionParams: $parameters) {
    __typename ... on LaunchRunSuccess { run { runId } }
  }
}"""
STATUS = """
query ($run: ID!) { runOrError(runId: $run) { ... on Run { status startTime endTime } } }"""
SCHEDULE = """
{ schedulesOrError(repositorySelector: {repositoryName: "__repository__",
                                        repositoryLocationName: "orchestration.definitions"}) {
    ... on Schedules { results { name scheduleState { status } } } } }"""


@dataclass
class Server:
    """The server's process and where it answers."""

    process: subprocess.Popen[bytes]
    url: str


@pytest.fixture(scope="module")
def server(installation: Installation) -> Iterator[Server]:
    write_demo_loads(installation.raw, ("202610", "202611"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    log = (installation.home / "server.log").open("w")
    as_a_scripts_background_job = f"trap '' INT; exec {COMMAND} ui --port {port}"
    process = subprocess.Popen(
        ["sh", "-c", as_a_scripts_background_job],
        env=installation.environment(),
        cwd=PROJECT_DIR,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}/graphql"
        _wait(url)
        yield Server(process, url)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        log.close()


def _ask(url: str, query: str, **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]


def _wait(url: str) -> None:
    for _ in range(120):
        try:
            _ask(url, "{ version }")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(1)
        else:
            return
    raise TimeoutError(f"no answer from {url}")


def _launch(url: str, month: str) -> str:
    job = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "orchestration.definitions",
        "jobName": "monthly_close",
    }
    tags = [{"key": "dagster/partition", "value": month}]
    parameters = {
        "selector": job,
        "mode": "default",
        "runConfigData": {},
        "executionMetadata": {"tags": tags},
    }
    launched = _ask(url, LAUNCH, parameters=parameters)["launchPipelineExecution"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id: str = launched["run"]["runId"]
    return run_id


def test_the_schedule_is_running(server: Server) -> None:
    [schedule] = _ask(server.url, SCHEDULE)["schedulesOrError"]["results"]
    assert schedule == {
        "name": "monthly_close_schedule",
        "scheduleState": {"status": "RUNNING"},
    }


def test_launched_months_run_one_behind_the_other(
    server: Server, installation: Installation
) -> None:
    runs = [_launch(server.url, month) for month in MONTHS]
    for _ in range(600):  # a close takes minutes beside other tests
        states = [_ask(server.url, STATUS, run=run)["runOrError"] for run in runs]
        if all(state["endTime"] for state in states):
            break
        time.sleep(2)
    assert [state["status"] for state in states] == ["SUCCESS", "SUCCESS"], states
    first, second = states
    assert first["endTime"] <= second["startTime"]
    status = installation.run("status").stdout
    for month in MONTHS:
        assert f"{month}: edition 1, published" in status


def test_the_server_ends_when_it_is_told_to(server: Server) -> None:
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(timeout=120)
