"""Whatever stands in a file, it is a refusal with a remedy, or every row is accounted for."""

import codecs
import gzip
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError

from orchestration.errors import CrmMartsError
from orchestration.raw import compare, csv_records, landing, raw_file, text_files
from orchestration.raw.declared import RawTable, declared_tables, tables_in_use
from orchestration.raw.files import SUFFIXES, read_rows
from orchestration.raw.landing import LandedLoad
from orchestration.settings import Settings, Source
from tests.crm_files import small_settings
from tests.sheets import ANN, BOB, COLUMNS, EVE, FIRST, SECOND, Sheets

NAMES = COLUMNS.split(",")
ROWS = [dict(zip(NAMES, line.split(","), strict=True)) for line in (ANN, BOB, EVE)]
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass(frozen=True)
class Case:
    """Files of one load, and how their source says that they are written."""

    files: tuple[tuple[str, bytes], ...]
    encoding: str = "utf-8"
    delimiter: str = ","


# Valid files of every format, which are then damaged.


def csv_text(delimiter: str = ",") -> str:
    quoted = 'cat,2026-10-06,,"on\nleave, ""perhaps"""'
    return "\n".join([COLUMNS, ANN, BOB, quoted, EVE, ""]).replace(",", delimiter)


def workbook(*names: str) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in names:
        sheet = book.create_sheet(name)
        for line in (COLUMNS, ANN, BOB):
            sheet.append(line.split(","))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def parquet(**options: Any) -> bytes:
    table = pa.table(
        {
            "manager_id": ["ann", "bob", None],
            "absent_from": pa.array([1, 2, 3], pa.timestamp("ms", "UTC")),
            "absent_to": [1.5, None, 2.0],
            "kind": [["a"], [], None],
            "more": pa.array([1, None, 3], pa.decimal128(9, 2)),
        }
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    content: bytes = sink.getvalue().to_pybytes()
    return content


PAGE = {"result": {"absences": ROWS}, "total": 3, "time": {"start": 1.5}}
PAGES = [{**PAGE, "total": 6}, {**PAGE, "total": 6}]
TEXTS = {
    "absences.jsonl": "\n".join(map(json.dumps, ROWS)),
    "absences.json": json.dumps(PAGE, indent=1),
    "absences.1.json": json.dumps(ROWS),
    "absences.2.jsonl": "\n".join(map(json.dumps, PAGES)),
}
VALID = [
    Case((("absences.csv", csv_text().encode()),)),
    Case((("absences.csv", csv_text(";").encode("cp1251")),), "cp1251", ";"),
    Case((("absences.csv", csv_text("\t").encode("utf-16")),), "utf-8", "\t"),
    Case((("absences.1.csv", csv_text().encode()), ("absences.2.csv", csv_text().encode()))),
    *[Case(((name, text.encode()),)) for name, text in TEXTS.items()],
    Case((("absences.xlsx", workbook("Лист1")),)),
    Case((("report.xlsx", workbook("absences", "_notes")),)),
    Case((("absences.parquet", parquet()),)),
    Case((("absences.parquet", parquet(use_dictionary=False, compression="none")),)),
]
UNPACKED = [case for case in VALID if f"{Path(case.files[0][0]).suffix}.gz" in str(SUFFIXES)]


@st.composite
def damaged(draw: st.DrawFn, contents: bytes) -> bytes:
    """The bytes with a few of them flipped, cut out, doubled or put in."""
    found = bytearray(contents)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(found)))
        end = start + draw(st.integers(1, 40))
        match draw(st.sampled_from(["flip", "cut", "double", "insert", "end"])):
            case "flip" if start < len(found):
                found[start] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del found[start:end]
            case "double":
                found[start:start] = found[start:end]
            case "insert":
                found[start:start] = draw(st.binary(min_size=1, max_size=4) | NOISE.map(encoded))
            case _:
                del found[start:]
    return bytes(found)


@st.composite
def damaged_files(draw: st.DrawFn) -> Case:
    case = draw(st.sampled_from(VALID))
    files = [(name, draw(damaged(content))) for name, content in case.files]
    return replace(case, files=tuple(files))


@st.composite
def packed_files(draw: st.DrawFn) -> Case:
    """Damaged before they are packed, or after."""
    case = draw(st.sampled_from(UNPACKED))
    files = []
    for name, content in case.files:
        if draw(st.booleans()):
            packed = gzip.compress(draw(damaged(content)), mtime=0)
        else:
            packed = draw(damaged(gzip.compress(content, mtime=0)))
        files.append((f"{name}.gz", packed))
    return replace(case, files=tuple(files))


# Files made up of whatever a cell may hold.

NOISE = st.text(st.sampled_from('ab1,;|"\n\r\t\0 \ufeff\u2028\x1f\x85\\Жé😀'), max_size=30)
ANYTHING = NOISE | st.text(max_size=12)
ENCODINGS = [
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "ascii"),
    *("cp1251", "cp1252", "cp866", "koi8-r", "latin-1", "mac-cyrillic", "gb18030", "shift_jis"),
]
MARKS = [b"", b"", b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE]


def encoded(text: str, encoding: str = "utf-8") -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def as_csv(cells: list[list[str]], delimiter: str, quotes: bool) -> str:
    if quotes:
        doubled = [[cell.replace('"', '""') for cell in row] for row in cells]
        cells = [[f'"{cell}"' for cell in row] for row in doubled]
    return "\n".join(map(delimiter.join, cells))


@st.composite
def csv_files(draw: st.DrawFn) -> Case:
    delimiter, encoding = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(ENCODINGS))
    width = st.lists(ANYTHING, min_size=4, max_size=4) | st.lists(ANYTHING, max_size=6)
    text = as_csv(draw(st.lists(width, max_size=6)), delimiter, draw(st.booleans()))
    header = draw(st.sampled_from([COLUMNS, "managerId,absent_from,absent_to,kind,more", ""]))
    ends = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    whole = header.replace(",", delimiter) + ends + text.replace("\n", ends)
    written = draw(st.sampled_from([encoding, encoding, encoding, *ENCODINGS]))
    return Case(
        (("absences.csv", draw(st.sampled_from(MARKS)) + encoded(whole, written)),),
        encoding,
        delimiter,
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANYTHING | st.just("\ud83d"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(ANYTHING, inner, max_size=2),
    max_leaves=4,
)
KEYS = [*NAMES, "managerId", "more", "", '"', "result", "error", "total"]
OBJECTS = st.dictionaries(st.sampled_from(KEYS), VALUES) | st.sampled_from(ROWS)
FULL = st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES))
ROWS_OR_NOT = st.lists(FULL | OBJECTS | VALUES, max_size=3)
PAGES_OR_NOT = st.builds(
    lambda rows, total, more: {"result": {"absences": rows}, **total, **more},
    ROWS_OR_NOT | FULL,
    st.just({}) | st.integers(0, 4).map(lambda total: {"total": total}),
    st.just({}) | OBJECTS,
)
DOCUMENTS = ROWS_OR_NOT | PAGES_OR_NOT | OBJECTS | VALUES


@st.composite
def json_files(draw: st.DrawFn) -> Case:
    dump = partial(json.dumps, ensure_ascii=draw(st.booleans()))
    if draw(st.booleans()):
        return Case((("absences.json", encoded(dump(draw(DOCUMENTS)))),))
    lines = draw(st.lists((FULL | OBJECTS | PAGES_OR_NOT | VALUES).map(dump) | NOISE, max_size=5))
    return Case((("absences.jsonl", encoded("\n".join(lines))),))


@st.composite
def sheet_files(draw: st.DrawFn) -> Case:
    cells = st.none() | st.booleans() | st.integers() | st.floats() | st.datetimes() | ANYTHING
    rows = draw(st.lists(st.lists(cells, max_size=6), max_size=4))
    book = openpyxl.Workbook()
    book.active.append(NAMES)
    for row in rows:
        try:
            book.active.append(row)
        except (
            ValueError,
            IllegalCharacterError,
        ):  # a character or a date that no workbook can hold
            continue
    content = io.BytesIO()
    book.save(content)
    return Case((("absences.xlsx", content.getvalue()),))


@st.composite
def parquet_files(draw: st.DrawFn) -> Case:
    kinds = [pa.string(), pa.binary(), pa.int64(), pa.float64(), pa.date32(), pa.large_string()]
    columns = {}
    for name in [*NAMES, "more"]:
        kind = draw(st.sampled_from(kinds))
        values = {
            pa.string(): st.text(max_size=9),
            pa.large_string(): st.text(max_size=9),
            pa.binary(): st.binary(max_size=4),
            pa.int64(): st.integers(-(2**63), 2**63 - 1),
            pa.float64(): st.floats(),
            pa.date32(): st.dates(),
        }[kind]
        cells = draw(st.lists(st.none() | values, min_size=3, max_size=3))
        columns[name] = pa.array(cells, kind)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return Case((("absences.parquet", sink.getvalue().to_pybytes()),))


FILES = st.one_of(
    damaged_files(), packed_files(), csv_files(), json_files(), sheet_files(), parquet_files()
)


def tables(settings: Settings, crm: str) -> dict[str, RawTable]:
    """Absences as a web service would have them."""
    found = tables_in_use(settings, crm)
    aliases = {"managerId": "manager_id"}
    found["absences"] = replace(found["absences"], aliases=aliases, rows_at=("result", "absences"))
    return found


@pytest.fixture(autouse=True, scope="module")
def fast_landing() -> Iterator[None]:
    """Landing in small pieces, and without the views over what is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "BUCKET_ROWS", 2)
        patch.setattr(compare, "PIECE_BYTES", 100)
        patch.setattr(csv_records, "CHUNK_ROWS", 3)
        patch.setattr(csv_records, "MAX_LINES_PER_RECORD", 4)
        patch.setattr(raw_file, "CHUNK_ROWS", 3)
        patch.setattr(raw_file, "BATCH_REJECTED", 2)
        patch.setattr(text_files, "BLOCK", 16)
        patch.setattr(landing, "tables_in_use", tables)
        patch.setattr(landing, "refresh_history", lambda settings: None)
        yield


def deliver(sheets: Sheets, case: Case, load: str) -> None:
    for name, content in case.files:
        sheets.deliver_file(name, content, load)


def check(case: Case) -> None:
    """Land the files, and land them again in a second load."""
    home = Path(tempfile.mkdtemp(dir=IN_MEMORY))
    source = Source(crm="files", encoding=case.encoding, delimiter=case.delimiter)
    sheets = Sheets(small_settings(home, sheets=source))
    try:
        deliver(sheets, case, FIRST)
        try:
            (first,) = sheets.land()
        except CrmMartsError as refusal:
            assert refusal.place and refusal.remedy
            assert not list(sheets.settings.history_dir.glob("*/*"))
            return
        check_kept(sheets, first)
        deliver(sheets, case, SECOND)
        (second,) = sheets.land()
        for before, after in zip(first.tables, second.tables, strict=True):
            assert (after.changed, after.gone) == (0, 0)
            assert after.unchanged == before.changed
    finally:
        shutil.rmtree(home)


def check_kept(sheets: Sheets, load: LandedLoad) -> None:
    folder = sheets.settings.history_dir / "sheets" / FIRST
    names = {"landed.json", "_rejected_lines.parquet"}
    assert {path.name for path in folder.parent.rglob("*")} == {
        *(FIRST, *names),
        *(f"{table.table_name}.parquet" for table in load.tables),
    }
    rejected = pq.read_table(folder / "_rejected_lines.parquet").to_pylist()
    for table in load.tables:
        assert table.delivered == (
            table.unchanged + table.changed + table.exact_duplicates + table.rejected
        )
        rows = pq.read_table(folder / f"{table.table_name}.parquet").to_pylist()
        assert (len(rows), table.gone) == (table.changed, 0)
        own = [line for line in rejected if line["table_name"] == table.table_name]
        assert len(own) == table.rejected
        places = [(row["_file"], row["_line"]) for row in rows]
        places += [(line["file_name"], line["line_number"]) for line in own]
        assert len(set(places)) == len(places)
        assert all(line["reason"] and line["raw_row"] is not None for line in own)
        texts = [cell for row in [*rows, *own] for cell in row.values() if isinstance(cell, str)]
        assert not any("\0" in text for text in texts)


@settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(case=FILES)
def test_every_row_is_accounted_for(case: Case) -> None:
    check(case)


@pytest.mark.deep
@settings(
    max_examples=5_000,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(case=FILES)
def test_every_row_of_thousands_of_files_is_accounted_for(case: Case) -> None:
    check(case)


def read(case: Case, lines_at_once: int) -> Any:
    """Rows and rejected lines of a CSV file that is read by so many lines, if it is not refused."""
    rejected: list[raw_file.RejectedLine] = []
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as home, pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "CHUNK_ROWS", lines_at_once)
        path = Path(home) / "absences.csv"
        path.write_bytes(case.files[0][1])
        source = Source(crm="files", encoding=case.encoding, delimiter=case.delimiter)
        table = declared_tables("files")["absences"]
        file = raw_file.RawFile(path, table, source, lambda _, lines: rejected.extend(lines))
        rows: list[dict[str, Any]] = []
        try:
            for chunk in read_rows(file):
                rows += chunk.to_pylist()
        except CrmMartsError:
            return "refused"
    return rows, sorted(rejected, key=lambda line: line.line)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(case=csv_files())
def test_rows_do_not_depend_on_how_many_lines_are_read_at_once(case: Case) -> None:
    at_once = read(case, 10_000)
    assert read(case, 1) == read(case, 2) == at_once


@pytest.mark.parametrize("case", VALID, ids=lambda case: case.files[0][0])
def test_files_to_be_damaged_are_whole(case: Case) -> None:
    check(case)
