"""JSON as web services give it: documents, pages, totals and errors; other names of columns."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.errors import CrmMartsError
from orchestration.raw import json_file, landing
from orchestration.raw.declared import RawTable, declared_table, tables_in_use
from orchestration.settings import Settings
from tests.sheets import ANN, BOB, COLUMNS, FIRST, SECOND, Sheets, counts

NAMES = COLUMNS.split(",")


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Absences as a web service would have them: rows under keys, other names of two columns."""

    def tables(settings: Settings, crm: str) -> dict[str, RawTable]:
        found = tables_in_use(settings, crm)
        aliases = {"managerId": "manager_id", "MANAGER": "manager_id", "reason": "kind"}
        found["absences"] = replace(
            found["absences"], aliases=aliases, rows_at=("result", "absences")
        )
        return found

    monkeypatch.setattr(landing, "tables_in_use", tables)
    yield


def row(manager: str, **cells: Any) -> dict[str, Any]:
    return {"manager_id": manager, "absent_from": "1", "absent_to": None, "kind": "ill", **cells}


def page(*managers: str, **keys: Any) -> dict[str, Any]:
    rows = [row(manager) for manager in managers]
    return {"result": {"absences": rows}, "time": {"start": 1.5}, **keys}


@pytest.mark.parametrize(
    ("document", "managers"),
    [
        pytest.param([row("ann"), row("bob")], [(1, "ann"), (2, "bob")], id="a list"),
        pytest.param(page("ann", "bob"), [(1, "ann"), (2, "bob")], id="a page"),
        pytest.param({"result": {"absences": row("ann")}}, [(1, "ann")], id="one record"),
        pytest.param(row("ann"), [(1, "ann")], id="a row itself"),
        pytest.param([], [], id="an empty list"),
        pytest.param({"result": []}, [], id="an empty record of PHP"),
        pytest.param({"result": {"absences": {}}}, [], id="an empty record"),
        pytest.param(page(total=0), [], id="a page without rows"),
        pytest.param(page("ann", total=0), [(1, "ann")], id="rows that nobody counted"),
        pytest.param(page("ann", "bob", total=2), [(1, "ann"), (2, "bob")], id="all of them"),
        pytest.param(page("ann", total="1"), [(1, "ann")], id="a total as text"),
    ],
)
def test_document_holds_rows(sheets: Sheets, document: Any, managers: list[Any]) -> None:
    text = "\ufeff" + json.dumps(document, ensure_ascii=False, indent=1)
    sheets.deliver_file("absences.json", text)
    (load,) = sheets.land()
    assert sheets.lines() == managers
    assert counts(load).get("delivered", 0) == len(managers)


def test_cells_of_documents_are_text(sheets: Sheets) -> None:
    text = '[{"manager_id": 12345678901234567890, "absent_from": 1.10, "absent_to": true, "kind": '
    sheets.deliver_file("absences.json", text + '{"б": [1, "\\ud83d\\ude00"]}}]')
    sheets.land()
    assert sheets.query(f"select {COLUMNS} from raw_files.absences") == [
        ("12345678901234567890", "1.10", "true", '{"б": [1, "😀"]}')
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"manager_id": ', r"broken JSON: Expecting value: line 1.* a broken line costs one row"),
        ("[" * 100_000, r"broken JSON: it is nested too deeply"),
        ('[{"manager_id": NaN}]', r"broken JSON: NaN is no number"),
        ('[{"manager_id": "\\uD83D"}]', r"row 1, 'utf-8' codec can't encode .* surrogates"),
        (f'[{json.dumps(row("ann"))}, "x"]', r"row 2, not an object"),
        (f"[{json.dumps(row(chr(0)))}]", r"row 1, a NUL character"),
        ('"rows"', r"no rows under result / absences\. It has no keys"),
        ('{"items": []}', r"no rows under result / absences\. It has the keys items\. .*rows_at"),
        ('{"result": {"absences": 3}}', r"no rows under result / absences"),
        ('{"error": "LIMIT"}', r"an error of the web service instead of rows: LIMIT\. Fetch it"),
        (
            '{"error": "LIMIT", "error_description": "Too many"}',
            r"instead of rows: LIMIT: Too many",
        ),
        (
            '{"odata.error": {"code": "8", "message": {"value": "No table"}}}',
            r'instead of rows: \{"code": "8", "message": \{"value": "No table"',
        ),
        ('[{"manager_id": "ann"}]', r"column absent_from, absent_to, kind is missing"),
        (
            '[{"manager_id": "ann", "managerId": "ann"}]',
            r"columns 'manager_id' and 'managerId' are one, manager_id\. Export each column once",
        ),
    ],
)
def test_document_is_refused(sheets: Sheets, text: str, message: str) -> None:
    path = sheets.deliver_file("absences.json", text)
    with pytest.raises(CrmMartsError, match=message) as refusal:
        sheets.land()
    assert refusal.value.place.startswith(str(path)) and refusal.value.remedy


def test_document_in_another_encoding_is_refused(sheets: Sheets) -> None:
    sheets.deliver_file("absences.json", '[\n{"kind": "отпуск"}]'.encode("cp1251"))
    with pytest.raises(CrmMartsError, match=r"json, line 2, byte 11: the text is not utf-8\."):
        sheets.land()


def test_large_document_is_refused(sheets: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_file, "MAX_DOCUMENT_BYTES", 1_000)
    sheets.deliver_file("absences.json", "[" + " " * 1_000 + "]")
    with pytest.raises(CrmMartsError, match=r"over 1,000 bytes. Export it as JSON Lines"):
        sheets.land()


@pytest.mark.parametrize(
    ("pages", "numbers"),
    [
        pytest.param([page("ann", "bob", total=3), page("eve", total=3)], (2, 3), id="two pages"),
        pytest.param([page("ann", total=2), page("bob", total=3), page("eve")], (3, 3), id="moves"),
        pytest.param([page("ann", total=1), page("bob", "eve", total=2)], (1, 2), id="requests"),
    ],
)
def test_pages_add_up_to_their_total(
    sheets: Sheets, pages: list[dict[str, Any]], numbers: tuple[int, int]
) -> None:
    lines = [json.dumps(each) for each in pages]
    sheets.deliver_file("absences.jsonl", "\n".join(lines))
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 3, "changed": 3}
    assert sheets.lines() == [(1, "ann"), (2, "bob"), (3, "eve")]


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ([page("ann", total=1_200), page("eve", total=1_200)], "say total 1,200, but hold 2 rows"),
        ([page("ann", total=2), page("bob", "eve", total=2)], "say total 2, but hold 3 rows"),
        ([page(total=2)], "say total 2, but hold 0 rows"),
        ([page("ann", total=3), page("bob", total=1)], "say total 1, but hold 2 rows"),
    ],
)
def test_pages_that_do_not_add_up_are_refused(
    sheets: Sheets, pages: list[dict[str, Any]], message: str
) -> None:
    path = sheets.deliver_file("absences.jsonl", "\n".join(map(json.dumps, pages)))
    with pytest.raises(CrmMartsError, match=f"is incomplete: its pages {message}.*all its pages"):
        sheets.land()
    sheets.deliver_file("absences.json", json.dumps(page("ann", total=2)))
    path.unlink()
    with pytest.raises(CrmMartsError, match=r"absences\.json: .* say total 2, but hold 1 rows"):
        sheets.land()


def test_lines_are_rows_or_pages(sheets: Sheets) -> None:
    broken = {"result": {"absences": [row("eve"), 5, row("\0")]}}
    lines = [row("ann"), page("bob", "cat"), page(), broken, row("dan"), row("\0"), [row("x")]]
    text = "\n".join(map(json.dumps, lines)) + '\n{"manager_id": Infinity}\n'
    sheets.deliver_file("absences.jsonl", text)
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 10, "changed": 5, "rejected": 5}
    assert sheets.lines() == [(1, "ann"), (2, "bob"), (3, "cat"), (4, "eve"), (7, "dan")]
    assert [(line, reason) for line, reason, _ in sheets.rejected()] == [
        (5, "broken JSON: not an object"),
        (6, "broken JSON: a NUL character"),
        (8, "broken JSON: a NUL character"),
        (9, "broken JSON: not an object"),
        (10, "broken JSON: Infinity is no number"),
    ]
    assert sheets.rejected()[0][2] == "5"


def test_an_error_among_lines_is_refused(sheets: Sheets) -> None:
    lines = [page("ann"), {"error": "LIMIT"}]
    sheets.deliver_file("absences.jsonl", "\n".join(map(json.dumps, lines)))
    with pytest.raises(CrmMartsError, match=r"jsonl, line 2: it holds an error .*: LIMIT"):
        sheets.land()


def parquet(rows: list[dict[str, str]]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def workbook(rows: list[dict[str, str]]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    for cells in (rows[0], *(row.values() for row in rows)):
        book.active.append(list(cells))
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "json", "parquet", "xlsx"])
def test_other_names_of_columns(sheets: Sheets, suffix: str) -> None:
    sheets.deliver(FIRST, ANN, BOB)
    rows = [dict(zip(NAMES, line.split(","), strict=True)) for line in (ANN, BOB)]
    other = {"manager_id": "managerId", "kind": "reason"}
    named = [{other.get(name, name): cell for name, cell in cells.items()} for cells in rows]
    contents: dict[str, str | bytes] = {
        "csv": "\n".join([",".join(named[0]), ANN, BOB]),
        "jsonl": "\n".join(map(json.dumps, named)),
        "json": json.dumps(named),
        "parquet": parquet(named),
        "xlsx": workbook(named),
    }
    sheets.deliver_file(f"absences.{suffix}", contents[suffix], SECOND)
    _, second = sheets.land()
    assert counts(second) == {"delivered": 2, "unchanged": 2}
    assert second.tables[0].unknown_columns == []


def test_two_names_of_one_column_are_refused(sheets: Sheets) -> None:
    sheets.deliver_file("absences.csv", "managerId,MANAGER,absent_from,absent_to,kind\n")
    message = r"line 1: columns 'managerId' and 'MANAGER' are one, manager_id"
    with pytest.raises(CrmMartsError, match=message):
        sheets.land()


def test_names_of_columns_heed_case(sheets: Sheets) -> None:
    sheets.deliver_file("absences.csv", "managerid,absent_from,absent_to,kind\n")
    with pytest.raises(CrmMartsError, match="column manager_id is missing"):
        sheets.land()


@pytest.mark.parametrize("alias", ["absent_to", "day"])
def test_a_name_stands_for_one_column(alias: str) -> None:
    columns = [
        {"name": "absent_from", "config": {"meta": {"aliases": ["day"]}}},
        {"name": "absent_to", "config": {"meta": {"aliases": [alias]}}},
    ]
    node = {"name": "absences", "columns": columns, "config": {"meta": {"key": ["absent_from"]}}}
    with pytest.raises(ValueError, match=rf"absences has two columns of name \['{alias}'\]"):
        declared_table("files", node)
