"""Landing: what of a delivered load is kept, rejected with a reason, or refused with a remedy."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.errors import CrmMartsError
from orchestration.raw import csv_records
from orchestration.raw.declared import declared_tables
from orchestration.raw.files import read_rows
from orchestration.raw.landing import land, landed_loads
from orchestration.settings import Source
from tests.crm_files import CALLS, small_settings, write_onec_load
from tests.sheets import ANN, BOB, COLUMNS, EVE, FIRST, SECOND, THIRD, Sheets, counts, raw_file


def parquet(**columns: Any) -> bytes:
    """Bytes of a Parquet file; a column that is not given holds texts."""
    cells = {name: ["x"] for name in COLUMNS.split(",")} | columns
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(cells), sink)
    written: bytes = sink.getvalue().to_pybytes()
    return written


# What is wrong with a whole file: refused with file, line, column and remedy.


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param(
            "absences.csv",
            "",
            r"absences\.csv: the file is empty.* Export it again\.",
            id="no bytes",
        ),
        pytest.param(
            "absences.jsonl", "", r"absences\.jsonl: the file is empty", id="no bytes of JSON"
        ),
        pytest.param(
            "absences.csv",
            "\n\r\n\n",
            r"absences\.csv, line 1: the file has no header\. Export it again",
            id="blank lines alone",
        ),
        pytest.param(
            "absences.csv",
            "manager_id,absent_from,absent_to\n",
            r"absences\.csv, line 1: column kind is missing\. The file has manager_id, .* or mark "
            "it optional in the CRM's sources file",
            id="missing column",
        ),
        pytest.param(
            "absences.jsonl",
            '{"manager_id": "ann", "absent_from": "2026-10-01", "kind": null}\n',
            r"absences\.jsonl, line 1: column absent_to is missing",
            id="missing column of JSON",
        ),
        pytest.param(
            "absences.csv",
            f"{COLUMNS},kind\n",
            r"absences\.csv, line 1: column 'kind' stands twice.* Export each column once",
            id="column twice",
        ),
        pytest.param(
            "absences.csv",
            COLUMNS.replace(",", ";") + "\n",
            r"absences\.csv, line 1: the header is one single cell.* delimiter = \";\"",
            id="other delimiter",
        ),
        pytest.param(
            "absences.csv",
            f'manager_id,"absent_from,absent_to,kind\n{ANN}\n',
            r"absences\.csv, line 1: the header cannot be read, broken line: unexpected end",
            id="open quote in the header",
        ),
        pytest.param(
            "absences.csv",
            f"{COLUMNS}\n{ANN}\nbob,2026-",
            r"absences\.csv, line 3: the file ends in the middle of a row.* deliver it again",
            id="CSV cut off",
        ),
        pytest.param(
            "absences.csv",
            f'{COLUMNS}\n{ANN}\nbob,2026-10-01,,"ill,\nor n',
            r"absences\.csv, line 4: the file ends in the middle of a row",
            id="CSV cut off within quotes",
        ),
        pytest.param(
            "absences.jsonl",
            '{"manager_id": "ann"}\n{"manager_id": "b',
            r"absences\.jsonl, line 2: the file ends in the middle of a row.* deliver it again",
            id="JSON lines cut off",
        ),
        pytest.param(
            "absences.csv",
            f"{COLUMNS}\n{ANN}\nbob,2026-10-01,,отпуск\n".encode("cp1251"),
            r"absences\.csv, line 3, byte 17: the text is not utf-8\. .*encoding = \"cp1251\"",
            id="wrong encoding",
        ),
        pytest.param(
            "absences.jsonl",
            '{"manager_id": "Аня"}\n'.encode("cp1251"),
            r"absences\.jsonl, line 1, byte 17: the text is not utf-8\. JSON is UTF-8",
            id="wrong encoding of JSON",
        ),
        pytest.param(
            "absences.parquet",
            b"PAR1 is not enough",
            r"absences\.parquet: the Parquet file cannot be read: .*Export it again",
            id="no Parquet",
        ),
        pytest.param(
            "absences.parquet",
            parquet(kind=[b"\xff"]),
            r"absences\.parquet: the Parquet file cannot be read: Invalid UTF8",
            id="Parquet with bytes that are no text",
        ),
    ],
)
def test_unreadable_file_is_refused(
    sheets: Sheets, name: str, content: str | bytes, message: str
) -> None:
    path = sheets.deliver_file(name, content)
    with pytest.raises(CrmMartsError, match=message) as refusal:
        sheets.land()
    assert str(path) in str(refusal.value) and refusal.value.remedy
    assert landed_loads(sheets.settings) == []


def test_after_the_repair_the_same_load_lands(sheets: Sheets) -> None:
    sheets.deliver_file("absences.csv", "")
    with pytest.raises(CrmMartsError):
        sheets.land()
    sheets.deliver(FIRST, ANN)
    assert [counts(load) for load in sheets.land()] == [{"delivered": 1, "changed": 1}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("absences.csv", f"{COLUMNS}\n"),
        ("absences.csv", COLUMNS),
        ("absences.jsonl", "\n"),
        (
            "absences.parquet",
            parquet(**{name: pa.array([], "string") for name in COLUMNS.split(",")}),
        ),
    ],
)
def test_table_without_rows_is_no_error(sheets: Sheets, name: str, content: str | bytes) -> None:
    sheets.deliver_file(name, content)
    (load,) = sheets.land()
    assert load.complete and counts(load) == {}
    assert sheets.lines() == []


# What is wrong with a line: it is rejected, the others are read.


@pytest.mark.parametrize(
    ("content", "rows", "rejected"),
    [
        pytest.param(
            f"{COLUMNS}\n{ANN},more\n{BOB}\n",
            [(3, "bob")],
            [(2, "broken line: 5 cells where the header has 4", f"{ANN},more")],
            id="a cell too many",
        ),
        pytest.param(
            f"{COLUMNS}\n{ANN}\nbob\n",
            [(2, "ann")],
            [(3, "broken line: 1 cells where the header has 4", "bob")],
            id="cells too few",
        ),
        pytest.param(
            f'{COLUMNS}\nann,"2026-10-01"1,,\n{BOB}\n',
            [(3, "bob")],
            [(2, "broken line: ',' expected after '\"'", 'ann,"2026-10-01"1,,')],
            id="text after the closing quote",
        ),
        pytest.param(
            f'{COLUMNS}\nann,2026-10-01,,"ill\n{BOB}\n"eve",2026-10-05,,\n',
            [(3, "bob"), (4, "eve")],
            [(2, "broken line: ',' expected after '\"'", 'ann,2026-10-01,,"ill')],
            id="a stray quote before other quotes",
        ),
        pytest.param(
            f'{COLUMNS}\nann,2026-10-01,,"ill\n{BOB}',
            [(3, "bob")],
            [(2, "broken line: unexpected end of data", 'ann,2026-10-01,,"ill')],
            id="a stray quote to the end of the file",
        ),
        pytest.param(
            f'{COLUMNS}\nann,2026-10-01,,"ill,\nor ""not""\n"\n{BOB}\nbroken\n{EVE}\n',
            [(2, "ann"), (5, "bob"), (7, "eve")],
            [(6, "broken line: 1 cells where the header has 4", "broken")],
            id="quoted line breaks keep the numbers of lines",
        ),
        pytest.param(
            f'{COLUMNS}\r\nann,2026-10-01,,"ill\r\n"\r\n\r\n{BOB}\r\nbroken\r\n',
            [(2, "ann"), (5, "bob")],
            [(6, "broken line: 1 cells where the header has 4", "broken")],
            id="CRLF and a blank line",
        ),
        pytest.param(f"\ufeff{COLUMNS}\n{ANN}\n", [(2, "ann")], [], id="byte order mark"),
        pytest.param(f"\n{COLUMNS}\n{ANN}", [(3, "ann")], [], id="blank line before the header"),
        pytest.param(
            f"{COLUMNS}\n{ANN}{'!' * 10**6}\n{BOB}", [(2, "ann"), (3, "bob")], [], id="long"
        ),
    ],
)
def test_broken_line_costs_one_line(
    sheets: Sheets, content: str, rows: list[Any], rejected: list[Any]
) -> None:
    sheets.deliver_file("absences.csv", content)
    (load,) = sheets.land()
    assert sheets.lines() == rows
    assert sheets.rejected() == rejected
    assert counts(load)["delivered"] == len(rows) + len(rejected)


def test_stray_quote_gives_up_after_so_many_lines(
    sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_records, "MAX_LINES_PER_RECORD", 20)
    quiet = [f"m{number},2026-10-01,," for number in range(50)]
    sheets.deliver(FIRST, 'ann,2026-10-01,,"ill', *quiet, 'bob,2026-10-01,,"ill', *quiet)
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 102, "changed": 50, "exact_duplicates": 50, "rejected": 2}
    assert [(line, reason) for line, reason, _ in sheets.rejected()] == [
        (2, "broken line: a quote is opened and not closed"),
        (53, "broken line: a quote is opened and not closed"),
    ]


def test_cell_beyond_all_measure_is_rejected(
    sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_records, "MAX_CELL_CHARACTERS", 1000)
    sheets.deliver(FIRST, f"{ANN}{'!' * 1000}", BOB)
    sheets.land()
    assert sheets.lines() == [(3, "bob")]
    assert [reason for _, reason, _ in sheets.rejected()] == [
        "broken line: field larger than field limit (1000)"
    ]


def test_broken_json_line_costs_one_line(sheets: Sheets) -> None:
    lines = [
        '{"manager_id": "ann", "absent_from": "1", "absent_to": null, '
        '"kind": ["ill", {"days": 2}]}',
        '{"manager_id": "bob", ',
        '["bob", "1"]',
        "",
        '{"manager_id": "\\ud83d"}',
        "[" * 100_000,
        '{"manager_id": 12345678901234567890, "absent_from": 1.10, "kind": true}\r',
    ]
    sheets.deliver_file("absences.jsonl", "\ufeff" + "\n".join(lines))
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 6, "changed": 2, "rejected": 4}
    assert sheets.query(
        "select _line, manager_id, absent_from, absent_to, kind from raw_files.absences order by 1"
    ) == [
        (1, "ann", "1", None, '["ill", {"days": 2}]'),
        (7, "12345678901234567890", "1.10", None, "true"),
    ]
    assert [(line, reason.split(":")[0]) for line, reason, _ in sheets.rejected()] == [
        (line, "broken JSON") for line in (2, 3, 5, 6)
    ]
    assert sheets.rejected()[0][2] == lines[1]


def test_parquet_types_become_text(tmp_path: Path) -> None:
    source = Source(crm="files", timezone="Asia/Omsk")
    sheets = Sheets(small_settings(tmp_path, sheets=source))
    moment = datetime(2026, 10, 1, 12, tzinfo=timezone(timedelta(hours=3)))
    content = parquet(
        manager_id=pa.array([b"ann", b"bob", b"eve"]),
        absent_from=[date(2026, 10, 1), None, None],
        absent_to=pa.array([moment, None, None], pa.timestamp("ns", "Europe/Moscow")),
        kind=pa.array([1.0, 2.5, None]),
        flag=[True, None, None],
        amount=[Decimal("1.10"), None, None],
        local=[datetime(2026, 10, 1, 12), None, None],
        tags=[["a", "b"], None, []],
    )
    sheets.deliver_file("absences.parquet", content)
    sheets.land()
    assert sheets.query(
        "select * exclude (_source, _load_id, _extracted_at, _file, _key, "
        "_row_hash, _gone_at) from raw_files.absences order by _line"
    ) == [
        (1, "ann", "2026-10-01", "2026-10-01 15:00:00.000000", "1"),
        (2, "bob", None, None, "2.5"),
        (3, "eve", None, None, None),
    ]
    assert extras(sheets) == [
        {
            "flag": "true",
            "amount": "1.10",
            "local": "2026-10-01 12:00:00.000000",
            "tags": '["a", "b"]',
        },
        None,
        {"tags": "[]"},
    ]


def extras(sheets: Sheets, load: str = FIRST) -> list[Any]:
    """Unknown cells of each kept row, by line."""
    kept = sheets.settings.history_dir / "sheets" / load / "absences.parquet"
    cells = duckdb.sql(f"select _extra from '{kept}' order by _line").fetchall()
    return [json.loads(cell) if cell else None for (cell,) in cells]


def test_source_names_its_encoding_and_delimiter(tmp_path: Path) -> None:
    source = Source(crm="files", encoding="cp1251", delimiter=";")
    sheets = Sheets(small_settings(tmp_path, sheets=source))
    text = COLUMNS.replace(",", ";") + "\nАня;2026-10-01;;больна; дома\n"
    sheets.deliver_file("absences.csv", text.replace("; дома", ", дома").encode("cp1251"))
    sheets.land()
    assert sheets.query("select manager_id, kind from raw_files.absences") == [
        ("Аня", "больна, дома")
    ]


@pytest.mark.parametrize("encoding", ["UTF-8", "utf8", "utf-8-sig"])
def test_byte_order_mark_is_no_part_of_the_header(tmp_path: Path, encoding: str) -> None:
    sheets = Sheets(small_settings(tmp_path, sheets=Source(crm="files", encoding=encoding)))
    sheets.deliver_file("absences.csv", f"\ufeff{COLUMNS}\n{ANN}\n")
    sheets.land()
    assert sheets.lines() == [(2, "ann")]


# Keys, duplicates and unknown columns.


def test_of_one_key_the_last_row_stays(sheets: Sheets) -> None:
    sheets.deliver(FIRST, "ann,2026-10-01,,1", "ann,2026-10-01,,2", "ann,2026-10-01,,1", BOB, BOB)
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 5, "changed": 2, "exact_duplicates": 2, "rejected": 1}
    assert sheets.stretches() == [("ann", "1", 10, None), ("bob", "", 10, None)]
    ((line, reason, raw),) = sheets.rejected()
    assert (line, reason) == (3, "duplicate key")
    assert json.loads(raw) == dict(
        zip(COLUMNS.split(","), ["ann", "2026-10-01", "", "2"], strict=True)
    )


def test_rows_without_a_key_are_kept_for_the_quarantine(sheets: Sheets) -> None:
    sheets.deliver(FIRST, ",2026-10-01,,1", " ,2026-10-01,,2", "ann,,,1", ",2026-10-01,,1")
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 4, "changed": 3, "exact_duplicates": 1}


def test_unknown_columns_are_kept_and_reported(sheets: Sheets) -> None:
    text = f"{COLUMNS},Комментарий,empty\n{ANN},звонил,\n{BOB},,\n"
    sheets.deliver_file("absences.csv", text)
    (load,) = sheets.land()
    assert extras(sheets) == [{"Комментарий": "звонил"}, None]
    landed = sheets.settings.history_dir / "sheets" / FIRST / "landed.json"
    (table,) = json.loads(landed.read_text(encoding="utf-8"))["tables"]
    assert table["unknown_columns"] == load.tables[0].unknown_columns == ["Комментарий", "empty"]
    assert sheets.reported[1:] == [
        f"sheets/{FIRST}, absences: no report reads Комментарий, empty; kept aside, declare it in "
        "_files__sources.yml to use it"
    ]


def test_what_was_rejected_is_told(sheets: Sheets) -> None:
    sheets.deliver(FIRST, ANN, "broken")
    sheets.land()
    assert sheets.reported == [
        f"landed sheets/{FIRST}: complete, 2 rows, 1 new or changed, "
        "1 rejected (crm-marts quarantine)"
    ]


def test_edit_of_an_unknown_column_is_a_change_unless_ignored(sheets: Sheets) -> None:
    path = sheets.deliver_file("absences.csv", f"{COLUMNS},more\n{ANN},1\n")
    table = declared_tables("files")["absences"]
    for ignores, expected in ((False, '{"more": "1"}'), (True, None)):
        file = raw_file(path, replace(table, ignores_other_columns=ignores))
        assert [c for chunk in read_rows(file) for c in chunk["_extra"].to_pylist()] == [expected]


# Loads: names, times, manifests and tables.


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ("{", "Invalid JSON"),
        ('{"complete": "perhaps"}', "complete: Input should be a valid boolean"),
        ('{"extracted": "2026-10-01"}', "extracted: Extra inputs are not permitted"),
        ('{"extracted_at": "yesterday"}', "extracted_at: Input should be a valid datetime"),
        ("[]", "Input should be an object"),
    ],
)
def test_malformed_manifest_is_refused(sheets: Sheets, manifest: str, problem: str) -> None:
    sheets.deliver(FIRST, ANN)
    sheets.deliver_file("_load.json", manifest)
    with pytest.raises(CrmMartsError, match=rf"_load\.json: .*{problem}.* It looks like"):
        sheets.land()


def test_manifest_may_have_a_byte_order_mark(sheets: Sheets) -> None:
    sheets.deliver("october", ANN)
    sheets.deliver_file(
        "_load.json", '\ufeff{"extracted_at": "2026-10-01T03:00:00+03:00"}', load="october"
    )
    (load,) = sheets.land()
    assert load.extracted_at.isoformat() == "2026-10-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("load", "message"),
    [
        ("october", "says nowhere when it was extracted. Name the folder by the UTC time"),
        ("20261301T000000Z", "says nowhere when it was extracted"),
        ("2026-10-01 o'clock", "the name of the load is not plain.* Rename the folder"),
    ],
)
def test_load_without_a_time_is_refused(sheets: Sheets, load: str, message: str) -> None:
    sheets.deliver(load, ANN)
    with pytest.raises(CrmMartsError, match=message):
        sheets.land()


@pytest.mark.parametrize("name", ["absence.csv", "absences.xls", "absences.CSV", "note.txt"])
def test_undeclared_file_is_refused(sheets: Sheets, name: str) -> None:
    path = sheets.deliver_file(name, "x")
    with pytest.raises(CrmMartsError, match="declared tables are contact_plans, absences") as error:
        sheets.land()
    assert error.value.place == str(path)


def test_table_delivered_twice_is_refused(sheets: Sheets) -> None:
    sheets.deliver(FIRST, ANN)
    sheets.deliver_file("absences.jsonl", "{}\n")
    with pytest.raises(CrmMartsError, match=r"absences is delivered twice, also as absences\.csv"):
        sheets.land()


@pytest.mark.parametrize(
    ("complete", "listed", "is_refused"),
    [(True, None, True), (None, None, True), (False, None, True), (False, [], False)],
)
def test_missing_table_is_refused(
    tmp_path: Path, complete: bool | None, listed: list[str] | None, is_refused: bool
) -> None:
    settings = small_settings(tmp_path, demo=Source(crm="onec"))
    folder = settings.raw_dir / "demo" / FIRST
    write_onec_load(folder, {})
    (folder / f"{CALLS}.csv").unlink()
    manifest = {"complete": complete, "tables": listed}
    (folder / "_load.json").write_text(json.dumps(manifest), encoding="utf-8")
    if is_refused:
        message = f'{FIRST}: table {CALLS} is missing.* Export it again; or, .*"complete": false'
        with pytest.raises(CrmMartsError, match=message):
            land(settings)
    else:
        assert len(land(settings)) == 1


def test_table_that_the_manifest_names_has_to_be_there(sheets: Sheets) -> None:
    sheets.deliver(FIRST, ANN, tables=["absences", "contact_plans"])
    with pytest.raises(CrmMartsError, match="table contact_plans is missing"):
        sheets.land()


def test_source_without_a_folder_is_refused(sheets: Sheets) -> None:
    with pytest.raises(
        CrmMartsError, match=r"source sheets has no folder .*Deliver its loads there"
    ):
        sheets.land()


def kept_bytes(sheets: Sheets) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in sheets.settings.history_dir.rglob("*") if p.is_file()}


def test_same_load_landed_twice_changes_nothing(sheets: Sheets) -> None:
    sheets.deliver(FIRST, ANN, "broken")
    assert len(sheets.land()) == 1
    before = kept_bytes(sheets)
    assert sheets.land() == []
    assert kept_bytes(sheets) == before


def test_same_rows_in_a_later_load_are_unchanged(sheets: Sheets) -> None:
    sheets.deliver(FIRST, BOB)
    text = '{"manager_id": "bob", "absent_from": "2026-10-01", "absent_to": null, "kind": " "}\n'
    sheets.deliver_file("absences.jsonl", text.replace(" ", "", 8).replace('" "', "null"), SECOND)
    assert [counts(load) for load in sheets.land()] == [
        {"delivered": 1, "changed": 1},
        {"delivered": 1, "unchanged": 1},
    ]


@pytest.mark.parametrize(
    ("lines", "manifest", "message"),
    [
        ((ANN, BOB), {}, "its files were changed since"),
        ((ANN,), {"complete": False}, r"_load\.json says otherwise now"),
        ((ANN,), {"extracted_at": "2026-10-02"}, r"_load\.json says otherwise now"),
    ],
)
def test_changed_load_is_refused(
    sheets: Sheets, lines: tuple[str, ...], manifest: dict[str, Any], message: str
) -> None:
    sheets.deliver(FIRST, ANN)
    sheets.land()
    before = kept_bytes(sheets)
    sheets.deliver(FIRST, *lines, **manifest)
    with pytest.raises(CrmMartsError, match=f"landed already, but {message}.* as a new load"):
        sheets.land()
    assert kept_bytes(sheets) == before


@pytest.mark.parametrize("extracted_at", ["2026-10-31T23:59:59Z", "2026-11-01T03:00:00+03:00"])
def test_load_out_of_order_is_refused(sheets: Sheets, extracted_at: str) -> None:
    sheets.deliver(SECOND, ANN)
    sheets.land()
    sheets.deliver("late", ANN, extracted_at=extracted_at)
    with pytest.raises(CrmMartsError, match="Loads are landed in the order of their extraction"):
        sheets.land()


@pytest.mark.parametrize("is_finished", [True, False])
def test_killed_landing_is_redone(sheets: Sheets, is_finished: bool) -> None:
    sheets.deliver(FIRST, ANN)
    sheets.land()
    before = kept_bytes(sheets)
    kept = sheets.settings.history_dir / "sheets" / FIRST
    partial = kept.with_name(f".{FIRST}.partial")
    kept.rename(partial)
    if not is_finished:
        (partial / "landed.json").unlink()
        (partial / "absences.parquet").write_bytes(b"PAR1 half")
    assert landed_loads(sheets.settings) == []
    assert len(sheets.land()) == 1
    assert kept_bytes(sheets) == before
    assert not partial.exists()


def test_paths_may_hold_quotes_and_spaces(tmp_path: Path) -> None:
    sheets = Sheets(small_settings(tmp_path / "O'Neil & Sons", sheets=Source(crm="files")))
    sheets.deliver("2026-10-01 + night", ANN, extracted_at="2026-10-01")
    sheets.land()
    assert sheets.lines() == [(2, "ann")]


# History over several loads.


@pytest.mark.parametrize("complete", [True, False])
def test_edit_and_back_are_three_versions(sheets: Sheets, complete: bool) -> None:
    for load, kind in ((FIRST, "ill"), (SECOND, "leave"), (THIRD, "ill")):
        sheets.deliver(load, f"ann,2026-10-01,,{kind}", complete=complete)
    landed = sheets.land()
    assert sheets.stretches() == [
        ("ann", "ill", 10, 11),
        ("ann", "leave", 11, 12),
        ("ann", "ill", 12, None),
    ]
    assert [counts(load) for load in landed] == [
        {"delivered": 1, "changed": 1},
        {"delivered": 1, "changed": 1, "gone": 1},
        {"delivered": 1, "changed": 1, "gone": 1},
    ]


@pytest.mark.parametrize(("complete", "gone"), [(True, 11), (False, None)])
def test_key_vanishes_from_complete_loads_only(
    sheets: Sheets, complete: bool, gone: int | None
) -> None:
    sheets.deliver(FIRST, ANN, BOB)
    sheets.deliver(SECOND, ANN, complete=complete)
    sheets.land()
    assert sheets.stretches() == [("ann", "ill", 10, None), ("bob", "", 10, gone)]


def test_key_that_comes_back_is_a_second_stretch(sheets: Sheets) -> None:
    for load, lines in ((FIRST, [ANN]), (SECOND, []), (THIRD, [ANN])):
        sheets.deliver(load, *lines, complete=True)
    sheets.land()
    assert sheets.stretches() == [("ann", "ill", 10, 11), ("ann", "ill", 12, None)]


def test_key_on_a_broken_line_is_not_gone(sheets: Sheets) -> None:
    sheets.deliver(FIRST, ANN, BOB, EVE)
    sheets.deliver(SECOND, f"{ANN},more", BOB, complete=True)
    *_, load = sheets.land()
    assert counts(load) == {"delivered": 2, "unchanged": 1, "rejected": 1, "gone": 1}
    assert sheets.stretches() == [
        ("ann", "ill", 10, None),
        ("bob", "", 10, None),
        ("eve", "leave", 10, 11),
    ]


def managers(count: int) -> list[str]:
    return [f"m{number},2026-10-01,," for number in range(count)]


@pytest.mark.parametrize(
    ("before", "after", "manifest", "complete"),
    [
        pytest.param(100, 95, {}, True, id="95 % of the last complete load"),
        pytest.param(100, 94, {}, False, id="less"),
        pytest.param(99, 0, {}, True, id="a small table says nothing"),
        pytest.param(100, 0, {"complete": True}, True, id="a purge, said by hand"),
        pytest.param(100, 100, {"complete": False}, False, id="incremental, said by hand"),
    ],
)
def test_completeness_is_guessed_by_size(
    sheets: Sheets, before: int, after: int, manifest: dict[str, Any], complete: bool
) -> None:
    sheets.deliver(FIRST, *managers(before))
    sheets.deliver(SECOND, *managers(after), **manifest)
    assert [load.complete for load in sheets.land()] == [True, complete]


def test_completeness_is_measured_by_the_last_complete_load(sheets: Sheets) -> None:
    sheets.deliver(FIRST, *managers(100))
    sheets.deliver(SECOND, *managers(5), complete=False)
    sheets.deliver(THIRD, *managers(5))
    assert [load.complete for load in sheets.land()] == [True, False, False]
    assert sheets.query("select count(_gone_at) from raw_files.absences") == [(0,)]


def test_absent_table_makes_a_guessed_load_incremental(sheets: Sheets) -> None:
    sheets.deliver(FIRST, *managers(100))
    sheets.folder(SECOND, complete=None)
    assert [load.complete for load in sheets.land()] == [True, False]
