"""The monthly close as Dagster assets: raw loads, dbt models, published marts."""

from pathlib import Path

import dagster as dg

from orchestration.assets.models import models_assets
from orchestration.assets.pack import pack_asset
from orchestration.assets.postgres import postgres_asset
from orchestration.assets.published import (
    audit_asset,
    openings_check,
    published_asset,
    quality_asset,
    restatements_asset,
)
from orchestration.assets.raw import landing_asset, raw_door_checks
from orchestration.settings import Settings


def build_assets(
    settings: Settings, manifest_file: Path
) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    """All assets and checks of the close for the CRMs of the settings."""
    models = models_assets(settings, manifest_file)
    marts = [spec.key for spec in models.specs if spec.group_name == "marts"]
    return [
        landing_asset(settings),
        raw_door_checks(settings),
        models,
        audit_asset(settings, marts),
        restatements_asset(settings),
        openings_check(settings),
        published_asset(settings, marts),
        *([postgres_asset(settings)] if settings.postgres.publish else []),
        quality_asset(settings),
        *([pack_asset(settings)] if settings.pack.at_close else []),
    ]
