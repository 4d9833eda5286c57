"""The monthly close as Dagster assets: raw loads, dbt models, published marts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration.checks.dbt_tests import OUTCOMES, result_of_test
from orchestration.checks.expectations import MART_EXPECTATIONS
from orchestration.checks.mart_door import check_marts
from orchestration.checks.openings import OPENINGS, check_openings
from orchestration.checks.quality import page_path, write_quality
from orchestration.checks.raw_door import check_raw, raw_checks
from orchestration.checks.result import CheckResult
from orchestration.close.building import forget_other_code
from orchestration.close.edition import latest_edition, mart_contents, write_edition
from orchestration.close.lock import writer_lock
from orchestration.close.marts import marts_of
from orchestration.close.period import Month, read_run_period, run_period, write_run_period
from orchestration.close.publish import publish
from orchestration.close.release import published_numbers
from orchestration.close.restatement import examine
from orchestration.dbt import parsed_project, run_dbt
from orchestration.errors import CrmMartsError
from orchestration.postgres.asset import POSTGRES_STEP, postgres_asset
from orchestration.raw.landing import land, landed_loads
from orchestration.retries import retried
from orchestration.run_report import TESTS_FAILED
from orchestration.settings import Settings

LANDING = dg.AssetKey(["raw", "landing"])
AUDIT = dg.AssetKey(["published", "audit"])
RESTATEMENTS = dg.AssetKey(["published", "restatements"])
PUBLISHED = dg.AssetKey(["published", "marts"])
QUALITY = dg.AssetKey(["published", "quality"])
LONGEST_MONTH = 31
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


class RestatementsConfig(dg.Config):
    """`examine`: compare the closed months with what is known now; a backfill leaves it out."""

    examine: bool = True


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


class Translator(DagsterDbtTranslator):
    """Keys from dbt (schema, name), groups from layers, sources from their CRM's raw history."""

    def get_asset_key(self, dbt_resource_props: Any) -> dg.AssetKey:
        """`raw/<crm>` for a source, `<schema>/<name>` for a model or seed."""
        if dbt_resource_props["resource_type"] == "source":
            name = dbt_resource_props["source_name"]
            return LANDING if name in ("run", "landing") else raw_key(name)
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Any) -> str:
        """The layer: staging, canonical, intermediate, marts; reference for seeds."""
        if dbt_resource_props["resource_type"] == "seed":
            return "reference"
        return str(dbt_resource_props["fqn"][1])


def build_assets(
    settings: Settings, manifest_file: Path
) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    """All assets and checks of the close for the CRMs of the settings."""
    months = closable_months(settings)
    translator = Translator(
        settings=DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True)
    )
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))

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
        partitions_def=months,
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
        write_run_period(settings, period)
        forget_other_code(settings)
        yield dg.MaterializeResult(
            asset_key=LANDING,
            metadata={"new_loads": len(landed), "as_of": period.as_of.isoformat()},
        )
        for crm in settings.crms:
            rows = sum(table.changed for load in landed if load.crm == crm for table in load.tables)
            yield dg.MaterializeResult(asset_key=raw_key(crm), metadata={"changed_rows": rows})

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

    @dbt_assets(
        manifest=manifest,
        partitions_def=months,
        backfill_policy=ONE_MONTH_A_RUN,
        dagster_dbt_translator=translator,
        name="models",
    )
    @retried
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        result = run_dbt(settings, ["build", "--exclude-resource-type", "unit_test"])
        if result.result is None:
            raise dg.Failure(f"dbt did not run: {result.exception}")
        broken = []
        for node_result in result.result:
            node, status = node_result.node, str(node_result.status)
            if node.resource_type in ("model", "seed") and status == "success":
                yield dg.MaterializeResult(
                    asset_key=translator.get_asset_key(manifest["nodes"][node.unique_id]),
                    metadata={"seconds": round(node_result.execution_time, 3)},
                )
            check = get_asset_check_key_for_test(manifest, translator, node.unique_id, None)
            if check and status in OUTCOMES:
                asset = check.asset_key.to_user_string()
                tested = result_of_test(settings, parsed_project(settings), node_result, asset)
                yield asset_check(replace(tested, name=check.name))
            if status == "error":
                broken.append(f"{node.name}: {node_result.message}")
        if not result.success:
            raise dg.Failure("\n".join(broken) or TESTS_FAILED, allow_retries=False)

    mart_keys = [spec.key for spec in models.specs if spec.group_name == "marts"]

    @dg.asset(
        key=AUDIT,
        group_name="published",
        deps=mart_keys,
        check_specs=[
            dg.AssetCheckSpec(line.name, asset=AUDIT, blocking=line.is_blocking)
            for line in MART_EXPECTATIONS
        ],
        partitions_def=months,
        backfill_policy=ONE_MONTH_A_RUN,
        description="The built month, held against the editions of the months before it.",
    )
    def audit(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        marts, month = marts_of(parsed_project(settings)), Month.parse(context.partition_key)
        results = check_marts(settings, marts, month, AUDIT.to_user_string())
        yield dg.MaterializeResult(check_results=[asset_check(result) for result in results])

    @dg.asset(
        key=RESTATEMENTS,
        group_name="published",
        deps=[AUDIT],
        partitions_def=months,
        backfill_policy=ONE_MONTH_A_RUN,
        description="Closed months that come out otherwise by what is known now, and why.",
    )
    @retried
    def restatements(
        context: dg.AssetExecutionContext, config: RestatementsConfig
    ) -> dg.MaterializeResult[Any]:
        month, period = Month.parse(context.partition_key), read_run_period(settings)
        if not config.examine or latest_edition(settings, month):
            return dg.MaterializeResult(metadata={"examined": False})
        found = examine(settings, period.as_of, month, context.log.info)
        return dg.MaterializeResult(
            metadata={"examined": True, "pending": [edition.month for edition in found]}
        )

    @dg.asset_check(asset=RESTATEMENTS, name=OPENINGS, blocking=True)
    def openings() -> dg.AssetCheckResult:
        found = check_openings(settings, read_run_period(settings), RESTATEMENTS.to_user_string())
        return asset_check(found)

    @dg.asset(
        key=PUBLISHED,
        group_name="published",
        deps=[*mart_keys, AUDIT, RESTATEMENTS],
        partitions_def=months,
        backfill_policy=ONE_MONTH_A_RUN,
        description="The month's edition, and the serving files that readers see.",
        freshness_policy=fresh_for(LONGEST_MONTH + settings.close.grace_days),
    )
    @retried
    def published_marts(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        return publish_month(settings, Month.parse(context.partition_key))

    @dg.asset(
        key=QUALITY,
        group_name="published",
        deps=[PUBLISHED],
        partitions_def=months,
        backfill_policy=ONE_MONTH_A_RUN,
        description="One page with the result of every check of the close.",
    )
    def quality(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        found = write_quality(settings, context.instance, context.run_id, is_red=False)
        page = dg.MetadataValue.path(page_path(settings, found.month))
        return dg.MaterializeResult(metadata={"page": page, "not_passed": len(found.failed)})

    assets = [landing, raw_door, models, audit, restatements, openings, published_marts, quality]
    if settings.postgres.publish:
        assets.append(postgres_asset(settings, PUBLISHED, months, ONE_MONTH_A_RUN))
    return assets


def quality_hook(settings: Settings) -> dg.HookDefinition:
    """Write the quality page of a close that a failed step makes red."""

    @dg.failure_hook(name="quality_of_red_close")
    def quality_of_red_close(context: dg.HookContext) -> None:
        if context.step_key != POSTGRES_STEP:  # before that step the month is published
            write_quality(settings, context.instance, context.run_id, is_red=True)

    return quality_of_red_close


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
            "failing_keys": result.failing_keys,
        },
    )


def publish_month(settings: Settings, month: Month) -> dg.MaterializeResult[Any]:
    """Write the month's edition and publish it; a closed month must come out as it was."""
    marts = marts_of(parsed_project(settings))
    period = read_run_period(settings)
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
