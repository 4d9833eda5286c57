"""A later version of the models reads the editions of an earlier one and publishes beside them."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.close.building import forget_other_code
from orchestration.close.cells import add_moves, keep_stage, write_changes
from orchestration.close.columns import describe_columns, fit_columns
from orchestration.close.edition import MANIFEST
from orchestration.close.marts import Mart, marts_of
from orchestration.close.publish import publish
from orchestration.dbt import parsed_project
from orchestration.errors import CrmMartsError
from orchestration.settings import Source
from tests.conftest import Installation
from tests.crm_files import (
    CALLS,
    ONE_CLIENT,
    settings_environment,
    small_settings,
    write_onec_load,
)
from tests.older_project import (
    ADDED_COLUMN,
    ADDED_MART,
    DROPPED_COLUMN,
    FORMER_LIST,
    FORMER_SETTING,
    SETTING,
    WIDENED,
    run_older,
    write_older_project,
)

SOURCE = '[sources.demo]\ncrm = "onec"\ntimezone = "Europe/Moscow"\n\n'
TYPES = {
    ("rpt_manager_load", "second_client_count"): "BIGINT",
    ("rpt_segment_sizes", "client_share"): "DECIMAL(18,4)",
}


def _call(day: str) -> dict[str, str]:
    return {
        "Ref_Key": day,
        "Date": f"{day}T11:00:00",
        "Состояние": "Завершено",
        "ВидВзаимодействия": "Контрольный звонок",
        "Ответственный_Key": "anna",
        "АбонентКонтакт": "romashka",
        "АбонентКонтакт_Type": "StandardODATA.Catalog_Партнеры",
        "Отвечен": "true",
        "ФактическоеНачало": f"{day}T11:00:00",
        "ДатаЗавершения": f"{day}T11:05:00",
    }


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A company whose March was closed by the earlier version; the present one takes over."""
    home = tmp_path_factory.mktemp("upgraded")
    company = Installation(home, settings_environment(home, SOURCE))
    loads = company.raw / "demo"
    write_onec_load(loads / "20260402T000000Z", ONE_CLIENT | {CALLS: [_call("2026-03-10")]})
    older = write_older_project(tmp_path_factory.mktemp("older"))
    closed = run_older(older, company, "close", "2026-03")
    assert closed.returncode == 0, closed.stdout + closed.stderr
    return company


def _manifest(company: Installation) -> dict[str, Any]:
    path = company.data / "editions" / "2026-03" / "001" / MANIFEST
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.deep
def test_the_edition_is_truly_an_earlier_one(upgraded: Installation) -> None:
    manifest = _manifest(upgraded)
    assert ADDED_MART not in manifest["marts"]
    assert FORMER_LIST in manifest["reference_lists"]
    rules = manifest["configuration"]["rules"]
    assert SETTING not in rules and FORMER_SETTING in rules
    folder = upgraded.data / "editions" / "2026-03" / "001"
    with duckdb.connect() as db:
        for (mart, column), kind in {**WIDENED, DROPPED_COLUMN: "bigint"}.items():
            columns = describe_columns(db, f"read_parquet('{folder / mart}.parquet')")
            assert columns[column].lower() == kind
        mart, column = ADDED_COLUMN
        assert column not in describe_columns(db, f"read_parquet('{folder / mart}.parquet')")


@pytest.mark.deep
def test_editions_alone_are_published_with_nulls_for_what_came_since(
    upgraded: Installation, tmp_path: Path
) -> None:
    shutil.copytree(upgraded.data / "editions", tmp_path / "data" / "editions")
    settings = small_settings(tmp_path, demo=Source(crm="onec", timezone="Europe/Moscow"))
    marts = marts_of(parsed_project(settings))
    publish(settings, marts)
    with Installation(tmp_path).published() as db:
        _expect_earlier_march(db)
        assert db.execute(f"from {ADDED_MART}").fetchall() == []
        for mart in (mart for mart in marts if mart.is_monthly):
            assert set(describe_columns(db, mart.name)) >= set(mart.columns)
            shown = db.execute(f"select count(*) from marts_history.{mart.name}").fetchall()
            assert shown == db.execute(f"select count(*) from {mart.name}").fetchall()
        assert db.execute("from rpt_restatements").fetchall() == []
        undescribed = db.execute(
            """select table_name, column_name from duckdb_columns()
               where schema_name in ('marts', 'serving') and comment is null"""
        ).fetchall()
        assert undescribed == []


def _expect_earlier_march(db: duckdb.DuckDBPyConnection) -> None:
    """March as the earlier version closed it, in the columns of the present one."""
    mart, column = ADDED_COLUMN
    march = "close_month = date '2026-03-01'"
    [(rows, filled)] = db.execute(
        f"select count(*), count({column}) from {mart} where {march}"
    ).fetchall()
    assert rows and not filled
    mart, column = DROPPED_COLUMN
    [(rows, filled)] = db.execute(
        f"select count(*), count({column}) from {mart} where {march}"
    ).fetchall()
    assert rows and filled == rows
    for (mart, column), kind in TYPES.items():
        assert describe_columns(db, mart)[column] == kind


@pytest.mark.deep
def test_the_present_version_shows_closes_and_restates_beside_it(upgraded: Installation) -> None:
    status = upgraded.run("status")
    assert "2026-03: edition 1, published" in status.stdout, status.stderr
    found = upgraded.run("recheck")
    assert "1 restatements found" in found.stdout, found.stdout + found.stderr
    shown = upgraded.run("restatements").stdout
    causes = set(re.findall(r"^  (\w+): \d+ cells, (.+)$", shown, re.MULTILINE))
    changed = {ADDED_COLUMN[0], ADDED_MART, DROPPED_COLUMN[0]}
    assert causes == {(mart, "code") for mart in changed}

    calls = [_call("2026-03-10"), _call("2026-04-10")]
    write_onec_load(upgraded.raw / "demo" / "20260502T000000Z", ONE_CLIENT | {CALLS: calls})
    upgraded.close("2026-04")
    with upgraded.published() as db:
        _expect_earlier_march(db)
        mart, column = ADDED_COLUMN
        assert not db.execute(
            f"""select * from {mart}
                where close_month = date '2026-04-01' and {column} is null"""
        ).fetchall()
        assert {
            cause
            for (cause,) in db.execute(
                "select cause from rpt_restatements where restated_month = '2026-03'"
            ).fetchall()
        } == {"code"}


@pytest.mark.deep
def test_a_replay_of_the_earlier_edition_names_the_code(upgraded: Installation) -> None:
    replayed = upgraded.run("replay", "2026-03", "--edition", "1")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    differing = ", ".join(sorted([ADDED_COLUMN[0], ADDED_MART, DROPPED_COLUMN[0]]))
    assert f"other rows in {differing}; cause code: made by " in replayed.stdout


@pytest.mark.deep
def test_the_restatement_by_code_is_published(upgraded: Installation) -> None:
    restated = upgraded.run("restate", "2026-03")
    assert "2026-03: edition 2 published" in restated.stdout, restated.stderr
    mart, column = ADDED_COLUMN
    with upgraded.published() as db:
        shown = db.execute(
            f"""select edition, count(*) = count({column}) from marts_history.{mart}
                where close_month = date '2026-03-01' group by all order by all"""
        ).fetchall()
        assert shown == [(1, False), (2, True)]
        assert db.execute(
            f"select count(*) > 0 from {ADDED_MART} where close_month = date '2026-03-01'"
        ).fetchall() == [(True,)]
        mart, column = DROPPED_COLUMN
        assert db.execute(
            f"""select edition, count(*) = count({column}) from marts_history.{mart}
                where close_month = date '2026-03-01' group by all order by all"""
        ).fetchall() == [(1, True), (2, False)]
    assert "0 restatements found" in upgraded.run("recheck").stdout


def _fitted(kind: str, values: str, other_kind: str, others: str) -> list[tuple[Any, ...]]:
    """A published column of one type into which rows of another come."""
    with duckdb.connect() as db:
        db.execute(f"create table target as select cast(unnest({values}) as {kind}) as figure")
        db.execute(f"create table rows as select cast(unnest({others}) as {other_kind}) as figure")
        fit_columns(db, "target", "rows")
        db.execute("insert into target by name from rows")
        found: list[tuple[Any, ...]] = db.execute(
            "select cast(figure as varchar) from target order by 1"
        ).fetchall()
        return found


@pytest.mark.parametrize(
    ("kind", "values", "other_kind", "others", "expected"),
    [
        ("integer", [1], "bigint", [3_000_000_000], ["1", "3000000000"]),
        ("bigint", [3_000_000_000], "integer", [1], ["1", "3000000000"]),
        ("decimal(18,2)", [0.25], "decimal(18,4)", [0.1234], ["0.1234", "0.2500"]),
        ("decimal(18,4)", [0.1234], "decimal(18,2)", [0.25], ["0.1234", "0.2500"]),
        ("integer", [1], "decimal(18,2)", [0.25], ["0.25", "1.00"]),
        ("integer", [1], "varchar", ["one"], ["1", "one"]),
    ],
)
def test_a_column_of_another_type_holds_old_and_new_values_as_they_are(
    kind: str, values: list[object], other_kind: str, others: list[object], expected: list[str]
) -> None:
    found = _fitted(kind, str(values), other_kind, str(others))
    assert found == [(text,) for text in expected]


@pytest.mark.parametrize(
    ("kind", "values", "other_kind", "others"),
    [
        ("date", ["2026-03-01"], "boolean", [True]),
        ("decimal(38,0)", [10**37], "decimal(38,10)", [0.25]),
    ],
)
def test_a_column_that_no_type_holds_is_named(
    kind: str, values: list[object], other_kind: str, others: list[object]
) -> None:
    with pytest.raises(CrmMartsError, match=r"target, figure: .* no type holds"):
        _fitted(kind, str(values), other_kind, str(others))


def test_changes_between_versions_of_a_mart_have_the_code_as_their_cause(tmp_path: Path) -> None:
    """Columns that came (with 0, too), went, became wider, and became another thing."""
    mart = Mart(
        "marts", "rpt", ("day",), ("day",), is_monthly=True, description="", columns={}, types={}
    )
    older = "select 1 as day, 5::integer as kept_count, 7::bigint as gone_count, 3 as code"
    newer = """select 1 as day, 5::bigint as kept_count, 9::bigint as new_count, 'c' as code,
        0::bigint as zero_count"""
    with duckdb.connect() as db:
        keep_stage(db, "older", [mart], {"rpt": older})
        keep_stage(db, "newer", [mart], {"rpt": newer})
        add_moves(db, "older", "newer", [mart], "code")
        path = str(tmp_path / "changes.parquet")
        write_changes(db, "older", "newer", [mart], path)
        found = db.execute(
            "select column_name, cause, delta from read_parquet(?) order by all", [path]
        ).fetchall()
    assert found == [
        ("code", "code", None),
        ("gone_count", "code", -7),
        ("new_count", "code", 9),
        ("zero_count", "code", None),
    ]


def test_marts_being_built_are_kept_for_the_version_that_builds_them(tmp_path: Path) -> None:
    settings = small_settings(tmp_path, demo=Source(crm="onec"))
    settings.warehouse_dir.mkdir(parents=True)
    settings.building_db.touch()
    forget_other_code(settings)  # of nobody knows which version
    assert not settings.building_db.exists()
    settings.building_db.touch()
    forget_other_code(settings)
    assert settings.building_db.exists()
    settings.building_db.with_suffix(".version").write_text("another one", encoding="utf-8")
    forget_other_code(settings)
    assert not settings.building_db.exists()
