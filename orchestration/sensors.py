"""Dagster sensors that tell of closes that failed or warned, and end the runs of killed ones."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from orchestration.alerts import alert_lines, is_configured, run_events, send_alert
from orchestration.killed_runs import fail_killed_runs
from orchestration.run_report import failed_outcome
from orchestration.settings import Settings


def build_sensors(settings: Settings, job: Any) -> Sequence[dg.SensorDefinition]:
    """Sensors over the runs of a job, whoever started them: scheduler, web page or command line."""
    running = dg.DefaultSensorStatus.RUNNING

    @dg.run_failure_sensor(monitored_jobs=[job], default_status=running)
    def close_failed(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        """A close failed, and here is why: nothing was published, or not to PostgreSQL."""
        events = run_events(context.instance, context.dagster_run)
        return tell(settings, context, failed_outcome(events))

    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS, monitored_jobs=[job], default_status=running
    )
    def close_warned(context: dg.RunStatusSensorContext) -> dg.SkipReason | None:
        """A month was published although some checks warn."""
        if not settings.alerts.on_warnings:
            return dg.SkipReason("alerts.on_warnings is false")
        return tell(settings, context, "published with warnings")

    @dg.sensor(name="close_killed", minimum_interval_seconds=60, default_status=running)
    def close_killed(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        """A close was killed: its run is marked as failed, which lets the next one run."""
        killed = fail_killed_runs(settings, context.instance, job.name)
        return dg.SkipReason(f"killed runs: {', '.join(killed) or 'none'}")

    return [close_failed, close_warned, close_killed]


def tell(
    settings: Settings, context: dg.RunStatusSensorContext, outcome: str
) -> dg.SkipReason | None:
    """Send what a run says of itself; a reason to skip when there is nothing or nobody to tell."""
    if not is_configured(settings):
        return dg.SkipReason("[alerts] names nobody")
    lines = alert_lines(context.instance, context.dagster_run)
    if not lines and context.dagster_run.is_success:
        return dg.SkipReason("all checks passed")
    month = context.dagster_run.tags.get("dagster/partition", "")
    ways = send_alert(settings, f"crm-marts: {month} {outcome}", "\n".join(lines))
    context.log.info(f"told by {', '.join(ways)}")
    return None
