"""A Spark cluster on this machine: `python -m orchestration.spark.cluster start var/spark`.

A master, workers, and a Thrift server through which dbt speaks to them, each a process of its own
that other machines cannot reach. `stop` ends them by their pids. For trying the engine and for
tests; an installation names the Thrift server of its own cluster (README, "Models on Spark").

Spark comes from the package pyspark in .venv-spark (`make .venv-spark/spark`), or lies where
SPARK_HOME says; it needs Java 17. Processes are told by Linux's /proc.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from orchestration.settings import PROJECT_DIR

LOOPBACK, USER = "127.0.0.1", "crm_marts"
START_SECONDS, STOP_SECONDS = 120, 30
MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
THRIFT_SERVER = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
# The order in which they end: who uses another ends before it.
PID_FILES = ("thrift.pid", "worker*.pid", "master.pid")


def spark_home() -> Path:
    """The folder of Spark's jars and scripts.

    Raises:
        FileNotFoundError: there is no Spark, with the remedy.
    """
    if named := os.environ.get("SPARK_HOME"):
        return Path(named)
    installed = (PROJECT_DIR / ".venv-spark").glob("lib/python*/site-packages/pyspark")
    if found := next(installed, None):
        return found
    raise FileNotFoundError(
        "Spark is not installed: run `make .venv-spark/spark`, or set SPARK_HOME"
    )


def start(folder: Path, *, workers: int = 2, gigabytes: int = 1) -> dict[str, str]:
    """Start all processes, each worker with a core and so much heap; variables to reach them.

    The folder keeps tables, metastore, logs and pids; a cluster that was stopped goes on with them.

    Raises:
        RuntimeError: one of them runs already, or ended at once; the message has its log.
    """
    if running := [pid for pid in _pids(folder) if _is_ours(pid, folder)]:
        raise RuntimeError(f"a cluster runs in {folder} already, pids {running}; stop it first")
    folder.mkdir(parents=True, exist_ok=True)
    home, (master_port, thrift_port) = spark_home(), _free_ports(2)
    master = f"spark://{LOOPBACK}:{master_port}"
    _write_configuration(folder, master, workers, gigabytes)
    command = str(home / "bin" / "spark-class")
    ui = ["--webui-port", "0"]
    try:
        _begin(
            folder,
            "master",
            [command, MASTER, "--host", LOOPBACK, "--port", str(master_port), *ui],
        )
        _wait_for_port(folder, "master", master_port)
        for number in range(1, workers + 1):
            _start_worker(folder, number, master, gigabytes)
        server = [
            *(str(home / "bin" / "spark-submit"), "--class", THRIFT_SERVER, "--name", "dbt"),
            *("--hiveconf", f"hive.server2.thrift.bind.host={LOOPBACK}"),
            *("--hiveconf", f"hive.server2.thrift.port={thrift_port}", "spark-internal"),
        ]
        _begin(folder, "thrift", server, f"{gigabytes}g")
        _wait_for_port(folder, "thrift", thrift_port)
    except BaseException:
        stop(folder)
        raise
    return {"SPARK_HOST": LOOPBACK, "SPARK_PORT": str(thrift_port), "SPARK_USER": USER}


def _start_worker(folder: Path, number: int, master: str, gigabytes: int) -> None:
    memory = f"{gigabytes * 1536}m"  # an executor takes more than its heap
    options = [
        *("--host", LOOPBACK, "--webui-port", "0", "--cores", "1", "--memory", memory),
        *("--work-dir", str(folder / f"work{number}")),
    ]
    command = [str(spark_home() / "bin" / "spark-class"), WORKER, *options, master]
    _begin(folder, f"worker{number}", command)


def stop(folder: Path) -> None:
    """End what was started in the folder, by its pids; what is gone already is left aside."""
    for pattern in PID_FILES:
        for file in sorted(folder.glob(pattern)):
            pid = int(file.read_text(encoding="ascii"))
            if _is_ours(pid, folder):
                _end(pid)
            file.unlink()


@contextmanager
def running_cluster(
    folder: Path, *, workers: int = 2, gigabytes: int = 1
) -> Iterator[dict[str, str]]:
    """A cluster for as long as the block runs; variables to reach it."""
    variables = start(folder, workers=workers, gigabytes=gigabytes)
    try:
        yield variables
    finally:
        stop(folder)


def _write_configuration(folder: Path, master: str, workers: int, gigabytes: int) -> None:
    """What every process of the cluster reads; what SQL means is set by each session."""
    options = {
        "spark.master": master,
        "spark.driver.host": LOOPBACK,
        "spark.driver.bindAddress": LOOPBACK,
        "spark.ui.enabled": "false",
        "spark.master.rest.enabled": "false",
        "spark.executor.memory": f"{gigabytes}g",
        "spark.executor.cores": "1",
        "spark.cores.max": str(workers),
        # One long query would starve dbt's other threads.
        "spark.scheduler.mode": "FAIR",
        "spark.sql.shuffle.partitions": str(2 * workers),
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={folder / 'metastore'};create=true"
        ),
        # It plans, once for each statement: thorough compiling comes too late to help.
        "spark.driver.extraJavaOptions": (
            f"-XX:TieredStopAtLevel=1 -Dderby.stream.error.file={folder / 'derby.log'}"
        ),
    }
    conf = folder / "conf"
    conf.mkdir(exist_ok=True)
    lines = "".join(f"{name} {value}\n" for name, value in options.items())
    (conf / "spark-defaults.conf").write_text(lines, encoding="utf-8")


def _begin(folder: Path, name: str, command: list[str], memory: str = "512m") -> None:
    """Start a process whose log and pid lie in the folder; spark-class becomes the Java it runs."""
    environment = {
        **os.environ,
        "SPARK_HOME": str(spark_home()),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": LOOPBACK,
        # The Thrift server has its heap from here as well, not from spark.driver.memory.
        "SPARK_DAEMON_MEMORY": memory,
        # Without what a master remembers, its restart makes dbt wait for ever.
        "SPARK_DAEMON_JAVA_OPTS": (
            "-Dspark.deploy.recoveryMode=FILESYSTEM "
            f"-Dspark.deploy.recoveryDirectory={folder / 'recovery'}"
        ),
    }
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    (folder / f"{name}.pid").write_text(str(process.pid), encoding="ascii")


def _wait_for_port(folder: Path, name: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    pid = int((folder / f"{name}.pid").read_text(encoding="ascii"))
    while True:
        with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        if not _is_ours(pid, folder) or time.monotonic() > deadline:
            log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"Spark's {name} did not start:\n{log[-3000:]}")
        time.sleep(0.2)


def _pids(folder: Path) -> list[int]:
    files = (file for pattern in PID_FILES for file in folder.glob(pattern))
    return [int(file.read_text(encoding="ascii")) for file in files]


def _is_ours(pid: int, folder: Path) -> bool:
    """Whether a process lives and was started in the folder; numbers are given out again."""
    with suppress(OSError):
        # Of a child that ended and was not waited for, the link is gone.
        return Path(f"/proc/{pid}/cwd").resolve() == folder.resolve()
    return False


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while _lives(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # one that this process started would else stay in the list
    return Path(f"/proc/{pid}").exists()


def _free_ports(count: int) -> list[int]:
    listeners = [socket.socket() for _ in range(count)]
    try:
        for listener in listeners:
            listener.bind((LOOPBACK, 0))
        return [listener.getsockname()[1] for listener in listeners]
    finally:
        for listener in listeners:
            listener.close()


def main() -> None:
    """Start or stop; prints the variables that reach the cluster."""
    parser = argparse.ArgumentParser(description="A Spark cluster on this machine.")
    parser.add_argument("command", choices=["start", "stop"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--gigabytes", type=int, default=1, help="of heap for each process that computes"
    )
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    if asked.command == "stop":
        stop(folder)
        return
    try:
        variables = start(folder, workers=asked.workers, gigabytes=asked.gigabytes)
    except (FileNotFoundError, RuntimeError) as error:
        sys.exit(str(error))
    print("\n".join(f"export {name}={value}" for name, value in variables.items()))


if __name__ == "__main__":
    main()
