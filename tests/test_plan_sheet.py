"""The contact plan as an Excel sheet: landed, checked and brought to the contract."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from orchestration.errors import CrmMartsError
from orchestration.raw.landing import land
from orchestration.raw.workbook import MAX_UNPACKED_BYTES
from orchestration.settings import Settings, Source
from tests.crm_files import small_settings

HEADER = [
    *("plan_id", "plan_version", "approved_at", "period_start", "period_end", "manager_id"),
    *("client_id", "interaction_kind", "interaction_group", "planned_count"),
]
LINE: list[Any] = [
    *("2026-10-001", 1, datetime(2026, 9, 28, 12, 30), date(2026, 10, 1), date(2026, 11, 1)),
    *("demo:Anna", "demo:Romashka", "call", None, 3),
]
LOAD = "20261002T001000Z"


def _write(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_settings(tmp_path, plans=Source(crm="files", timezone="Europe/Moscow"))


def _sheet(settings: Settings, load: str = LOAD) -> Path:
    return settings.raw_dir / "plans" / load / "contact_plans.xlsx"


def _rows(settings: Settings, columns: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.history_db), read_only=True) as db:
        query = f"select {columns} from raw_files.contact_plans order by _extracted_at, _line"
        rows: list[tuple[Any, ...]] = db.execute(query).fetchall()
    return rows


def test_cells_become_the_text_that_a_csv_would_have(settings: Settings) -> None:
    _write(_sheet(settings), {"План на октябрь": [HEADER, LINE]})
    [load] = land(settings)
    assert [(table.delivered, table.rejected) for table in load.tables] == [(1, 0)]
    assert _rows(settings, f"_line, {', '.join(HEADER)}") == [
        (
            *(2, "2026-10-001", "1", "2026-09-28T12:30:00", "2026-10-01", "2026-11-01"),
            *("demo:Anna", "demo:Romashka", "call", None, "3"),
        )
    ]


def test_empty_rows_and_columns_around_the_table_do_not_matter(settings: Settings) -> None:
    rows: list[list[Any]] = [
        [None],
        [*HEADER, None, " "],
        [*LINE, None, None],
        [None, " "],
        LINE[:1],
    ]
    _write(_sheet(settings), {"Лист1": rows})
    [load] = land(settings)
    assert load.tables[0].delivered == 2
    assert _rows(settings, "_line, plan_version") == [(3, "1"), (5, None)]


def test_a_later_version_of_a_line_is_another_row(settings: Settings) -> None:
    _write(_sheet(settings), {"contact_plans": [HEADER, LINE], "Комментарии": [["для себя"]]})
    amended = [LINE[0], 2, datetime(2026, 10, 12, 9), *LINE[3:9], 5]
    later = _sheet(settings, "20261102T001000Z")
    _write(later, {"contact_plans": [HEADER, LINE, amended]})
    first, second = land(settings)
    assert first.tables[0].changed == 1
    assert (second.tables[0].changed, second.tables[0].unchanged) == (1, 1)
    assert _rows(settings, "plan_version, planned_count") == [("1", "3"), ("2", "5")]


def test_a_row_wider_than_the_header_is_rejected_with_its_number(settings: Settings) -> None:
    _write(_sheet(settings), {"Лист1": [HEADER, LINE, [*LINE, None, "сверху"]]})
    land(settings)
    with duckdb.connect(str(settings.history_db), read_only=True) as db:
        [(line, reason, raw)] = db.execute(
            "select line_number, reason, raw_row from landing.rejected_lines"
        ).fetchall()
    assert (line, reason) == (3, "broken line: 12 cells where the header has 10")
    assert "сверху" in raw


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        ({"a": [HEADER], "b": [HEADER]}, "none of the sheets a, b is named contact_plans"),
        ({"a": []}, "the file has no header"),
        (
            {"a": [[name for name in HEADER if name != "manager_id"]]},
            "column manager_id is missing",
        ),
        ({"a": [[*HEADER, "plan_id"]]}, "column 'plan_id' stands twice"),
    ],
)
def test_a_sheet_that_is_no_plan_is_refused(
    settings: Settings, sheets: dict[str, list[list[Any]]], message: str
) -> None:
    path = _write(_sheet(settings), sheets)
    with pytest.raises(CrmMartsError, match=message) as error:
        land(settings)
    assert str(path) in str(error.value)
    assert not (settings.history_dir / "plans" / LOAD).exists()


def test_what_is_no_workbook_is_refused(settings: Settings) -> None:
    path = _sheet(settings)
    path.parent.mkdir(parents=True)
    whole = _write(path.with_name("_whole.xlsx"), {"a": [HEADER, LINE]}).read_bytes()
    for content in (b"plan_id;plan_version\n", whole[:-40], b"PK\x03\x04"):
        path.write_bytes(content)
        with pytest.raises(CrmMartsError, match="the workbook cannot be read"):
            land(settings)


def test_a_workbook_that_unpacks_beyond_measure_is_refused(settings: Settings) -> None:
    path = _write(_sheet(settings), {"a": [HEADER, LINE]})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/bomb.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(MAX_UNPACKED_BYTES // 10_000_000 + 1):
            member.write(b" " * 10_000_000)
    assert path.stat().st_size < 2_000_000
    with pytest.raises(CrmMartsError, match="unpacks to"):
        land(settings)
