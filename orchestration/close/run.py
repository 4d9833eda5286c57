"""Closes months by running the Dagster job in this process, one after the other."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.close.edition import latest_edition
from orchestration.close.lock import writer_lock
from orchestration.close.period import Month
from orchestration.dbt import parsed_project
from orchestration.errors import CrmMartsError
from orchestration.settings import PROJECT_DIR, Settings

if TYPE_CHECKING:
    from dagster import ExecuteInProcessResult

Report = Callable[[str], None]


class RedCloseError(CrmMartsError):
    """A check or a model failed: nothing was published."""


@dataclass(frozen=True)
class ClosedMonth:
    """What came of one close."""

    month: Month
    edition: int
    is_new: bool
    seconds: float
    warnings: list[str]


def prepare_dagster(settings: Settings) -> None:
    """Give Dagster a home in the data folder, with the project's dagster.yaml."""
    home = settings.data_dir / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PROJECT_DIR / "dagster.yaml", home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)


def close_months(settings: Settings, months: list[Month], report: Report) -> list[ClosedMonth]:
    """Close months in order through the job monthly_close; stops at the first that fails.

    Raises CrmMartsError for what the user can mend, RedCloseError when a check fails.
    """
    with writer_lock(settings, f"close {months[0]} to {months[-1]}"):
        parsed_project(settings)
        prepare_dagster(settings)
        closed = []
        with _dagster_instance() as instance:
            from orchestration.definitions import defs

            job = defs.resolve_job_def("monthly_close")
            for number, month in enumerate(months, start=1):
                started = time.monotonic()
                was_closed = latest_edition(settings, month)
                result = job.execute_in_process(
                    partition_key=str(month),
                    instance=instance,
                    raise_on_error=False,
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                )
                _raise_failure(month, result)
                edition = latest_edition(settings, month)
                assert edition is not None
                closed.append(
                    ClosedMonth(
                        month=month,
                        edition=edition.number,
                        is_new=was_closed is None,
                        seconds=time.monotonic() - started,
                        warnings=_warnings(result),
                    )
                )
                report(_line(closed[-1], number, len(months)))
        return closed


@contextmanager
def _dagster_instance() -> Iterator[object]:
    from dagster import DagsterInstance

    with DagsterInstance.get() as instance:
        yield instance


def _line(closed: ClosedMonth, number: int, total: int) -> str:
    outcome = f"edition {closed.edition} published" if closed.is_new else "unchanged"
    warned = f", {len(closed.warnings)} warnings" if closed.warnings else ""
    return f"[{number}/{total}] {closed.month}: {outcome}{warned} ({closed.seconds:.0f} s)"


def _warnings(result: "ExecuteInProcessResult") -> list[str]:
    return [
        f"{evaluation.asset_key.to_user_string()}: {evaluation.check_name}"
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed
    ]


def _raise_failure(month: Month, result: "ExecuteInProcessResult") -> None:
    """Turn a failed run into one readable error: what failed, on what, what to do."""
    if result.success:
        return
    lines = []
    for evaluation in result.get_asset_check_evaluations():
        if not evaluation.passed:
            facts = ", ".join(f"{k} {v.value}" for k, v in evaluation.metadata.items())
            lines.append(
                f"  {evaluation.asset_key.to_user_string()} / {evaluation.check_name}: {facts}"
                + (f"\n    {evaluation.description}" if evaluation.description else "")
            )
    for event in result.filter_events(lambda event: event.is_step_failure):
        failure = event.step_failure_data
        error = failure.error
        cause = error.cause or error if error else None
        if cause and cause.cls_name in ("CrmMartsError", "LockedError"):
            raise CrmMartsError(cause.message.split(": ", 1)[1].strip())
        if cause and cause.cls_name != "DagsterAssetCheckFailedError":
            message = failure.user_failure_data.description if failure.user_failure_data else None
            lines.append(f"  {event.step_key}: {message or cause.message.strip()}")
    raise RedCloseError(
        f"{month} was not closed, nothing was published; readers keep what they had:\n"
        + "\n".join(lines)
        + "\n"
    )
