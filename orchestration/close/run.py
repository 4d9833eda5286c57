"""Closes months by running the Dagster job in this process, one after the other."""

import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orchestration.checks.quality import page_path, write_refusal
from orchestration.checks.result import failed_lines
from orchestration.close.edition import Edition, editions, latest_edition
from orchestration.close.leftovers import scratch_warehouse
from orchestration.close.lock import LockedError, writer_lock
from orchestration.close.marts import marts_of
from orchestration.close.pending import take_pending
from orchestration.close.period import Month, RunPeriod, month_end, scheduled_close
from orchestration.close.publish import publish, publish_preview
from orchestration.close.release import published_numbers
from orchestration.close.replay import compute
from orchestration.close.restatement import examine
from orchestration.dbt import parsed_project
from orchestration.errors import CrmMartsError, PackError
from orchestration.machine_faults import patiently
from orchestration.postgres.publish import Published, publish_to_postgres
from orchestration.postgres.server import PostgresError
from orchestration.raw.landing import land, landed_loads, refresh_history
from orchestration.run_report import causes, check_results
from orchestration.settings import PROJECT_DIR, Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult

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
    # What a run plans is written at once: a line for each model and each check.
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")


def close_months(
    settings: Settings, months: list[Month], report: Report, known_until: str | None = None
) -> list[ClosedMonth]:
    """Close months in order through the job monthly_close; stops at the first that fails.

    New loads are landed first, so that a person sees how that goes; the job does it on its own too.

    Raises CrmMartsError for what the user can mend, RedCloseError when a check fails.
    """
    _refuse_open(settings, months[-1])
    with writer_lock(settings, "landing"):
        try:
            patiently(lambda: land(settings, report), report)
        except CrmMartsError as refused:
            write_refusal(settings, str(months[0]), refused)
            raise
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
                run_config=_run_config(
                    settings, known_until, examine=len(months) == 1, with_pack=month == months[-1]
                ),
            )
            _raise_failure(settings, month, result)
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
            for pending in _pending_in(result):
                report(f"  {pending} would come out otherwise now: crm-marts restatements")
    return closed


def recheck(settings: Settings, report: Report) -> list[Edition]:
    """Compare the closed months with what the newest loads know; the new pending restatements."""
    with writer_lock(settings, "recheck"):
        found = patiently(lambda: _examine_all(settings, report), report)
        report(f"{len(found)} restatements found; `crm-marts restatements` shows what is pending")
        return found


def _examine_all(settings: Settings, report: Report) -> list[Edition]:
    land(settings, report)
    loads = landed_loads(settings)
    kept = editions(settings)
    if not kept:
        raise CrmMartsError("no month is closed yet", remedy="Close one first.")
    newest = max([edition.as_of for edition in kept] + [load.extracted_at for load in loads])
    after = max(Month.parse(edition.month) for edition in kept).next()
    return examine(settings, newest, after, report)


def restate(settings: Settings, month: Month, report: Report) -> Edition:
    """Publish the pending restatement of a month as its next edition.

    Raises PostgresError when it is published for readers of files alone.
    """
    with writer_lock(settings, f"restate {month}"):
        edition = patiently(lambda: _publish_pending(settings, month), report)
        if settings.postgres.publish:
            publish_to_postgres(settings)
        return edition


def _publish_pending(settings: Settings, month: Month) -> Edition:
    latest = latest_edition(settings, month)
    was_killed = latest and published_numbers(settings).get(str(month)) != latest.number
    edition = latest if latest and was_killed else take_pending(settings, month)
    publish(settings, marts_of(parsed_project(settings)))
    return edition


def complete_postgres(settings: Settings, *, all_months: bool = False) -> Published:
    """Bring PostgreSQL to the release that readers of files see."""
    with writer_lock(settings, "publish-postgres"):
        return publish_to_postgres(settings, all_months=all_months)


def preview(settings: Settings, report: Report) -> RunPeriod:
    """Build the month after the last closed one, as far as it is known, into marts_open."""
    with writer_lock(settings, "preview"), scratch_warehouse(settings) as folder:
        land(settings, report)
        loads, kept = landed_loads(settings), editions(settings)
        if not loads or not kept:
            raise CrmMartsError("nothing is closed yet", remedy="Close a month first.")
        month = max(Month.parse(edition.month) for edition in kept).next()
        newest = max(load.extracted_at for load in loads)
        period = RunPeriod(month, newest, scheduled_close(settings, month), is_reconstructed=False)
        scratch = settings.beside(folder)
        refresh_history(scratch)
        compute(scratch, period)
        publish_preview(settings, marts_of(parsed_project(settings)), period, scratch.building_db)
        return period


def _refuse_open(settings: Settings, month: Month) -> None:
    end = month_end(settings, month)
    if end > datetime.now(UTC):
        raise CrmMartsError(
            f"{month} has not ended yet ({end.astimezone(settings.zone):%Y-%m-%d %H:%M %Z})",
            remedy="A month can be closed when it is over.",
        )


def _run_config(
    settings: Settings, known_until: str | None, *, examine: bool, with_pack: bool
) -> dict[str, Any]:
    steps = {
        "landing": {"config": {"known_until": known_until} if known_until else {}},
        "published__restatements": {"config": {"examine": examine}},
    }
    if settings.pack.at_close:
        steps["published__pack"] = {"config": {"write": with_pack}}
    return {
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        "ops": steps,
    }


@contextmanager
def _dagster_instance() -> Iterator["DagsterInstance"]:
    from dagster import BetaWarning, DagsterInstance

    warnings.simplefilter("ignore", BetaWarning)
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


def _pending_in(result: "ExecuteInProcessResult") -> list[str]:
    """Months of which the run found a restatement."""
    [found] = [
        event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.materialization.asset_key.path[-1] == "restatements"
    ]
    pending: Any = found["pending"].value if "pending" in found else []
    return list(pending)


def _raise_failure(settings: Settings, month: Month, result: "ExecuteInProcessResult") -> None:
    """Turn a failed run into one readable error: what failed, on what, what to do."""
    if result.success:
        return
    if _is_interrupted(result):
        raise KeyboardInterrupt
    lines = [f"  {line}" for line in failed_lines(check_results(result.all_events))]
    for cause in causes(result.all_events):
        if cause.is_meant_for_users:
            kinds = {
                "LockedError": LockedError,
                "PackError": PackError,
                "PostgresError": PostgresError,
            }
            raise kinds.get(cause.error.cls_name, CrmMartsError)(cause.text)
        lines.append(f"  {cause.step}: {cause.text}")
    raise RedCloseError(
        f"{month} was not closed, nothing was published; readers keep what they had:\n"
        + "\n".join(lines),
        remedy=f"\n  all checks: {page_path(settings, str(month))}",
    )


def _is_interrupted(result: "ExecuteInProcessResult") -> bool:
    """Whether Ctrl-C is among the causes; Dagster may tell of what came of it as the run's end."""
    interrupts = {"KeyboardInterrupt", "DagsterExecutionInterruptedError"}
    return any(cause.error.cls_name in interrupts for cause in causes(result.all_events))
