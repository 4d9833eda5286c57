"""What Dagster is told: assets, groups, partitions, checks, schedule, instance."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import pytest
import yaml

from orchestration.event_log import PooledSqliteEventLogStorage
from orchestration.settings import PROJECT_DIR, Source
from tests.conftest import Installation
from tests.crm_files import project_settings

# Loaded in a process of its own: definitions read the settings of the environment once.
DESCRIBE = """
import json, warnings
warnings.simplefilter("ignore")
import dagster as dg
from orchestration.definitions import defs
repository = defs.get_repository_def()
graph = repository.asset_graph
job = defs.resolve_job_def("monthly_close")
schedule = defs.resolve_schedule_def("monthly_close_schedule")
print(json.dumps({
    "groups": {k.to_user_string(): graph.get(k).group_name for k in graph.get_all_asset_keys()
               if graph.get(k).is_materializable},
    "partitions": job.partitions_def.get_partition_keys()[:3],
    "timezone": job.partitions_def.timezone,
    "cron": [schedule.cron_schedule, schedule.execution_timezone, schedule.default_status.value],
    "executor": job.executor_def.name,
    "sensors": {sensor.name: sensor.default_status.value for sensor in defs.sensors},
    "checks": [[k.asset_key.to_user_string(), k.name, graph.get(k).blocking]
               for k in graph.asset_check_keys],
    "fresh_for_days": {
        k.to_user_string(): graph.get(k).freshness_policy.fail_window.to_timedelta().days
        for k in graph.get_all_asset_keys()
        if graph.get(k).is_materializable and graph.get(k).freshness_policy},
    "job_assets": sorted(k.to_user_string() for k in job.asset_layer.selected_asset_keys),
    "published_after": sorted(
        k.to_user_string() for k in graph.get(dg.AssetKey(["published", "marts"])).parent_keys),
}))
"""


@pytest.fixture(scope="module")
def described(installation: Installation) -> dict[str, Any]:
    prepared = installation.run("prepare")
    assert prepared.returncode == 0, prepared.stderr
    shown = subprocess.run(
        [sys.executable, "-c", DESCRIBE],
        env=installation.environment(),
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    result: dict[str, Any] = json.loads(shown.stdout.splitlines()[-1])
    return result


def test_assets_are_the_dbt_models_grouped_by_layer(described: dict[str, Any]) -> None:
    groups = described["groups"]
    assert groups["raw/onec"] == groups["raw/landing"] == "raw"
    assert groups["staging/stg_onec__calls"] == "staging"
    assert groups["canonical/interactions"] == "canonical"
    assert groups["intermediate/int_periods"] == "intermediate"
    assert groups["reference/interaction_types"] == "reference"
    assert groups["published/marts"] == "published"
    marts = {key for key, group in groups.items() if group == "marts"}
    assert {
        f"marts/rpt_{name}"
        for name in (
            "client_growth",
            "segment_sizes",
            "manager_load",
            "interaction_kpis",
            "interaction_outcomes",
            "no_contact_clients",
        )
    } <= marts
    assert set(described["published_after"]) == marts | {
        "published/audit",
        "published/restatements",
    }


def test_the_job_covers_everything_month_by_month(described: dict[str, Any]) -> None:
    assert set(described["job_assets"]) == set(described["groups"])
    assert described["partitions"] == ["2024-11", "2024-12", "2025-01"]
    assert described["timezone"] == "Europe/Moscow"
    assert described["executor"] == "in_process"


def test_the_schedule_closes_on_the_second_at_six(described: dict[str, Any]) -> None:
    assert described["cron"] == ["0 6 2 * *", "Europe/Moscow", "RUNNING"]


def test_every_dbt_test_and_raw_check_is_an_asset_check(
    described: dict[str, Any], installation: Installation
) -> None:
    checks = {(asset, name): blocking for asset, name, blocking in described["checks"]}
    assert checks[("raw/onec", "volume")]
    assert checks[("raw/onec", "schema")]
    assert not checks[("raw/files", "freshness")]
    assert checks[("published/audit", "volume")]
    assert not checks[("published/audit", "distribution")]
    manifest = json.loads(
        (installation.data / "dbt" / "target" / "manifest.json").read_text(encoding="utf-8")
    )
    tests = {
        node["name"]: node["config"]["severity"].lower()
        for node in manifest["nodes"].values()
        # Tests on models of CRMs that are not in use hang in the air.
        if node["resource_type"] == "test"
        and ("test_metadata" not in node or node["attached_node"] in manifest["nodes"])
    }
    by_name = {name: blocking for (_, name), blocking in checks.items()}
    assert set(tests) <= set(by_name)
    for name, severity in tests.items():
        assert by_name[name] == (severity == "error"), name


def test_the_instance_runs_one_close_at_a_time_and_tells_nobody() -> None:
    instance = yaml.safe_load((PROJECT_DIR / "dagster.yaml").read_text(encoding="utf-8"))
    assert instance["telemetry"] == {"enabled": False}
    assert instance["concurrency"] == {"runs": {"max_concurrent_runs": 1}}
    assert "postgres_url" in (PROJECT_DIR / "dagster.yaml").read_text(encoding="utf-8")


def test_an_event_is_in_the_log_whole_or_not_at_all(tmp_path: Path) -> None:
    log = {"module": "orchestration.event_log", "class": PooledSqliteEventLogStorage.__name__}
    log["config"] = {"base_dir": str(tmp_path)}  # type: ignore[assignment]
    key = dg.AssetKey(["marts", "rpt_client_growth"])
    made = dg.AssetMaterialization(key)
    fault = patch.object(
        PooledSqliteEventLogStorage, "_store_asset_event", side_effect=OSError("disk full")
    )
    overrides = {"event_log_storage": log}
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides=overrides) as instance:
        with fault, pytest.raises(OSError, match="disk full"):
            instance.report_runless_asset_event(made)
        assert list(instance.fetch_materializations(key, limit=5).records) == []
        instance.report_runless_asset_event(made)
        assert len(instance.fetch_materializations(key, limit=5).records) == 1


def test_failed_and_warned_closes_are_told_by_sensors_that_run(described: dict[str, Any]) -> None:
    sensors = ("close_failed", "close_warned", "close_killed")
    assert described["sensors"] == dict.fromkeys(sensors, "RUNNING")


def test_loads_and_marts_that_do_not_come_are_overdue(described: dict[str, Any]) -> None:
    # crm_marts.toml: max_load_age_days = 45; a month and grace_days = 3.
    days = {"raw/onec": 45, "raw/files": 45, "published/marts": 34}
    assert described["fresh_for_days"] == days


def test_a_copy_of_the_settings_with_other_sources_has_their_crms() -> None:
    settings = project_settings()
    assert settings.crms == ["files", "onec"]
    other = settings.model_copy(update={"sources": {"shop": Source(crm="dolibarr")}})
    assert other.crms == ["dolibarr"]
    assert list(other.dbt_vars()["contract_tables"]) == ["dolibarr"]


def test_the_parsed_project_is_written_when_it_changes_alone(
    described: dict[str, Any], installation: Installation
) -> None:
    """Dagster's server may be reading it while a command begins."""
    assert described
    manifest = installation.data / "dbt" / "target" / "manifest.json"
    written = manifest.stat().st_mtime_ns
    for changed, is_new in (({}, False), ({"CRM_MARTS_RULES__TALK_THRESHOLD_SECONDS": "7"}, True)):
        prepared = installation.run("prepare", **changed)
        assert prepared.returncode == 0, prepared.stderr
        assert (manifest.stat().st_mtime_ns > written) == is_new, changed
