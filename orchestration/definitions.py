"""Everything that Dagster knows of this project: a table of contents."""

import dagster as dg

from orchestration.assets import build_assets
from orchestration.assets.common import WriterLock, closable_months
from orchestration.assets.published import quality_hook
from orchestration.dbt import manifest_file
from orchestration.sensors import build_sensors
from orchestration.settings import Settings

settings = Settings()  # type: ignore[call-arg]  # filled from crm_marts.toml

monthly_close = dg.define_asset_job(
    "monthly_close",
    selection=dg.AssetSelection.all(),
    partitions_def=closable_months(settings),
    executor_def=dg.in_process_executor,
    hooks={quality_hook(settings)},
    description="Land, check, model, test and publish one month.",
)

monthly_schedule = dg.build_schedule_from_partitioned_job(
    monthly_close,
    name="monthly_close_schedule",
    day_of_month=settings.close.day_of_month,
    hour_of_day=settings.close.time.hour,
    minute_of_hour=settings.close.time.minute,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

defs = dg.Definitions(
    assets=build_assets(settings, manifest_file(settings)),
    jobs=[monthly_close],
    schedules=[monthly_schedule],
    sensors=build_sensors(settings, monthly_close),
    resources={"writer": WriterLock()},
)
