"""From the built month to what readers see: audit, restatements, publication, quality page."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from orchestration.assets.common import (
    AUDIT,
    ONE_MONTH_A_RUN,
    PUBLISHED,
    QUALITY,
    RESTATEMENTS,
    WRITES,
    asset_check,
    closable_months,
    fresh_for,
)
from orchestration.assets.pack import PACK_STEP
from orchestration.assets.postgres import POSTGRES_STEP
from orchestration.checks.expectations import MART_EXPECTATIONS
from orchestration.checks.mart_door import check_marts
from orchestration.checks.openings import OPENINGS, check_openings
from orchestration.checks.quality import page_path, quality_of, write_quality
from orchestration.close.edition import latest_edition, mart_contents, write_edition
from orchestration.close.marts import marts_of
from orchestration.close.period import Month, built_period, read_run_period
from orchestration.close.publish import publish
from orchestration.close.release import published_numbers
from orchestration.close.restatement import examine
from orchestration.dbt import parsed_project
from orchestration.errors import CrmMartsError
from orchestration.raw.landing import landed_loads
from orchestration.retries import retried
from orchestration.settings import Settings

LONGEST_MONTH = 31


class RestatementsConfig(dg.Config):
    """`examine`: compare the closed months with what is known now; a backfill leaves it out."""

    examine: bool = True


def audit_asset(settings: Settings, marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The published door: nothing is published, nor compared, before it."""

    @dg.asset(
        key=AUDIT,
        group_name="published",
        deps=marts,
        check_specs=[
            dg.AssetCheckSpec(line.name, asset=AUDIT, blocking=line.is_blocking)
            for line in MART_EXPECTATIONS
        ],
        partitions_def=closable_months(settings),
        backfill_policy=ONE_MONTH_A_RUN,
        description="The built month, held against the editions of the months before it.",
    )
    def audit(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        marts, month = marts_of(parsed_project(settings)), Month.parse(context.partition_key)
        built_period(settings, month)
        results = check_marts(settings, marts, month, AUDIT.to_user_string())
        yield dg.MaterializeResult(check_results=[asset_check(result) for result in results])

    return audit


def restatements_asset(settings: Settings) -> dg.AssetsDefinition:
    """Closed months, compared with what is known now."""

    @dg.asset(
        key=RESTATEMENTS,
        group_name="published",
        deps=[AUDIT],
        partitions_def=closable_months(settings),
        backfill_policy=ONE_MONTH_A_RUN,
        required_resource_keys=WRITES,
        description="Closed months that come out otherwise by what is known now, and why.",
    )
    @retried
    def restatements(
        context: dg.AssetExecutionContext, config: RestatementsConfig
    ) -> dg.MaterializeResult[Any]:
        month = Month.parse(context.partition_key)
        period = built_period(settings, month)
        if not config.examine or latest_edition(settings, month):
            return dg.MaterializeResult(metadata={"examined": False})
        found = examine(settings, period.as_of, month, context.log.info, is_built=True)
        return dg.MaterializeResult(
            metadata={"examined": True, "pending": [edition.month for edition in found]}
        )

    return restatements


def openings_check(settings: Settings) -> dg.AssetChecksDefinition:
    """The identity of two months' client bases."""

    @dg.asset_check(asset=RESTATEMENTS, name=OPENINGS, blocking=True)
    def openings() -> dg.AssetCheckResult:
        found = check_openings(settings, read_run_period(settings), RESTATEMENTS.to_user_string())
        return asset_check(found)

    return openings


def published_asset(settings: Settings, marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The moment of publication."""

    @dg.asset(
        key=PUBLISHED,
        group_name="published",
        deps=[*marts, AUDIT, RESTATEMENTS],
        partitions_def=closable_months(settings),
        backfill_policy=ONE_MONTH_A_RUN,
        required_resource_keys=WRITES,
        description="The month's edition, and the serving files that readers see.",
        freshness_policy=fresh_for(LONGEST_MONTH + settings.close.grace_days),
    )
    @retried
    def published_marts(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        return publish_month(settings, Month.parse(context.partition_key))

    return published_marts


def quality_asset(settings: Settings) -> dg.AssetsDefinition:
    """The page of a close that went through."""

    @dg.asset(
        key=QUALITY,
        group_name="published",
        deps=[PUBLISHED],
        partitions_def=closable_months(settings),
        backfill_policy=ONE_MONTH_A_RUN,
        description="One page with the result of every check of the close.",
    )
    def quality(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        found = write_quality(settings, context.instance, context.run_id, is_red=False)
        page = dg.MetadataValue.path(page_path(settings, found.month))
        return dg.MaterializeResult(metadata={"page": page, "not_passed": len(found.failed)})

    return quality


def quality_hook(settings: Settings) -> dg.HookDefinition:
    """Write the quality page of a close that a failed step makes red."""

    @dg.failure_hook(name="quality_of_red_close")
    def quality_of_red_close(context: dg.HookContext) -> None:
        # Before these steps the month is published.
        if context.step_key not in (POSTGRES_STEP, PACK_STEP):
            write_quality(settings, context.instance, context.run_id, is_red=True)

    return quality_of_red_close


def publish_month(settings: Settings, month: Month) -> dg.MaterializeResult[Any]:
    """Write the month's edition and publish it; a closed month must come out as it was."""
    marts = marts_of(parsed_project(settings))
    period = built_period(settings, month)
    _refuse_red_build(settings, month)
    closed = latest_edition(settings, month)
    if closed:
        built = mart_contents(settings, marts, month)
        differing = sorted(name for name in built if built[name] != closed.marts.get(name))
        if differing:
            raise CrmMartsError(
                f"{month} is closed, and computing it again gives other rows in "
                f"{', '.join(differing)}; nothing was published",
                remedy="A closed month never changes silently. Undo the change of configuration, "
                "reference lists or code; or let `crm-marts recheck` explain the difference, and "
                f"publish it on purpose: crm-marts restate {month}.",
            )
        if published_numbers(settings).get(str(month)) == closed.number:
            return dg.MaterializeResult(metadata={"edition": closed.number, "changed": False})
    # An edition that was written by a close killed before its publication is published now.
    edition = closed or write_edition(settings, period, landed_loads(settings), marts)
    release = publish(settings, marts)
    return dg.MaterializeResult(
        metadata={
            "edition": edition.number,
            "changed": True,
            "release": release.name,
            "rows": sum(content.rows for content in edition.marts.values()),
        }
    )


def _refuse_red_build(settings: Settings, month: Month) -> None:
    """Stop a publication that was begun by itself, after checks of the same build failed."""
    last = quality_of(settings, str(month))
    if last is None or not any(check.is_blocking for check in last.failed):
        return
    built = settings.building_db
    files = [path for path in (built, built.with_suffix(".duckdb.wal")) if path.exists()]
    # Of an engine elsewhere nothing is here before its first build went through.
    newest = max((path.stat().st_mtime for path in files), default=0)
    built_at = datetime.fromtimestamp(int(newest), UTC)
    if datetime.fromisoformat(last.ended_at) >= built_at:
        raise CrmMartsError(
            f"checks of {month} as it is built failed, and nothing was published",
            place=str(page_path(settings, str(month))),
            remedy=f"Mend what they name, then run all steps: crm-marts close {month}.",
        )
