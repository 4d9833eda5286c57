"""Publication to PostgreSQL as a Dagster asset, after that to files."""

from typing import Any

import dagster as dg

from orchestration.postgres.publish import publish_to_postgres
from orchestration.postgres.server import PostgresError
from orchestration.settings import Settings

POSTGRES_STEP = "published__postgres"
RETRIES, SECONDS_BETWEEN = 3, 30


def postgres_asset(
    settings: Settings,
    after: dg.AssetKey,
    months: dg.PartitionsDefinition[Any],
    backfill_policy: dg.BackfillPolicy,
) -> dg.AssetsDefinition:
    """The server's marts, brought to the release that `after` published.

    Tried again where the fault may pass by itself: a server that is away or busy, a lock.
    """

    @dg.asset(
        key=dg.AssetKey(POSTGRES_STEP.split("__")),
        group_name="published",
        deps=[after],
        partitions_def=months,
        backfill_policy=backfill_policy,
        required_resource_keys={"writer"},
        description="The published marts on the PostgreSQL server.",
    )
    def published_postgres() -> dg.MaterializeResult[Any]:
        try:
            shown = publish_to_postgres(settings)
        except PostgresError as error:
            if not error.is_transient:
                raise
            raise dg.RetryRequested(RETRIES, seconds_to_wait=SECONDS_BETWEEN) from error
        return dg.MaterializeResult(metadata={"release": shown.release, "rows": shown.rows})

    return published_postgres
