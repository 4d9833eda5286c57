"""The dbt models as assets, and their tests as asset checks."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration.assets.common import (
    LANDING,
    ONE_MONTH_A_RUN,
    WRITES,
    asset_check,
    closable_months,
    raw_key,
)
from orchestration.checks.dbt_tests import OUTCOMES, result_of_test
from orchestration.close.building import begin_build, note_built
from orchestration.close.period import Month, built_period
from orchestration.dbt import parsed_project, run_dbt
from orchestration.engines import engine_of
from orchestration.retries import retried
from orchestration.run_report import TESTS_FAILED
from orchestration.settings import Settings


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


def models_assets(settings: Settings, manifest_file: Path) -> dg.AssetsDefinition:
    """Every model and seed of the parsed project, for the CRMs of the settings."""
    translator = Translator(
        settings=DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True)
    )
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))

    @dbt_assets(
        manifest=manifest,
        partitions_def=closable_months(settings),
        backfill_policy=ONE_MONTH_A_RUN,
        dagster_dbt_translator=translator,
        required_resource_keys=WRITES,
        name="models",
    )
    @retried
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        if context.retry_number == 0:  # later dbt's failed attempt still has the file open
            built_period(settings, Month.parse(context.partition_key))
        begin_build(settings, is_retry=context.retry_number > 0)
        engine = engine_of(settings)
        engine.send(settings)
        result = run_dbt(settings, ["build", "--exclude-resource-type", "unit_test"])
        if result.result is None:
            raise dg.Failure(f"dbt did not run: {result.exception}")
        if result.success:
            engine.fetch(settings)
        project, broken = parsed_project(settings), []
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
                tested = result_of_test(settings, project, node_result, asset)
                yield asset_check(replace(tested, name=check.name))
            if status == "error" or (status == "fail" and not check):
                broken.append(f"{node.name}: {node_result.message}")
        if not result.success:
            raise dg.Failure("\n".join(broken) or TESTS_FAILED, allow_retries=False)
        note_built(settings)

    return models
