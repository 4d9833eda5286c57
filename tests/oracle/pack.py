"""A pack: several companies in one canonical schema, one dbt build, all marts read back."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from orchestration.close.period import Month, RunPeriod, write_run_period
from orchestration.dbt import manifest_file
from orchestration.settings import DBT_DIR, PROJECT_DIR, Settings
from tests.oracle.contract import Crm, Interaction
from tests.oracle.world import Cells, World

TYPES = {"string": "varchar", "int": "integer"}
CONTRACT = DBT_DIR / "models" / "canonical" / "_canonical__models.yml"

# Everything right of the canonical layer, with seeds and the tests that need nothing left of it.
RUN = """
import sys
from orchestration.dbt import run_dbt
from orchestration.settings import Settings
done = run_dbt(Settings(), [
    "build", "--select", "path:models/intermediate", "path:models/marts", "run_period",
    "working_calendar", "resource_type:seed", "--exclude-resource-types", "unit_test",
    "--indirect-selection", "buildable",
])
if not done.success:
    red = [r for r in (done.result or []) if r.status in ("error", "fail")]
    bad = [f"{r.node.name}: {r.message}" for r in red]
    sys.exit(str(done.exception or bad))
"""


@dataclass(frozen=True)
class Built:
    """A mart as built: its key and its rows."""

    name: str
    key: tuple[str, ...]
    rows: list[Cells]


def build(world: World, settings: Settings) -> dict[str, Built]:
    """Build all marts over the rows of a world; `settings` have a data folder of their own."""
    _write(world, settings)
    environment = {
        **os.environ,
        "CRM_MARTS_BUSINESS_TIMEZONE": settings.business_timezone,
        "CRM_MARTS_DATA_DIR": str(settings.data_dir),
        "CRM_MARTS_RAW_DIR": str(settings.raw_dir),
        "CRM_MARTS_NAMED_SEGMENTS_FILE": str(settings.named_segments_file),
        "CRM_MARTS_RULES": settings.rules.model_dump_json(),
        "CRM_MARTS_CHECKS": settings.checks.model_dump_json(),
        "CRM_MARTS_CLOSE": settings.close.model_dump_json(),
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=PROJECT_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return _read(settings)


def _write(world: World, settings: Settings) -> None:
    period = RunPeriod(
        Month(world.month.year, world.month.month),
        world.as_of,
        world.scheduled_close_at,
        world.is_reconstructed,
    )
    write_run_period(settings, period)
    duckdb.connect(str(settings.history_db)).close()
    models = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["models"]
    types = {m["name"]: {c["name"]: c["data_type"] for c in m["columns"]} for m in models}
    with duckdb.connect(str(settings.work_db)) as db:
        db.execute("create schema if not exists canonical")
        for name, rows in world.crm.tables():
            cells = [vars(row) | _what_versions_tell(world, row) for row in rows]
            _write_table(db, world, name, types[name], cells)


def _what_versions_tell(world: World, row: object) -> Cells:
    """What the contract says of an interaction and of its versions alike."""
    if not isinstance(row, Interaction):
        return {}
    return {"last_changed_at": world.last_changed_at[row.interaction_id]}


def _write_table(
    db: duckdb.DuckDBPyConnection,
    world: World,
    name: str,
    types: dict[str, str],
    rows: list[dict[str, Any]],
) -> None:
    """Write rows with the contract's columns and types; loaded_at is the moment of knowledge."""
    texts = pa.table(
        {
            column: pa.array(
                [
                    _text(row.get(column, world.as_of if column == "loaded_at" else None))
                    for row in rows
                ],
                pa.string(),
            )
            for column in types
        }
    )
    cells = ", ".join(
        f"cast({column} as {TYPES.get(kind, kind)}) as {column}" for column, kind in types.items()
    )
    db.register("texts", texts)
    db.execute(f"create or replace table canonical.{name} as select {cells} from texts")
    db.unregister("texts")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _read(settings: Settings) -> dict[str, Built]:
    manifest = json.loads(manifest_file(settings).read_text(encoding="utf-8"))
    nodes = manifest["nodes"].values()
    keys = {
        node["attached_node"]: tuple(node["test_metadata"]["kwargs"]["columns"])
        for node in nodes
        if (node.get("test_metadata") or {}).get("name") == "unique_key"
    }
    found = {}
    with duckdb.connect(str(settings.building_db), read_only=True) as db:
        for node in nodes:
            if node["resource_type"] != "model" or node["fqn"][1] != "marts":
                continue
            done = db.execute(f"select * from {node['schema']}.{node['name']}")
            columns = [column[0] for column in done.description]
            rows = [dict(zip(columns, row, strict=True)) for row in done.fetchall()]
            found[node["name"]] = Built(node["name"], keys[node["unique_id"]], rows)
    return found


def pack(crms: list[Crm]) -> Crm:
    """Put companies side by side."""
    found = Crm()
    for crm in crms:
        found.extend(crm)
    return found
