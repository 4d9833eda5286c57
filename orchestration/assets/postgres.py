"""Publication to PostgreSQL, after that to files."""

from typing import Any

import dagster as dg

from orchestration.assets.common import ONE_MONTH_A_RUN, PUBLISHED, WRITES, closable_months
from orchestration.postgres.publish import publish_to_postgres
from orchestration.retries import retried
from orchestration.settings import Settings

POSTGRES_STEP = "published__postgres"


def postgres_asset(settings: Settings) -> dg.AssetsDefinition:
    """The server's marts, brought to the release of files."""

    @dg.asset(
        key=dg.AssetKey(POSTGRES_STEP.split("__")),
        group_name="published",
        deps=[PUBLISHED],
        partitions_def=closable_months(settings),
        backfill_policy=ONE_MONTH_A_RUN,
        required_resource_keys=WRITES,
        description="The published marts on the PostgreSQL server.",
    )
    @retried
    def published_postgres() -> dg.MaterializeResult[Any]:
        shown = publish_to_postgres(settings)
        return dg.MaterializeResult(metadata={"release": shown.release, "rows": shown.rows})

    return published_postgres
