"""Floor and peers have the rows of the marts: the smallest size of the benchmark, untimed."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.settings import PROJECT_DIR

pytestmark = pytest.mark.slow

COMPARE_AGAIN = """
import sys
from pathlib import Path
from benchmarks.build import Scale, differences, landed
print("\\n".join(differences(landed(Path(sys.argv[1]), Scale(3000), "2GB"))))
"""
LIMITS_OF_DBT = """
import sys
from pathlib import Path
from benchmarks.build import Scale, landed
from orchestration.dbt import run_dbt
settings = landed(Path(sys.argv[1]), Scale(3000), "2GB")
query = "select current_setting('memory_limit') as memory, current_setting('threads') as threads"
print(*run_dbt(settings, ["show", "--inline", query]).result.results[0].agate_table.rows[0])
"""


LAND_IT = """
import sys
from pathlib import Path
from benchmarks.build import Scale, landed
from orchestration.raw.landing import land
settings = landed(Path(sys.argv[1]), Scale(3000), "2GB")
land(settings.model_copy(update={"data_dir": settings.data_dir.with_name("landed")}))
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


def test_floor_and_peers_have_the_rows_of_the_marts(folder: Path) -> None:
    done = run("-m", "benchmarks.build", "3000", "--memory-limit", "2GB", "--folder", str(folder))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.endswith("every cell is the same\n")
    assert "| all five |" in done.stdout


def test_the_load_is_kept_as_landing_keeps_it(folder: Path) -> None:
    done = run("-c", LAND_IT, str(folder))
    assert done.returncode == 0, done.stderr[-2000:]
    kept, landed = (
        {path.name: path for path in folder.glob(f"{data}/history/crm/*/*")}
        for data in ("data", "landed")
    )
    assert kept.keys() == landed.keys()
    assert len(kept) == 9
    assert kept.pop("landed.json").read_bytes() == landed.pop("landed.json").read_bytes()
    for name, path in kept.items():
        ours, theirs = (duckdb.sql(f"from '{file}'") for file in (path, landed[name]))
        assert (ours.columns, ours.types) == (theirs.columns, theirs.types), name
        assert ours.fetchall() == theirs.fetchall(), name


def test_a_cell_that_differs_is_named(folder: Path) -> None:
    with duckdb.connect(str(folder / "data" / "warehouse" / "floor.duckdb")) as floor:
        floor.execute(
            """update rpt_manager_load set main_client_count = main_client_count + 1
               where manager_id = 'crm:m1' and client_class = 'all' and period_kind = 'month'"""
        )
    done = run("-c", COMPARE_AGAIN, str(folder))
    assert done.returncode == 0, done.stderr[-2000:]
    assert (
        "rpt_manager_load, month / 2026-10-01 / crm:m1 / all, main_client_count: mart"
        in done.stdout
    ), done.stdout


def test_a_month_is_built_within_its_limits(folder: Path) -> None:
    done = run("-c", LIMITS_OF_DBT, str(folder))
    assert done.stdout == "1.8 GiB 1\n", done.stdout + done.stderr[-2000:]
