"""Files as people send them: parts, gzip, workbooks of several tables, encodings, delimiters."""

import gzip
import io
import json
from pathlib import Path

import openpyxl
import pytest

from orchestration.errors import CrmMartsError
from orchestration.raw import json_file, raw_file, text_files
from orchestration.raw.landing import landed_loads
from orchestration.settings import Source
from tests.crm_files import small_settings
from tests.sheets import ANN, BOB, COLUMNS, EVE, FIRST, SECOND, Sheets, counts

NAMES = COLUMNS.split(",")
PLAN = (
    "plan_id,plan_version,approved_at,period_start,period_end,manager_id,client_id,"
    "interaction_kind,interaction_group,planned_count"
)


def csv(*lines: str) -> str:
    return "\n".join([COLUMNS, *lines]) + "\n"


def kept(sheets: Sheets) -> list[tuple[object, ...]]:
    return sheets.query("select _file, _line, manager_id, kind from raw_files.absences order by 1, 2")


# Parts of a table.


def test_parts_are_one_table(sheets: Sheets) -> None:
    sheets.deliver_file("absences.10.csv", csv(EVE, "ann,2026-10-01,,late"))
    sheets.deliver_file("absences.9.csv", csv(ANN, "broken"))
    sheets.deliver_file("absences.0001.csv", csv(ANN, ANN, BOB))
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 7, "changed": 3, "exact_duplicates": 2, "rejected": 2}
    # Of a key in two parts the last part's row stands; parts follow one another by their numbers.
    assert kept(sheets) == [
        ("absences.0001.csv", 4, "bob", ""),
        ("absences.10.csv", 2, "eve", "leave"),
        ("absences.10.csv", 3, "ann", "late"),
    ]
    assert sheets.query(
        "select file_name, line_number, reason from landing.rejected_lines order by 1"
    ) == [
        ("absences.0001.csv", 2, "duplicate key"),
        ("absences.9.csv", 3, "broken line: 1 cells where the header has 4"),
    ]


def test_columns_that_one_part_lacks_are_unknown_once(sheets: Sheets) -> None:
    sheets.deliver_file("absences.1.csv", f"{COLUMNS},more\n{ANN},1\n")
    sheets.deliver_file("absences.2.csv", f"other,{COLUMNS},more\n,{BOB},\n")
    (load,) = sheets.land()
    assert load.tables[0].unknown_columns == ["more", "other"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["absences.csv", "absences.1.csv"], r"absences is delivered twice, also as absences"),
        (["absences.1.csv", "absences.01.csv"], r"absences is delivered twice, also as absences"),
        (["absences.1.csv", "absences.2.csv.gz"], r"parts of table absences differ in format"),
        (["absences.1.csv", "absences.2.jsonl"], r"parts of table absences differ in format"),
        (["absences.one.csv"], r"no declared table has this file.*<table>\.1\.csv and so on"),
        (["absences.csv.1"], r"no declared table has this file"),
        (["absences.tsv"], r"Name it absences\.csv, .*delimiter = \"\\t\"\. Files are named"),
        (["absences.TXT"], r"Name it absences\.csv, .*delimiter = \"\\t\"\. Files are named"),
        (["absences.parquet.gz"], r"no declared table has this file"),
    ],
)
def test_files_that_are_no_parts_are_refused(
    sheets: Sheets, names: list[str], message: str
) -> None:
    for name in names:
        sheets.deliver_file(name, csv(ANN))
    with pytest.raises(CrmMartsError, match=message) as refusal:
        sheets.land()
    assert Path(refusal.value.place).name in names


def test_a_part_that_comes_later_changes_the_load(sheets: Sheets) -> None:
    sheets.deliver_file("absences.1.csv", csv(ANN))
    sheets.land()
    assert sheets.land() == []
    sheets.deliver_file("absences.2.csv", csv())
    with pytest.raises(CrmMartsError, match="its files were changed since"):
        sheets.land()


def test_one_file_has_the_fingerprint_that_it_always_had(sheets: Sheets) -> None:
    # Loads that were landed by an earlier version stay as they are.
    sheets.deliver_file("absences.csv", csv(ANN))
    (load,) = sheets.land()
    known = "55f1121e1ebca642d5f94162a3c33227585c7169de344ccbac389b0bd4f96d3f"
    assert load.fingerprint == known


# Packed files.


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "json"])
def test_packed_files_are_read(sheets: Sheets, suffix: str) -> None:
    rows = [dict(zip(NAMES, line.split(","), strict=True)) for line in (ANN, BOB)]
    text = {
        "csv": csv(ANN, BOB),
        "jsonl": "\n".join(map(json.dumps, rows)),
        "json": json.dumps(rows),
    }[suffix]
    # Two members one behind the other, as programs write that append.
    half = len(text) // 2
    packed = gzip.compress(text[:half].encode()) + gzip.compress(text[half:].encode())
    sheets.deliver_file(f"absences.{suffix}.gz", packed)
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 2, "changed": 2}


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "json"])
def test_damaged_packed_files_are_refused(sheets: Sheets, suffix: str) -> None:
    whole = gzip.compress(csv(ANN, *[f"m{n},2026-10-01,,{n * n}" for n in range(500)]).encode())
    middle = len(whole) // 2
    for content, message in (
        (whole[:-20], "the gzip file cannot be read: .*Deliver it again"),
        (whole[:-4], "the gzip file cannot be read"),
        (whole[:middle] + b"\0\0\0\0" + whole[middle:], "the gzip file cannot be read"),
        (b"no gzip at all", "the gzip file cannot be read: Not a gzipped file"),
        (whole + b"more", "the gzip file cannot be read: Not a gzipped file|broken JSON"),
        (gzip.compress(b""), "the file is empty"),
        (b"", "the file is empty"),
    ):
        sheets.deliver_file(f"absences.{suffix}.gz", content)
        with pytest.raises(CrmMartsError, match=message):
            sheets.land()
    assert not list(sheets.settings.history_dir.rglob("*.parquet"))


def test_a_small_file_does_not_unpack_into_memory(
    sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_file, "MAX_DOCUMENT_BYTES", 1_000_000)
    monkeypatch.setattr(text_files, "MAX_LINE_CHARACTERS", 1_000_000)
    packed = io.BytesIO()
    with gzip.open(packed, "wb") as file:
        file.write(f"{COLUMNS}\n".encode())
        file.write(b" " * 2_000_000)
    for suffix, message in (
        ("csv", r"csv\.gz, line 2: the line is longer than 1,000,000 characters"),
        ("jsonl", r"jsonl\.gz, line 2: the line is longer than 1,000,000 characters"),
        ("json", r"json\.gz: the document is over 1,000,000 bytes\. .*JSON Lines"),
    ):
        path = sheets.deliver_file(f"absences.{suffix}.gz", packed.getvalue())
        with pytest.raises(CrmMartsError, match=message):
            sheets.land()
        path.unlink()


# Workbooks of several tables.


def workbook(**tables: list[str]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in tables.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line.split(","))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_delivers_the_tables_that_its_sheets_are_named_like(sheets: Sheets) -> None:
    plans = [PLAN, "p,1,2026-09-01,2026-10-01,2026-11-01,ann,,call,,3"]
    content = workbook(absences=[COLUMNS, ANN], _notes=["for me"], contact_plans=plans)
    sheets.deliver_file("Отдел продаж.xlsx", content)
    (load,) = sheets.land()
    assert [(table.table_name, table.changed) for table in load.tables] == [
        ("absences", 1),
        ("contact_plans", 1),
    ]
    assert kept(sheets) == [("Отдел продаж.xlsx", 2, "ann", "ill")]
    assert sheets.land() == []


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (
            {"absences": [COLUMNS], "absence": [""]},
            r"no declared table is named like sheet absence\. ",
        ),
        ({"_notes": [""]}, r"no sheet is named like a declared table\. .*contact_plans, absences"),
    ],
)
def test_a_workbook_of_other_sheets_is_refused(
    sheets: Sheets, tables: dict[str, list[str]], message: str
) -> None:
    sheets.deliver_file("report.xlsx", workbook(**tables))
    with pytest.raises(CrmMartsError, match=message):
        sheets.land()


def test_what_is_wrong_in_a_sheet_is_told_with_its_name(sheets: Sheets) -> None:
    sheets.deliver_file("report.xlsx", workbook(absences=["", COLUMNS], contact_plans=["plan_id"]))
    with pytest.raises(CrmMartsError, match=r"xlsx, sheet contact_plans, line 1: column approved_"):
        sheets.land()


def test_a_table_in_a_workbook_and_in_a_file_is_refused(sheets: Sheets) -> None:
    sheets.deliver(FIRST, ANN)
    sheets.deliver_file("report.xlsx", workbook(absences=[COLUMNS, ANN]))
    with pytest.raises(CrmMartsError, match=r"delivered twice, also as absences\.csv"):
        sheets.land()


# Encodings and delimiters.


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "latin-1", "utf-16-le"])
@pytest.mark.parametrize("written", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_decides(tmp_path: Path, encoding: str, written: str) -> None:
    sheets = Sheets(small_settings(tmp_path, sheets=Source(crm="files", encoding=encoding)))
    text = csv("Аня,2026-10-01,,больна", BOB)
    sheets.deliver_file("absences.csv", text.encode(written))
    rows = [dict(zip(NAMES, line.split(","), strict=True)) for line in text.split("\n")[1:3]]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    sheets.deliver_file("absences.jsonl.gz", gzip.compress(lines.encode(written)), SECOND)
    assert [counts(load) for load in sheets.land()] == [
        {"delivered": 2, "changed": 2},
        {"delivered": 2, "unchanged": 2},
    ]
    assert [manager for _, _, manager, _ in kept(sheets)] == ["Аня", "bob"]


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_source_says_how_its_files_are_written(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    source = Source(crm="files", encoding=encoding, delimiter=delimiter)
    sheets = Sheets(small_settings(tmp_path, sheets=source))
    text = csv(f'Аня,2026-10-01,,"больна{delimiter}\r\nдома ""совсем"""').replace(",", delimiter)
    sheets.deliver_file("absences.csv", text.encode(encoding))
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 1, "changed": 1}
    cell = f'больна{delimiter}\r\nдома "совсем"'
    assert kept(sheets) == [("absences.csv", 2, "Аня", cell)]


def test_place_of_what_is_no_text_is_told_beyond_the_first_block(
    sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_files, "BLOCK", 7)
    for text, place in (
        (f"{csv(ANN, BOB)}ж".encode() + b"\xff", "line 4, byte 3"),
        (f"{csv('Ж' * 20)}".encode() + "ж".encode()[:1], "line 3, byte 1"),
        (f"{csv(ANN)}".encode() + b"ab\xd0", "line 3, byte 3"),
    ):
        sheets.deliver_file("absences.csv", text)
        with pytest.raises(CrmMartsError, match=f"{place}: the text is not utf-8"):
            sheets.land()


def test_half_a_character_of_utf_16_is_refused(sheets: Sheets) -> None:
    sheets.deliver_file("absences.csv", csv(ANN).encode("utf-16")[:-1])
    with pytest.raises(CrmMartsError, match=r"line 2, byte .*: the text is not utf-16"):
        sheets.land()


def test_row_with_a_nul_character_is_rejected(sheets: Sheets) -> None:
    sheets.deliver(FIRST, "ann,2026-10-01,,\0", BOB, "bro\0ken")
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 3, "changed": 1, "rejected": 2}
    (_, nul, raw), (_, _, broken) = sheets.rejected()
    assert nul == "broken line: a NUL character in a cell"
    assert json.loads(raw)["kind"] == "\0" and broken == "bro\u2400ken"


# Too much of what cannot be read.


def test_too_many_broken_lines_are_a_broken_file(
    sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_file, "MAX_REJECTED_LINES", 10)
    monkeypatch.setattr(raw_file, "BATCH_REJECTED", 3)
    sheets.deliver(FIRST, *["broken"] * 10, ANN)
    (load,) = sheets.land()
    assert counts(load) == {"delivered": 11, "changed": 1, "rejected": 10}
    sheets.deliver(SECOND, *["broken"] * 11, ANN)
    with pytest.raises(CrmMartsError, match=r"line 12: more than 10 lines cannot be read, .*for"):
        sheets.land()
    assert len(landed_loads(sheets.settings)) == 1
    assert not list(sheets.settings.history_dir.rglob("*.partial"))
