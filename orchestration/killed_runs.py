"""Runs whose process was killed: Dagster would take them for running, and queue the next behind."""

import time

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from orchestration.close.lock import is_held
from orchestration.settings import Settings

# A run takes the writer's lock with its first step.
SECONDS_TO_LOCK = 120


def fail_killed_runs(
    settings: Settings, instance: DagsterInstance, job_name: str, after: int = SECONDS_TO_LOCK
) -> list[str]:
    """Mark as failed the runs of a job that began so many seconds ago and hold no lock; their ids.

    The failure is told like any other; what the run left half done, the next one clears away.
    """
    if is_held(settings):
        return []
    started = RunsFilter(job_name=job_name, statuses=[DagsterRunStatus.STARTED])
    killed = [
        record.dagster_run
        for record in instance.get_run_records(started)
        if time.time() - (record.start_time or 0) > after
    ]
    for run in killed:
        instance.report_run_failed(run, "The run's process was killed: close the month again.")
    return [run.run_id for run in killed]
