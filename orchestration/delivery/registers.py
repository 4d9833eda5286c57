"""Registers of interactions, one workbook per manager, written side by side by several processes.

A row is written and forgotten, so that a process needs the same memory for a million rows.
"""

import os
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import duckdb

from orchestration.delivery.published_month import PublishedMonth, Selection, Table, fetched
from orchestration.delivery.words import Language, Words
from orchestration.delivery.workbook import Workbook

MART = "rpt_interaction_register"
MANAGER = "coalesce(performer_id, holder_at_end_id, 'no manager')"
# What a person looks for; the mart has the rest under the same interaction_id.
COLUMNS = (
    "event_at",
    "interaction_kind",
    "interaction_group",
    "direction",
    "client_id",
    "outcome",
    "result",
    "planned_activity",
    "deadline_at",
    "deadline_class",
    "days_late",
    "duration_minutes",
    "interaction_id",
)
REGISTER = Selection(
    mart=MART,
    columns=COLUMNS,
    # As the rows lie in the file, so that the first ones are found without sorting the others.
    order="report.event_at, report.deadline_at, report.planned_start_at, interaction_id",
    owner=MANAGER,
)
# A process passes rows on; more memory it does not need.
MEMORY, ROWS_AT_A_TIME = "32MB", 10_000


@dataclass(frozen=True)
class Job:
    """A register to be written: these places of the rows in a Parquet file."""

    rows: Path
    places: range
    types: tuple[str, ...]
    language: Language
    path: Path


def write_registers(month: PublishedMonth, words: Words, folder: Path) -> dict[str, Path]:
    """Write a workbook for each manager with interactions; paths by manager."""
    folder.mkdir()
    with TemporaryDirectory(dir=folder) as scratch:
        # Sorted and named once for all.
        rows, order = Path(scratch) / "rows.parquet", f"{MANAGER}, {REGISTER.order}"
        types = month.write_rows(replace(REGISTER, order=order), rows)
        found = month.db.execute(
            f"""select owner, coalesce(any_value(manager_name), owner), min(place), max(place)
                from '{rows}' left join dim_managers on owner = manager_id
                group by owner order by count(*) desc, owner"""
        ).fetchall()
        names = file_names({key: words.value(name) for key, name, *_ in found})
        paths = {key: folder / f"{name}.xlsx" for key, name in names.items()}
        jobs = [
            Job(rows, range(first, last + 1), types, words.language, paths[key])
            for key, _, first, last in found
        ]
        # The longest ones come first, so that no process is left alone with one at the end.
        with ProcessPoolExecutor(
            os.cpu_count(), mp_context=get_context("spawn"), initializer=end_with_parent
        ) as processes:
            list(processes.map(write_register, jobs))
    return paths


def end_with_parent() -> None:
    """Let this process end when its parent is killed: it would wait for work for ever."""
    parent = parent_process()
    assert parent

    def wait() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()


def write_register(job: Job) -> None:
    """Write one manager's register."""
    with duckdb.connect() as db, Workbook(job.path, Words(job.language)) as book:
        db.execute("set TimeZone = 'UTC'; set threads = 1; set enable_progress_bar = false")
        db.execute(f"set memory_limit = '{MEMORY}'")
        table = Table(MART, COLUMNS, job.types, _rows_of(db, job))
        book.add_report(table, back=None)


def _rows_of(db: duckdb.DuckDBPyConnection, job: Job) -> Iterator[tuple[Any, ...]]:
    """The manager's rows in order; a query holds its whole result, so that each asks for some.

    Parameters would make DuckDB import pandas, which is more than all the rest.
    """
    for start in job.places[::ROWS_AT_A_TIME]:
        end = min(start + ROWS_AT_A_TIME, job.places.stop)
        some = f"place >= {start:d} and place < {end:d} order by place"
        yield from fetched(db.execute(f"select * exclude place from '{job.rows}' where {some}"))


def file_names(names: dict[str, str]) -> dict[str, str]:
    """Names of files that every system takes, each once, by the keys of what they are of."""
    taken: set[str] = set()
    found = {}
    for key, name in names.items():
        plain = re.sub(r"[^\w .,()-]", "_", name)[:60].strip(" .") or "_"
        number, own = 1, plain
        while own.casefold() in taken:
            number += 1
            own = f"{plain} {number}"
        taken.add(own.casefold())
        found[key] = own
    return found
