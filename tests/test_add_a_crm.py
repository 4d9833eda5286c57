"""The guide docs/add-a-crm.md, carried out block by block in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.settings import PROJECT_DIR
from tests.samples import write_config

pytestmark = pytest.mark.slow
GUIDE = PROJECT_DIR / "docs" / "add-a-crm.md"
LOAD = "raw/shop/20261102T001000Z"


def blocks() -> dict[str, str]:
    """The guide's files by name: a line in bold names the block below it."""
    found = re.findall(
        r"^\*\*(\S+)\*\*\n```\w+\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.M | re.S
    )
    return dict(found)


class Copy:
    """A copy of the project, run with this environment's packages."""

    def __init__(self, home: Path) -> None:
        self.home, self.project = home, home / "project"
        for name in ("dbt_project", "orchestration", "seeds"):
            shutil.copytree(PROJECT_DIR / name, self.project / name)
        for name in ("crm_marts.toml", "dagster.yaml"):
            shutil.copy(PROJECT_DIR / name, self.project)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = {
            "PYTHONPATH": str(self.project),
            "CRM_MARTS_CONFIG": str(self.home / "crm_marts.toml"),
            "CRM_MARTS_RAW_DIR": str(self.home / "raw"),
            "CRM_MARTS_DATA_DIR": str(self.home / "data"),
        }
        return subprocess.run(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            cwd=self.project,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The copy with the guide's folder, list lines, source and load; nothing else is touched."""
    made = Copy(tmp_path_factory.mktemp("guide"))
    folder = made.project / "dbt_project" / "models" / "staging" / "shopdesk"
    folder.mkdir()
    load = made.home / LOAD
    load.mkdir(parents=True)
    for name, text in blocks().items():
        if name == "crm_marts.toml":
            write_config(made.home, f"{text}\n")
        elif name == "interaction_types.csv":
            with (made.project / "seeds/reference" / name).open("a", encoding="utf-8") as file:
                file.write(text)
        elif name.endswith(".csv"):
            (load / name).write_text(text, encoding="cp1251")
        else:
            (folder / name).write_text(text, encoding="utf-8")
    (load / "_load.json").write_text("{}", encoding="utf-8")
    return made


def test_the_kit_says_what_the_guide_says(copy: Copy) -> None:
    checked = copy.run("check-crm", "shopdesk")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    [quoted] = re.findall(r"```text\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    assert quoted in checked.stdout
    assert "shop/activities: 4 = 0 + 3 + 0 + 1" in checked.stdout
    assert checked.stdout.rstrip().endswith("A close of these loads would hold.")


def test_the_month_closes(copy: Copy) -> None:
    closed = copy.run("close", "2026-10")
    assert closed.returncode == 0, closed.stdout + closed.stderr
    path = copy.home / "data" / "published" / "current" / "crm_marts.duckdb"
    with duckdb.connect(str(path.resolve()), read_only=True) as db:
        assert db.execute(
            """select interaction_id, interaction_kind, performer_id, client_id, duration_minutes
               from marts.fct_interactions order by 1"""
        ).fetchall() == [
            ("shop:100", "call", "shop:10", "shop:1", Decimal("12")),
            ("shop:101", "visit", "shop:10", "shop:1", Decimal("45.5")),
        ]
        assert db.execute(
            """select sum(completed_on_time_count), sum(completed_late_count), sum(overdue_count)
               from marts.rpt_interaction_outcomes where period_kind = 'month'"""
        ).fetchall() == [(1, 1, 1)]
        assert db.execute(
            """select manager_id, main_client_count from marts.rpt_manager_load
               where client_class = 'all' and main_client_count > 0 order by 1"""
        ).fetchall() == [("shop:10", 1), ("shop:11", 1)]


FAULTS = {
    "shopdesk__quarantine.sql": (
        "    ['stg_shopdesk__activities', 'shopdesk', 'activities'],\n",
        "",
        "stg_shopdesk__activities: 1 unusable rows are not in shopdesk__quarantine",
    ),
    "shopdesk__clients.sql": (
        "as responsible_manager_id",
        "as responsible_id",
        "shopdesk__clients: the contract has no column responsible_id; did you mean "
        "responsible_manager_id?",
    ),
    "shopdesk__interactions.sql": (
        "then 'completed'",
        "then 'done'",
        "interaction_versions: 1 rows",
    ),
}


def test_faults_of_the_folder_are_named(copy: Copy) -> None:
    # Last, for it breaks the copy.
    folder = copy.project / "dbt_project" / "models" / "staging" / "shopdesk"
    for name, (right, wrong, _) in FAULTS.items():
        text = (folder / name).read_text(encoding="utf-8")
        assert right in text
        (folder / name).write_text(text.replace(right, wrong), encoding="utf-8")
    (folder / "shopdesk__managers.sql").rename(folder / "shopdesk__manager.sql")
    checked = copy.run("check-crm", "shopdesk")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    for _, _, named in FAULTS.values():
        assert named in checked.stdout
    assert "shopdesk__manager: the contract has no table manager; did you mean managers?" in (
        checked.stdout
    )
    to_fix = "To fix before a close: values, quarantine is complete, names of the contract"
    assert to_fix in checked.stdout
