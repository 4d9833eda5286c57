"""What all assets of the close share: keys, partitions, freshness, the writer's lock, checks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import dagster as dg

from orchestration.checks.result import CheckResult
from orchestration.close.lock import writer_lock
from orchestration.settings import Settings

LANDING = dg.AssetKey(["raw", "landing"])
AUDIT = dg.AssetKey(["published", "audit"])
RESTATEMENTS = dg.AssetKey(["published", "restatements"])
PUBLISHED = dg.AssetKey(["published", "marts"])
QUALITY = dg.AssetKey(["published", "quality"])
# Of every step that writes: also a run of some steps alone, begun by hand, is the one writer.
WRITES = {"writer"}
# A close computes one month, so a backfill of a range is one run after the other.
ONE_MONTH_A_RUN = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)


class WriterLock(dg.ConfigurableResource["WriterLock"]):
    """Held by a run from its first step to its last, so that no other run or process writes."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WriterLock"]:
        """Hold the lock of the data folder; LockedError names the holder."""
        run = context.dagster_run
        month = run.tags.get("dagster/partition", "") if run else ""
        with writer_lock(Settings(), f"close {month}"):  # type: ignore[call-arg]
            yield self


def raw_key(crm: str) -> dg.AssetKey:
    """Asset of a CRM's raw history."""
    return dg.AssetKey(["raw", crm])


def fresh_for(days: int) -> dg.FreshnessPolicy:
    """Dagster shows an asset as overdue when its newest materialization is older."""
    return dg.FreshnessPolicy.time_window(fail_window=timedelta(days=days))


def closable_months(settings: Settings) -> dg.MonthlyPartitionsDefinition:
    """Partitions: one per month, keyed 2026-10, in the business time zone."""
    return dg.MonthlyPartitionsDefinition(
        start_date=settings.close.first_month, fmt="%Y-%m", timezone=settings.business_timezone
    )


def asset_check(result: CheckResult) -> dg.AssetCheckResult:
    """The result of a check as Dagster keeps and shows it."""
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey.from_user_string(result.asset),
        check_name=result.name,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if result.is_blocking else dg.AssetCheckSeverity.WARN,
        description=None if result.passed else result.remedy,
        metadata={
            "observed": result.observed,
            "threshold": result.threshold,
            "failing_count": result.failing_count,
            "failing_keys": result.failing_keys,
        },
    )
