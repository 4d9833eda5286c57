"""Each check at the published door passes on a usual month and fails on the fault it is for."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.checks.expectations import MART_EXPECTATIONS
from orchestration.checks.mart_door import check_marts
from orchestration.checks.result import CheckResult
from orchestration.close.edition import MANIFEST, Edition, MartContent
from orchestration.close.marts import Mart
from orchestration.close.period import Month
from orchestration.settings import Settings, Source
from tests.crm_files import small_settings

COLUMNS = (
    *("period_kind", "close_month", "call_id", "kind", "result", "call_count", "call_minutes"),
    *("change_call_count", "event_month"),
)
CALLS = Mart(
    "marts", "fct_calls", ("call_id",), ("call_id",), True, "Calls.", dict.fromkeys(COLUMNS, ""), {}
)
MONTHS = ["2026-06", "2026-07", "2026-08", "2026-09"]
OCTOBER = Month(2026, 10)
KINDS = "if(n % 3 = 0, 'meeting', 'call')"


def calls(
    month: str, count: int, *, kind: str = "'call'", result: str = "'yes'", minutes: str = "5"
) -> str:
    """SQL of a month's rows; `kind`, `result` and `minutes` are SQL over the row's number `n`.

    The year's rows beside them would hide what a month lost.
    """
    rows = f"""
        select '{{kind}}' as period_kind, date '{month}-01' as close_month, 'c' || n as call_id,
            {kind} as kind, {result} as result, 1::bigint as call_count,
            ({minutes})::decimal(18, 2) as call_minutes, 1::bigint as change_call_count,
            date '{month}-01' as event_month
        from range(1, {count} + 1) as numbers(n)"""
    year = rows.format(kind="year").replace(f", {count} + 1)", ", 1001)")
    return f"{rows.format(kind='month')} union all {year}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Four closed months of two hundred calls each, two thirds of them answered."""
    found = small_settings(tmp_path, demo=Source(crm="onec"))
    for month in MONTHS:
        write_edition(found, month, calls(month, 200, kind=KINDS))
    return found


def write_edition(settings: Settings, month: str, rows: str, number: int = 1) -> None:
    folder = settings.editions_dir / month / f"{number:03d}"
    folder.mkdir(parents=True)
    with duckdb.connect() as db:
        db.execute(f"copy ({rows}) to '{folder / 'fct_calls.parquet'}' (format parquet)")
    moment = datetime(2026, 11, 2, tzinfo=UTC)
    edition = Edition(
        month, number, moment, moment, False, [], "", {}, {}, {"fct_calls": MartContent(0, "")}
    )
    text = json.dumps(asdict(edition), default=str)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def build(settings: Settings, rows: str) -> dict[str, CheckResult]:
    """Build October with these rows and judge it."""
    settings.building_db.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.building_db)) as db:
        db.execute(f"create schema if not exists marts; create table marts.fct_calls as {rows}")
    results = check_marts(settings, [CALLS], OCTOBER, "published/audit")
    return {result.name: result for result in results}


def usual(**changed: str) -> str:
    return calls("2026-10", 200, **{"kind": KINDS} | changed)


def failed(results: dict[str, CheckResult]) -> dict[str, list[str]]:
    return {name: result.failing_keys for name, result in results.items() if not result.passed}


def test_a_usual_month_passes_every_declared_check(settings: Settings) -> None:
    results = build(settings, usual())
    assert failed(results) == {}
    assert list(results) == [line.name for line in MART_EXPECTATIONS]
    assert {name for name, result in results.items() if result.is_blocking} == {"volume"}
    assert results["volume"].observed == (
        "smallest 1.00 of what is usual (fct_calls: 200 rows after 200)"
    )
    assert all(r.observed != "nothing to judge" and r.remedy for r in results.values())
    assert not any("{" in r.threshold for r in results.values())


@pytest.mark.parametrize(("count", "fails"), [(100, []), (99, ["volume"])])
def test_a_month_that_lost_more_than_half_is_stopped(
    settings: Settings, count: int, fails: list[str]
) -> None:
    found = failed(build(settings, calls("2026-10", count, kind=KINDS)))
    assert [name for name in found if name == "volume"] == fails


def test_a_month_without_any_row_is_stopped(settings: Settings) -> None:
    nothing = f"select * from ({usual()}) where period_kind <> 'month'"
    assert failed(build(settings, nothing))["volume"] == ["fct_calls"]


@pytest.mark.parametrize(("count", "fails"), [(400, []), (401, ["rise"])])
def test_a_month_that_doubled_is_told(settings: Settings, count: int, fails: list[str]) -> None:
    found = failed(build(settings, calls("2026-10", count, kind=KINDS)))
    assert [name for name in found if name == "rise"] == fails


FAULTS: dict[str, tuple[str, list[str], Callable[[], str]]] = {
    "minutes became seconds": (
        "sums",
        ["fct_calls.call_minutes"],
        lambda: usual(minutes="300"),
    ),
    "minutes are lost": ("sums", ["fct_calls.call_minutes"], lambda: usual(minutes="0")),
    "the result is not filled any more": (
        "filled",
        ["fct_calls.result"],
        lambda: usual(result="if(n <= 61, null, 'yes')"),
    ),
    "calls are named anew": (
        "distribution",
        ["fct_calls.kind"],
        lambda: usual(kind="if(n % 3 = 0, 'meeting', 'telephone')"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_by_its_check_alone(settings: Settings, fault: str) -> None:
    name, keys, rows = FAULTS[fault]
    results = build(settings, rows())
    assert failed(results) == {name: keys}
    assert not results[name].is_blocking
    assert keys[0] in results[name].observed


@pytest.mark.parametrize(("meetings", "told"), [(2, "meeting by +17"), (6, "call by +16")])
def test_of_values_that_shift_alike_the_risen_one_is_named(
    settings: Settings, meetings: int, told: str
) -> None:
    found = build(settings, usual(kind=f"if(n % {meetings} = 0, 'meeting', 'call')"))
    assert f"fct_calls.kind, {told} points" in found["distribution"].observed


@pytest.mark.parametrize(("empty", "fails"), [(60, False), (61, True)])
def test_a_column_may_be_empty_as_far_as_the_threshold(
    settings: Settings, empty: int, fails: bool
) -> None:
    found = failed(build(settings, usual(result=f"if(n <= {empty}, null, 'yes')")))
    assert ("filled" in found) == fails


def test_differences_and_what_looks_back_have_no_usual_sum(tmp_path: Path) -> None:
    """A change on the month before, and rows about all months so far: both are no size."""
    found = small_settings(tmp_path, demo=Source(crm="onec"))

    def rows(number: int, month: str, minutes: str = "5") -> str:
        change = 3 if number % 2 else -1
        return f"""
            select calls.* replace (
                {change}::bigint as change_call_count,
                (close_month - to_months(back::integer))::date as event_month)
            from ({calls(month, 200, kind=KINDS, minutes=minutes)}) as calls
            cross join range({3 * number + 1}) as earlier(back)"""

    for number, month in enumerate(MONTHS):
        write_edition(found, month, rows(number, month))
    results = build(found, rows(4, "2026-10"))
    assert results["sums"].passed, results["sums"].observed
    with duckdb.connect(str(found.building_db)) as db:
        db.execute("drop table marts.fct_calls")
    lost = build(found, rows(4, "2026-10", minutes="0"))
    assert lost["sums"].failing_keys == ["fct_calls.call_minutes"]


def test_small_marts_and_first_months_are_not_judged(tmp_path: Path) -> None:
    first = small_settings(tmp_path / "first", demo=Source(crm="onec"))
    results = build(first, usual())
    assert {result.observed for result in results.values()} == {"nothing to judge"}
    small = small_settings(tmp_path / "small", demo=Source(crm="onec"))
    for month in MONTHS:
        write_edition(small, month, calls(month, 19))
    assert failed(build(small, calls("2026-10", 1, kind="'telephone'", result="null"))) == {}


def test_a_restated_edition_counts_and_later_months_do_not(settings: Settings) -> None:
    for month in MONTHS:
        write_edition(settings, month, calls(month, 1000), number=2)
    write_edition(settings, "2026-11", calls("2026-11", 150))
    assert "volume" in failed(build(settings, usual()))


def test_a_column_that_earlier_editions_lack_is_not_judged(settings: Settings) -> None:
    for path in settings.editions_dir.rglob("fct_calls.parquet"):
        with duckdb.connect() as db:
            db.execute(f"create table kept as select * exclude (kind) from '{path}'")
            path.unlink()
            db.execute(f"copy kept to '{path}' (format parquet)")
    assert failed(build(settings, usual())) == {}


def test_files_are_released(settings: Settings) -> None:
    build(settings, usual())
    with duckdb.connect(str(settings.building_db)) as db:
        db.execute("create table proof as select 1")
