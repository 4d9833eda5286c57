"""Every check at the raw door passes on sound loads and fails on the fault that it is for."""

import csv
import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.checks import raw_door
from orchestration.checks.expectations import RAW_EXPECTATIONS
from orchestration.checks.raw_door import check_raw, raw_checks
from orchestration.checks.result import CheckResult
from orchestration.close.period import Month, run_period
from orchestration.errors import CrmMartsError
from orchestration.raw.declared import declared_tables
from orchestration.raw.landing import land, landed_loads
from orchestration.settings import PROJECT_DIR, Settings, Source

MEETINGS = "Document_Встреча"
SEPTEMBERS, OCTOBERS = "20261002T001000Z", "20261102T001000Z"  # loads that close these months
SUBJECT = "Иванов просит перезвонить"


def keys(count: int, without: int = 0) -> list[str]:
    """`count` rows, of which so many have no key."""
    return [""] * without + [f"id-{number}" for number in range(count - without)]


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[dict[str, str]] = ()) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)


@dataclass(frozen=True)
class Company:
    """Two sources: `demo` from 1C, `plans` from files; meetings and plan lines vary."""

    settings: Settings

    def deliver(self, load: str, meetings: list[str], plans: list[str], absences: int = 0) -> None:
        demo, sheets = (self.settings.raw_dir / source / load for source in ("demo", "plans"))
        for table in declared_tables("onec").values():
            write_csv(demo / f"{table.name}.csv", table.columns)
        files = declared_tables("files")
        rows = [
            {"Ref_Key": key, "Number": str(n), "Тема": SUBJECT} for n, key in enumerate(meetings)
        ]
        write_csv(demo / f"{MEETINGS}.csv", declared_tables("onec")[MEETINGS].columns, rows)
        rows = [
            {"plan_id": key, "plan_version": "1", "planned_count": str(n)}
            for n, key in enumerate(plans)
        ]
        write_csv(sheets / "contact_plans.csv", files["contact_plans"].columns, rows)
        if absences:
            rows = [{"manager_id": f"m{n}", "absent_from": "2026-10-01"} for n in range(absences)]
            write_csv(sheets / "absences.csv", files["absences"].columns, rows)
        for folder in (demo, sheets):
            (folder / "_load.json").write_text(json.dumps({"complete": True}), encoding="utf-8")

    def check(self, month: str = "2026-10", settings: Settings | None = None) -> list[CheckResult]:
        settings = settings or self.settings
        land(settings)
        return check_raw(settings, run_period(settings, Month.parse(month), landed_loads(settings)))


@pytest.fixture
def company(tmp_path: Path) -> Company:
    sources = {"demo": Source(crm="onec", timezone="Europe/Moscow"), "plans": Source(crm="files")}
    return Company(
        Settings(raw_dir=tmp_path / "raw", data_dir=tmp_path / "data", sources=sources)  # type: ignore[call-arg]
    )


def failed(results: list[CheckResult]) -> dict[tuple[str, str], list[str]]:
    return {(r.asset.removeprefix("raw/"), r.name): r.failing_keys for r in results if not r.passed}


def the(results: list[CheckResult], crm: str, name: str) -> CheckResult:
    return next(result for result in results if (result.asset, result.name) == (f"raw/{crm}", name))


def alter_history(company: Company, statement: str) -> None:
    with duckdb.connect(str(company.settings.history_db)) as db:
        db.execute(statement)


def test_sound_loads_pass_every_declared_check(company: Company) -> None:
    company.deliver(SEPTEMBERS, keys(120), keys(200))
    company.deliver(OCTOBERS, keys(150), keys(210))
    results = company.check()
    assert failed(results) == {}
    assert [(r.asset.removeprefix("raw/"), r.name, r.is_blocking) for r in results] == raw_checks(
        company.settings.crms
    )
    assert {(r.name, r.is_blocking) for r in results} == {
        ("schema", True),
        ("volume", True),
        ("keys", True),
        ("freshness", False),
    }
    assert the(results, "onec", "volume").observed == (
        f"smallest share 1.25 (demo/{OCTOBERS}/{MEETINGS})"
    )
    assert all(r.observed and r.threshold and r.remedy for r in results)


def test_first_load_has_nothing_to_be_compared_with(company: Company) -> None:
    company.deliver(OCTOBERS, keys(120), keys(200))
    results = company.check()
    assert failed(results) == {}
    assert the(results, "onec", "volume").observed == "nothing to judge"


@pytest.mark.parametrize(("before", "after", "is_lost"), [(120, 60, False), (120, 59, True)])
def test_volume_fails_when_more_than_the_share_is_lost(
    company: Company, before: int, after: int, is_lost: bool
) -> None:
    company.deliver(SEPTEMBERS, keys(before), keys(200))
    company.deliver(OCTOBERS, keys(after), keys(200))
    expected = {("onec", "volume"): [f"demo/{OCTOBERS}/{MEETINGS}"]} if is_lost else {}
    assert failed(company.check()) == expected


def test_volume_leaves_small_tables_alone(company: Company) -> None:
    company.deliver(SEPTEMBERS, keys(99), keys(200))
    company.deliver(OCTOBERS, keys(0), keys(200))
    assert failed(company.check()) == {}


def test_volume_sees_a_lost_load_in_the_middle_of_the_month(company: Company) -> None:
    company.deliver(SEPTEMBERS, keys(120), keys(200))
    company.deliver("20261015T001000Z", keys(120), keys(10))
    company.deliver(OCTOBERS, keys(120), keys(10))
    company.deliver("20261202T001000Z", keys(120), keys(2))
    lost = {("files", "volume"): ["plans/20261015T001000Z/contact_plans"]}
    assert failed(company.check("2026-10")) == lost
    assert failed(company.check("2026-09")) == {}, "loads after as_of are not known yet"
    assert failed(company.check("2026-11")) == {}, "what the month before knew is not judged again"


def test_volume_is_sound_again_with_the_whole_load_after_a_short_one(company: Company) -> None:
    company.deliver(SEPTEMBERS, keys(120), keys(200))
    company.deliver(OCTOBERS, keys(30), keys(200))
    lost = {("onec", "volume"): [f"demo/{OCTOBERS}/{MEETINGS}"]}
    assert failed(company.check()) == lost
    company.deliver("20261103T001000Z", keys(125), keys(200))
    land(company.settings)
    later = datetime(2026, 11, 4, tzinfo=UTC)
    period = run_period(company.settings, Month(2026, 10), landed_loads(company.settings), later)
    assert failed(check_raw(company.settings, period)) == {}


def test_volume_counts_rejected_lines_as_lost(company: Company) -> None:
    company.deliver(SEPTEMBERS, keys(120), keys(200))
    company.deliver(OCTOBERS, keys(120), keys(200))
    file = company.settings.raw_dir / "plans" / OCTOBERS / "contact_plans.csv"
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    broken = [line + ",one cell too many" for line in lines[:150]]
    file.write_text("\n".join([header, *broken, *lines[150:]]), encoding="utf-8")
    assert failed(company.check()) == {("files", "volume"): [f"plans/{OCTOBERS}/contact_plans"]}


@pytest.mark.parametrize(
    ("rows", "without", "is_refused"),
    [(100, 2, False), (100, 3, True), (99, 5, False), (99, 6, True)],
)
def test_keys_fail_by_share_and_small_tables_by_count(
    company: Company, rows: int, without: int, is_refused: bool
) -> None:
    company.deliver(OCTOBERS, keys(rows, without), keys(200))
    results = company.check()
    assert failed(results) == ({("onec", "keys"): [f"demo/{MEETINGS}"]} if is_refused else {})
    assert the(results, "onec", "keys").observed == (
        f"worst {without} of {rows} rows (demo/{MEETINGS})"
    )


def test_keys_look_at_rows_known_at_the_moment_and_not_gone(company: Company) -> None:
    company.deliver(SEPTEMBERS, keys(120, without=20), keys(200))
    company.deliver(OCTOBERS, keys(120), keys(200))
    company.deliver("20261202T001000Z", keys(120, without=20), keys(200))
    refused = {("onec", "keys"): [f"demo/{MEETINGS}"]}
    outcomes = {month: failed(company.check(month)) for month in ("2026-09", "2026-10", "2026-11")}
    assert outcomes == {"2026-09": refused, "2026-10": {}, "2026-11": refused}


def test_freshness_warns_of_a_table_that_is_no_longer_delivered(company: Company) -> None:
    company.deliver("20260902T001000Z", keys(10), keys(10), absences=3)
    company.deliver(SEPTEMBERS, keys(10), keys(10))
    company.deliver(OCTOBERS, keys(10), keys(10))
    assert failed(company.check("2026-09")) == {}
    results = company.check("2026-10")
    assert failed(results) == {("files", "freshness"): ["plans/absences"]}
    assert not the(results, "files", "freshness").is_blocking
    assert the(results, "files", "freshness").observed == "oldest 61.1 days (plans/absences)"


def test_freshness_warns_of_a_stale_load(company: Company) -> None:
    company.deliver("20261101T001000Z", keys(10), keys(10))
    late = company.settings.close.model_copy(update={"day_of_month": 20, "max_load_age_days": 18})
    results = company.check(settings=company.settings.model_copy(update={"close": late}))
    assert set(failed(results)) == {("files", "freshness"), ("onec", "freshness")}
    assert f"demo/{MEETINGS}" in the(results, "onec", "freshness").failing_keys


def test_schema_fails_when_a_view_lost_a_column(company: Company) -> None:
    company.deliver(OCTOBERS, keys(10), keys(10))
    assert failed(company.check()) == {}
    view = f'raw_onec."{MEETINGS}"'
    with duckdb.connect(str(company.settings.history_db)) as db:
        db.execute(f"create table history.raw_onec.kept as select * exclude (Тема) from {view}")
        db.execute(f"create or replace view {view} as from history.raw_onec.kept")
    month = run_period(company.settings, Month(2026, 10), landed_loads(company.settings))
    results = check_raw(company.settings, month)
    assert failed(results) == {("onec", "schema"): [f"{MEETINGS}.Тема"]}
    assert the(results, "onec", "schema").observed == f"{MEETINGS}.Тема is missing"


def test_schema_fails_when_a_table_is_lost_and_names_at_most_twenty(company: Company) -> None:
    company.deliver(OCTOBERS, keys(10), keys(10))
    company.check()
    for table in (MEETINGS, "Catalog_Партнеры"):
        alter_history(company, f'drop view raw_onec."{table}"')
    month = run_period(company.settings, Month(2026, 10), landed_loads(company.settings))
    results = check_raw(company.settings, month)
    assert set(failed(results)) == {("onec", "schema")}
    assert len(the(results, "onec", "schema").failing_keys) == 20


def test_results_hold_no_cell_of_a_raw_row(company: Company) -> None:
    company.deliver(SEPTEMBERS, keys(200), keys(200))
    company.deliver(OCTOBERS, keys(50, without=20), keys(30, without=20))
    results = company.check()
    assert len(failed(results)) == 4
    assert SUBJECT not in repr(results)
    assert "id-" not in repr(results)


def test_files_are_released_and_nothing_is_written(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.deliver(SEPTEMBERS, keys(120), keys(200))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    company.check("2026-09")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    month = run_period(company.settings, Month(2026, 9), landed_loads(company.settings))
    check_raw(company.settings, month)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    alter_history(company, "create table proof as select 1")


def test_nothing_landed_is_told_plainly(company: Company) -> None:
    company.deliver(OCTOBERS, keys(10), keys(10))
    company.check()
    month = run_period(company.settings, Month(2026, 10), landed_loads(company.settings))
    company.settings.history_db.unlink()
    with pytest.raises(CrmMartsError, match="nothing was landed yet"):
        check_raw(company.settings, month)


@pytest.mark.parametrize("name", ["schema", "volume", "keys", "freshness"])
def test_an_expectation_that_cannot_be_computed_raises(
    company: Company, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    company.deliver(SEPTEMBERS, keys(120), keys(200))
    company.deliver(OCTOBERS, keys(120), keys(200))
    lines = [line for line in RAW_EXPECTATIONS if line.name == name]
    column = "column_B" if name == "keys" else "column"
    broken = [dataclasses.replace(n, kwargs={**n.kwargs, column: "nowhere"}) for n in lines]
    monkeypatch.setattr(raw_door, "RAW_EXPECTATIONS", tuple(broken))
    with pytest.raises(RuntimeError, match=f"raw_files_{name} could not be computed: .*nowhere"):
        company.check()


def test_declared_checks_are_listed_without_great_expectations() -> None:
    code = (
        "import sys, orchestration.checks.raw_door as door; print(len(door.raw_checks(['onec']))); "
        "sys.exit(bool({'great_expectations', 'sqlalchemy', 'pandas'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_DIR, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout.strip()) == (0, "4"), run.stderr


LOOK_AT_ALL_MODULES = """
import inspect, sys
from orchestration.checks.adapter import _datasource
_datasource()
kinds = [type(sys.modules[name]) for name in ("scipy.stats", "altair")]
inspect.getmodule(inspect.currentframe())  # as dbt does
assert [type(sys.modules[name]) for name in ("scipy.stats", "altair")] == kinds != [type(sys)] * 2
import scipy.stats, altair
print(scipy.stats.norm.cdf(0), altair.Chart.__name__, type(sys.modules["altair"]) is type(sys))
"""


def test_what_great_expectations_seldom_needs_is_loaded_when_used() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK_AT_ALL_MODULES], capture_output=True, text=True, check=False
    )
    assert done.stdout == "0.5 Chart True\n", done.stderr
