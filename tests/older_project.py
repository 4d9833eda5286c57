"""An earlier version of the project: a copy of it without what a later version brought."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import PROJECT_DIR
from tests.conftest import Installation

MARTS = Path("dbt_project") / "models" / "marts"
# What came since: a column, a mart with its test, wider types, another name of a setting. What
# went since: a column that was never null, a reference list.
ADDED_COLUMN = ("rpt_manager_load", "silent_client_count")
ADDED_MART = "rpt_segment_overlap"
DROPPED_COLUMN = ("rpt_segment_sizes", "combined_count")
WIDENED = {
    ("rpt_manager_load", "second_client_count"): "integer",  # bigint
    ("rpt_segment_sizes", "client_share"): "decimal(18,2)",  # decimal(18,4)
}
SETTING, FORMER_SETTING = "inactive_warning_days", "silence_warning_days"
FORMER_LIST = "branches.csv"


def write_older_project(home: Path) -> Path:
    """Copy the project into a folder and take it back to the earlier version."""
    for name in ("orchestration", "dbt_project", "seeds"):
        ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
        shutil.copytree(PROJECT_DIR / name, home / name, ignore=ignored)
    for name in ("crm_marts.toml", "dagster.yaml"):
        shutil.copy(PROJECT_DIR / name, home / name)
    for path in (home / "orchestration" / "settings.py", home / "crm_marts.toml"):
        _replace(path, SETTING, FORMER_SETTING)
    _replace(home / MARTS / "clients" / "rpt_no_contact_clients.sql", SETTING, FORMER_SETTING)
    (home / "seeds" / "reference" / FORMER_LIST).write_text("branch,city\nn,Омск\n", "utf-8")
    _take_back_columns(home)
    _take_back_mart(home)
    return home


def _take_back_columns(home: Path) -> None:
    load = home / MARTS / "managers" / "rpt_manager_load.sql"
    _replace(load, "load_rows.second_client_count,", _as_integer("load_rows.second_client_count"))
    text = load.read_text(encoding="utf-8")
    text, count = re.subn(r"\n.* as silent_client_count,", "", text)
    assert count == 1
    load.write_text(text, encoding="utf-8")
    sizes = home / MARTS / "clients" / "rpt_segment_sizes.sql"
    share = "{{ ratio('combinations.client_count', 'base.base_client_count') }}"
    _replace(
        sizes,
        f"{share} as client_share,",
        f"cast({share} as decimal(18, 2)) as client_share, "
        "cast(2 * combinations.client_count as bigint) as combined_count,",
    )
    _edit(home / MARTS / "managers" / "_managers__models.yml", _without_new_columns)
    _edit(home / MARTS / "clients" / "_clients__models.yml", _with_former_column)


def _take_back_mart(home: Path) -> None:
    (home / MARTS / "clients" / f"{ADDED_MART}.sql").unlink()
    test = "named_segments_follow_from_their_flows.sql"
    (home / "dbt_project" / "tests" / "clients" / test).unlink()
    for name in ("_named_segments__models.yml", "_named_segments_unit_tests.yml"):
        _edit(home / MARTS / "clients" / name, _drop)
    _edit(home / MARTS / "_exposures.yml", _drop)


def _drop(declared: Any) -> None:
    for kind, name in (("models", "name"), ("unit_tests", "model")):
        if kind in declared:
            declared[kind] = [node for node in declared[kind] if node[name] != ADDED_MART]
    for node in declared.get("exposures", []):
        node["depends_on"] = [ref for ref in node["depends_on"] if ADDED_MART not in ref]


def _without_new_columns(declared: Any) -> None:
    for model, columns in _columns(declared):
        columns[:] = [c for c in columns if (model, c["name"]) != ADDED_COLUMN]


def _with_former_column(declared: Any) -> None:
    for model, columns in _columns(declared):
        if model == DROPPED_COLUMN[0]:
            constraints = [{"type": "not_null"}]
            former = {"data_type": "bigint", "description": "Letters.", "constraints": constraints}
            columns.append({"name": DROPPED_COLUMN[1], **former})


def _columns(declared: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """Columns of each model, with the types that they had."""
    found = [(model["name"], model["columns"]) for model in declared["models"]]
    for model, columns in found:
        for column in columns:
            column["data_type"] = WIDENED.get((model, column["name"]), column["data_type"])
    return found


def _as_integer(cell: str) -> str:
    return f"cast({cell} as integer) as {cell.split('.')[1]},"


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def _edit(path: Path, change: Callable[[Any], None]) -> None:
    declared = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(declared)
    path.write_text(yaml.safe_dump(declared, allow_unicode=True, sort_keys=False), "utf-8")


def run_older(
    project: Path, installation: Installation, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of the earlier version in the data folder of an installation."""
    config = Path(installation.variables["CRM_MARTS_CONFIG"])
    older = project / "older.toml"
    older.write_text(config.read_text(encoding="utf-8"), encoding="utf-8")
    _replace(older, SETTING, FORMER_SETTING)
    named = {"CRM_MARTS_CONFIG": str(older), "PYTHONPATH": str(project)}
    return subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        env={**installation.environment(), **named, "PATH": os.environ["PATH"]},
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
