"""Registers of interactions, one workbook per manager, written side by side by several processes.

A row is written and forgotten, so that a process needs the same memory for a million rows.
"""

import os
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from orchestration.close.period import Month
from orchestration.delivery.published_month import (
    Audience,
    PublishedMonth,
    Selection,
    published_month,
)
from orchestration.delivery.words import Language, Words
from orchestration.delivery.workbook import Workbook
from orchestration.settings import Settings

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
    order="coalesce(report.event_at, report.deadline_at, report.planned_start_at), interaction_id",
    owner=MANAGER,
)
# A process sorts one manager's rows; more it does not need.
MEMORY = "48MB"


@dataclass(frozen=True)
class Job:
    """A register to be written, by what another process can be given."""

    settings: Settings
    month: Month
    release: Path
    language: Language
    manager_id: str
    path: Path


def write_registers(month: PublishedMonth, words: Words, folder: Path) -> dict[str, Path]:
    """Write a workbook for each manager with interactions; paths by manager."""
    found = month.db.execute(
        f"""with registers as (
                select {MANAGER} as manager_id, count(*) as row_count
                from {MART} where close_month = ? and period_kind = 'month' group by 1)
            select manager_id, coalesce(manager_name, manager_id)
            from registers left join dim_managers using (manager_id)
            order by row_count desc, manager_id""",
        [month.month.first_day],
    ).fetchall()
    names = file_names({key: words.value(name) for key, name in found})
    paths = {key: folder / f"{name}.xlsx" for key, name in names.items()}
    folder.mkdir()
    jobs = [
        Job(month.settings, month.month, month.release, words.language, key, path)
        for key, path in paths.items()
    ]
    # The longest ones come first, so that no process is left alone with one at the end.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        list(processes.map(write_register, jobs))
    return paths


def write_register(job: Job) -> None:
    """Write one manager's register."""
    words = Words(job.language)
    with published_month(job.settings, job.month, job.release) as month:
        month.db.execute(f"set threads = 1; set memory_limit = '{MEMORY}'")
        own = month.of(Audience(managers=frozenset([job.manager_id])))
        with Workbook(job.path, words) as book:
            book.add_report(own.rows(REGISTER), back=None)


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
