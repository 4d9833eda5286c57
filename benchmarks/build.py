"""What the models cost beside hand-written SQL: `python -m benchmarks.build 500000`.

Generates a CRM as one full load, keeps it as landing does, and builds the closing month's marts
twice from the same kept Parquet, each in a process of its own, with the same two cores and the
same memory:

- the project: `dbt run` into an empty warehouse; parsing and loading the seeds are done before;
- the floor: the scripts of benchmarks/floor into a new DuckDB file, without dbt.

Tells apart what it takes to copy the project's tables beside the marts, as they are, from file to
file: the floor has no such tables. Then has pandas and Polars compute the five main reports from
the generated files. Compares all with the project cell by cell; ends with 1 when a row differs or
the floor has no such mart.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.differences import differing_cells
from benchmarks.generate import LAST, SOURCE, Scale, generate
from benchmarks.keep import keep
from benchmarks.measure import Cost, own_cpu, peak_megabytes
from benchmarks.peers.month import REPORTS
from benchmarks.peers.run import compare
from orchestration.close.marts import Mart, mart_rows, marts_of
from orchestration.close.period import read_run_period, run_period, write_run_period
from orchestration.dbt import parsed_project, run_dbt
from orchestration.raw.kept import literal
from orchestration.raw.landing import landed_loads, refresh_history
from orchestration.settings import BUILD_STORAGE, Settings
from tests.samples import write_config

FLOOR = Path(__file__).with_name("floor")
# In the order in which they build on each other; a set of marts is a folder of models/marts.
SCRIPTS = ("contract", "dimensions", "interactions", "plans", "clients", "managers")
CORES = 2


@dataclass(frozen=True)
class Statement:
    """What one statement of the floor, or one model, took."""

    script: str
    begins: str
    seconds: float
    cpu: float = 0.0


@dataclass(frozen=True)
class Build:
    """What a build took, and its parts."""

    cost: Cost
    parts: list[Statement]


def main() -> None:
    """Build both ways as the arguments ask, print the table, compare."""
    parser = argparse.ArgumentParser(description="The models beside hand-written SQL.")
    parser.add_argument("interactions", type=int)
    parser.add_argument("--months", type=int, default=48)
    parser.add_argument("--memory-limit", default="4GB", help="of DuckDB, for both")
    parser.add_argument("--folder", type=Path, help="kept, with its load, for another run")
    parser.add_argument("--slowest", type=int, default=0, help="print so many of each")
    parser.add_argument("--without-peers", action="store_true", help="not pandas and Polars")
    asked = parser.parse_args()
    scale = Scale(asked.interactions, asked.months)
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
        sys.exit(_measure(asked.folder.resolve(), scale, asked))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(_measure(Path(folder), scale, asked))


def _measure(home: Path, scale: Scale, asked: argparse.Namespace) -> int:
    settings = landed(home, scale, asked.memory_limit)
    project, floor = _alone(_build_project), _alone(_build_floor)
    copies = _alone(_copy_tables)
    _print_costs(project, floor, scale)
    _print_copies(copies, floor)
    for name, build in (("floor", floor), ("project", project), ("copy", copies)):
        for part in sorted(build.parts, key=lambda part: -part.seconds)[: asked.slowest]:
            cpu = f", CPU {part.cpu:.2f} s" if part.cpu else ""
            print(f"  {name} {part.script}: {part.begins} {part.seconds:.2f} s{cpu}")
    found = list(differences(settings))
    if not asked.without_peers:
        found += _peers(settings, home)
    print("\n".join(found) or "every cell is the same")
    return 1 if found else 0


def landed(home: Path, scale: Scale, memory_limit: str) -> Settings:
    """Settings of a folder with the generated load kept and the month written."""
    source = f'[sources.{SOURCE}]\ncrm = "plain_files"\n\n'
    texts = {"business_timezone": "UTC", "first_month": str(scale.covered()[0])}
    os.environ |= {
        "CRM_MARTS_CONFIG": str(write_config(home, source, **texts)),
        "CRM_MARTS_RAW_DIR": str(home / "raw"),
        "CRM_MARTS_DATA_DIR": str(home / "data"),
        "CRM_MARTS_MEMORY_LIMIT": memory_limit,
    }
    settings = Settings()  # type: ignore[call-arg]
    if not landed_loads(settings):
        generate(settings.raw_dir, scale)
        keep(settings)
    refresh_history(settings)
    write_run_period(settings, run_period(settings, LAST, landed_loads(settings)))
    return settings


def _alone(build: Callable[[], Build]) -> Build:
    """A build in a new process, whose memory is its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(build).result()


def _measured(work: Callable[[], list[Statement]]) -> Build:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    before, started = own_cpu(), time.monotonic()
    parts = work()
    cost = Cost(time.monotonic() - started, own_cpu() - before, peak_megabytes(os.getpid()))
    return Build(cost, parts)


def _build_project() -> Build:
    """All models into an empty warehouse."""
    settings = Settings()  # type: ignore[call-arg]
    empty_warehouse(settings)
    parsed_project(settings)
    dbt_results(settings, "seed")
    return _measured(
        lambda: [
            Statement(result.node.fqn[-2], result.node.name, result.execution_time)
            for result in dbt_results(settings, "run")
        ]
    )


def empty_warehouse(settings: Settings) -> None:
    """Remove what was built of the month."""
    period = read_run_period(settings)
    for path in (settings.work_db, settings.building_db):
        path.unlink(missing_ok=True)
    write_run_period(settings, period)


def dbt_results(settings: Settings, *command: str) -> list[Any]:
    """What dbt tells of each model or seed; raises RuntimeError with those that failed."""
    done = run_dbt(settings, [*command])
    if not done.success:
        failed = [f"{r.node.name}: {r.message}" for r in done.result or [] if r.message]
        raise RuntimeError(f"dbt {command[0]}: {failed or done.exception}")
    return list(done.result)


def _floor_db(settings: Settings) -> Path:
    return settings.warehouse_dir / "floor.duckdb"


def _build_floor() -> Build:
    """All scripts into a new file."""
    settings = Settings()  # type: ignore[call-arg]
    path = _floor_db(settings)
    path.unlink(missing_ok=True)
    return _measured(lambda: _run_scripts(settings, path))


def _run_scripts(settings: Settings, path: Path) -> list[Statement]:
    period = read_run_period(settings)
    variables: dict[str, object] = {
        "landed": f"{settings.history_dir / SOURCE}/*/",
        "reference": f"{settings.reference_dir}/",
        "close_month": period.month.first_day,
        "as_of": period.as_of.replace(tzinfo=None),
        "scheduled_close_at": period.scheduled_close_at.replace(tzinfo=None),
        "is_reconstructed": period.is_reconstructed,
        "data_start": datetime.fromisoformat(f"{settings.close.first_month}-01").date(),
        **{k: v for k, v in settings.rules.model_dump().items() if isinstance(v, int | str)},
    }
    parts, limits = list[Statement](), {"memory_limit": settings.memory_limit}
    # A plan that went wrong is to fail before it fills the disk.
    config = {**limits, **BUILD_STORAGE, "max_temp_directory_size": "30GB"}
    with duckdb.connect(str(path), config=config) as db:
        db.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
        for name, value in variables.items():
            db.execute(f"set variable {name} = ?", [value])
        for script in SCRIPTS:
            text = (FLOOR / f"{script}.sql").read_text(encoding="utf-8")
            for statement in db.extract_statements(text):
                parts.append(_run(db, statement, script, _first_line(statement.query)))
    return parts


def _run(
    db: duckdb.DuckDBPyConnection, statement: duckdb.Statement | str, script: str, begins: str
) -> Statement:
    started, used = time.monotonic(), time.process_time()
    db.execute(statement)
    return Statement(script, begins, time.monotonic() - started, time.process_time() - used)


def _copy_tables() -> Build:
    """The project's tables beside the marts, from its file into a new one."""
    settings = Settings()  # type: ignore[call-arg]
    path = settings.warehouse_dir / "copies.duckdb"
    path.unlink(missing_ok=True)
    copies = _measured(lambda: _copied(settings, path))
    path.unlink()
    return copies


def _copied(settings: Settings, path: Path) -> list[Statement]:
    parts, config = list[Statement](), {"memory_limit": settings.memory_limit, **BUILD_STORAGE}
    with duckdb.connect(str(path), config=config) as db:
        db.execute("set enable_progress_bar = false")
        db.execute(f"attach {literal(settings.work_db)} as work (read_only)")
        tables = db.execute(
            """select schema_name, table_name from duckdb_tables()
               where database_name = 'work'
                   and schema_name in ('staging', 'canonical', 'intermediate')
               order by all"""
        )
        for schema, table in tables.fetchall():
            name = f'"{schema}"."{table}"'
            db.execute(f"create schema if not exists {schema}")
            parts.append(_run(db, f"create table {name} as from work.{name}", schema, table))
    return parts


def _first_line(query: str) -> str:
    lines = (line.strip() for line in query.splitlines())
    return next((line for line in lines if line and not line.startswith("--")), "")


def _print_costs(project: Build, floor: Build, scale: Scale) -> None:
    print(f"{scale.interactions:,} interactions in {scale.months} months")
    print(f"| {'':9} | {'project':>9} | {'floor':>9} | {'ratio':>6} |\n|---|---|---|---|")
    for name in ("seconds", "cpu", "memory"):
        ours, theirs = getattr(project.cost, name), getattr(floor.cost, name)
        ratio = ours / theirs if theirs else 0.0
        print(f"| {name:9} | {ours:9,.2f} | {theirs:9,.2f} | {ratio:6.1f} |")
    for script in SCRIPTS:
        parts = [part for part in floor.parts if part.script == script]
        seconds, cpu = sum(part.seconds for part in parts), sum(part.cpu for part in parts)
        print(f"floor, {script}: {seconds:.2f} s, CPU {cpu:.2f} s")


def _print_copies(copies: Build, floor: Build) -> None:
    ours, theirs = copies.cost, floor.cost
    print(
        f"the project's {len(copies.parts)} tables beside the marts, copied as they are: "
        f"{ours.seconds:.1f} s, CPU {ours.cpu:.1f} s; "
        f"copies / floor {ours.seconds / theirs.seconds:.1f}, CPU {ours.cpu / theirs.cpu:.1f}"
    )


def _peers(settings: Settings, home: Path) -> list[str]:
    """Have the peers compute the reports of the one load; where they differ from the marts."""
    [load] = (settings.raw_dir / SOURCE).iterdir()
    with tempfile.TemporaryDirectory(dir=home) as folder, duckdb.connect() as db:
        marts = Path(folder) / "marts"
        db.execute(f"attach {literal(settings.building_db)} as project (read_only)")
        for mart in marts_of(parsed_project(settings)):
            if mart.name in REPORTS:
                (marts / mart.name).mkdir(parents=True)
                rows = mart_rows(mart, LAST, database="project.")
                db.execute(f"copy ({rows}) to {literal(marts / mart.name / f'{LAST}.parquet')}")
        return compare(load, marts, Path(folder) / "peers")


def differences(settings: Settings) -> Iterator[str]:
    """Marts without a floor, and rows that differ by mart, key and column with both values."""
    with duckdb.connect() as db:
        db.execute(f"attach {literal(_floor_db(settings))} as floor (read_only)")
        db.execute(f"attach {literal(settings.building_db)} as project (read_only)")
        tables = db.execute("select table_name from duckdb_tables() where database_name = 'floor'")
        made = {name for (name,) in tables.fetchall()}
        for mart in marts_of(parsed_project(settings)):
            if mart.name in made:
                yield from _differing(db, mart)
            else:
                yield f"{mart.name}: the floor has no such table"


def _differing(db: duckdb.DuckDBPyConnection, mart: Mart) -> Iterator[str]:
    typed = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in mart.types.items())
    ours = mart_rows(mart, LAST, database="project.")
    db.execute(f"create or replace temp table ours as select {typed} from ({ours})")
    db.execute(f"create or replace temp table theirs as select {typed} from floor.{mart.name}")
    counts = db.execute(
        """select
               (select count(*) from (from ours except all from theirs))
               + (select count(*) from (from theirs except all from ours)),
               (select count(*) from ours)"""
    )
    [(differing, rows)] = counts.fetchall()
    if not differing:
        print(f"{mart.name}: {rows:,} rows, the same")
        return
    yield f"{mart.name}: {differing:,} rows of the two differ, of {rows:,}"
    cells = differing_cells(db, "from ours", "from theirs", mart.key, mart.types)
    yield from (f"{mart.name}, {cell}" for cell in cells)


if __name__ == "__main__":
    main()
