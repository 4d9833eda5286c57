"""Raw history: new loads are landed, and judged before anything is modelled."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from orchestration.assets.common import (
    LANDING,
    ONE_MONTH_A_RUN,
    WriterLock,
    asset_check,
    closable_months,
    fresh_for,
    raw_key,
)
from orchestration.checks.raw_door import check_raw, raw_checks
from orchestration.close.building import forget_other_code, plan_build
from orchestration.close.edition import latest_edition
from orchestration.close.period import Month, read_run_period, run_period
from orchestration.raw.landing import land, landed_loads
from orchestration.retries import retried
from orchestration.settings import Settings


class LandingConfig(dg.Config):
    """`known_until` (ISO, UTC): close with what was known at a later moment than planned."""

    known_until: str | None = None

    @property
    def moment(self) -> datetime | None:
        """The moment as a UTC instant."""
        if self.known_until is None:
            return None
        moment = datetime.fromisoformat(self.known_until)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def landing_asset(settings: Settings) -> dg.AssetsDefinition:
    """Kept loads, and the period and moment of knowledge that all models read."""

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(LANDING, group_name="raw", description="Kept loads and the run's period."),
            *(
                dg.AssetSpec(
                    raw_key(crm),
                    group_name="raw",
                    description=f"Raw history of {crm}.",
                    freshness_policy=fresh_for(settings.close.max_load_age_days),
                )
                for crm in settings.crms
            ),
        ],
        partitions_def=closable_months(settings),
        backfill_policy=ONE_MONTH_A_RUN,
        name="landing",
    )
    @retried
    def landing(
        context: dg.AssetExecutionContext, config: LandingConfig, writer: WriterLock
    ) -> Iterator[dg.MaterializeResult[Any]]:
        landed = land(settings, context.log.info)
        loads = landed_loads(settings)
        month = Month.parse(context.partition_key)
        closed = latest_edition(settings, month)
        period = closed.period if closed else run_period(settings, month, loads, config.moment)
        plan_build(settings, period, loads)
        forget_other_code(settings)
        yield dg.MaterializeResult(
            asset_key=LANDING,
            metadata={"new_loads": len(landed), "as_of": period.as_of.isoformat()},
        )
        for crm in settings.crms:
            rows = sum(table.changed for load in landed if load.crm == crm for table in load.tables)
            yield dg.MaterializeResult(asset_key=raw_key(crm), metadata={"changed_rows": rows})

    return landing


def raw_door_checks(settings: Settings) -> dg.AssetChecksDefinition:
    """The checks of every CRM's raw history."""

    @dg.multi_asset_check(
        specs=[
            dg.AssetCheckSpec(name, asset=raw_key(crm), blocking=is_blocking)
            for crm, name, is_blocking in raw_checks(settings.crms)
        ],
        name="raw_door",
    )
    @retried
    def raw_door() -> Iterator[dg.AssetCheckResult]:
        for result in check_raw(settings, read_run_period(settings)):
            yield asset_check(result)

    return raw_door
