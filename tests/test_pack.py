"""The monthly pack of the demo, in both languages: the workbook's cells are the marts', and so is
what the page shows in a browser."""

import json
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import duckdb
import openpyxl
import pypdfium2
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page

from orchestration.checks.expectations import MART_EXPECTATIONS, RAW_EXPECTATIONS
from orchestration.checks.result import CheckResult
from orchestration.cli import EXIT_INPUT
from orchestration.close.period import Month
from orchestration.dbt import parsed_project
from orchestration.delivery import workbook
from orchestration.delivery.content import warning
from orchestration.delivery.pack import PRINTED, REGISTERS, REPORT, WORKBOOK
from orchestration.delivery.published_month import (
    REPEATED,
    RESTATEMENTS,
    SAME_IN_ALL_ROWS,
    Table,
    published_month,
)
from orchestration.delivery.registers import COLUMNS, MANAGER, REGISTER
from orchestration.delivery.sections import SECTIONS
from orchestration.delivery.summary import HEADLINES
from orchestration.delivery.words import LABELS_FILE, LANGUAGES, Language, Words
from orchestration.delivery.workbook import FIRST_ROW, SHEETS
from orchestration.settings import DBT_DIR, Source, known_crms
from tests.conftest import Installation
from tests.crm_files import project_settings, small_settings
from tests.mail_server import mail_server
from tests.october import FORMULA, MARKUP, MONTH, closed_october, mailed, pack_folder

pytestmark = pytest.mark.slow
MOSCOW = ZoneInfo("Europe/Moscow")
LONGEST_SHEET_NAME = 31  # Excel's
CHART_COUNT, LEAST_CHART_WIDTH = 5, 400  # of the page and of the workbook; pixels
Book: TypeAlias = openpyxl.Workbook
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return closed_october(tmp_path_factory)


@pytest.fixture(scope="module")
def db(closed: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    with closed.published() as connection:
        restricted = (closed.data / "published" / "current").resolve() / "restricted.duckdb"
        connection.execute(f"attach '{restricted}' as names (read_only)")
        yield connection


def pack(closed: Installation, language: str, **more: str) -> Path:
    """The folder of a pack in a language."""
    done = closed.run("pack", MONTH, CRM_MARTS_PACK__LANGUAGE=language, **more)
    assert done.returncode == 0, done.stderr
    folder = pack_folder(closed)
    registers = len(list((folder / REGISTERS).iterdir()))
    assert done.stdout.splitlines()[:4] == [
        *(str(folder / name) for name in (REPORT, PRINTED, WORKBOOK)),
        f"{folder / REGISTERS}: {registers} registers",
    ]
    return folder


@pytest.fixture(scope="module")
def packs(closed: Installation, tmp_path_factory: pytest.TempPathFactory) -> dict[Language, Path]:
    """Copies of the pack, which is written anew for each language."""
    found: dict[Language, Path] = {}
    for language in LANGUAGES:
        found[language] = tmp_path_factory.mktemp("packs") / language
        shutil.copytree(pack(closed, language), found[language])
    return found


@pytest.fixture(scope="module")
def books(packs: dict[Language, Path]) -> dict[Language, Book]:
    return {language: openpyxl.load_workbook(at / WORKBOOK) for language, at in packs.items()}


@contextmanager
def opened(browser: Browser, folder: Path, scheme: Scheme = "light") -> Iterator[Page]:
    """The page with its charts drawn; it asks nobody for anything and makes no error."""
    page = browser.new_page(color_scheme=scheme)
    requests: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)

    def refuse(dialog: Dialog) -> None:
        faults.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    address = (folder / REPORT).as_uri()
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    yield page
    assert (requests, faults) == ([address], [])
    page.close()


def shown(value: Any, column: str, names: dict[str, str], words: Words) -> Any:
    """A mart's value as a reader of the workbook sees it."""
    if isinstance(value, bool):
        return words.value("yes" if value else "no")
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).astimezone(MOSCOW).replace(tzinfo=None)
    if isinstance(value, str):
        if column.startswith("characteristic"):
            return words.characteristic(value)
        is_named = column.endswith(("manager_id", "client_id")) or column == "value"
        return words.value(names.get(value, value) if is_named else value)
    return value


def near(value: Any) -> Any:
    """A number as it can be compared after Excel's own rounding; others by type and value."""
    if isinstance(value, datetime):  # as which Excel's days are read, too
        return value.isoformat(timespec="seconds").removesuffix("T00:00:00")
    if isinstance(value, (int, float)):
        return f"{value:.9g}"
    return "" if value is None else str(value)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mart", SHEETS)
def test_each_cell_is_the_marts(
    books: dict[Language, Book], db: duckdb.DuckDBPyConnection, language: Language, mart: str
) -> None:
    words = Words(language)
    names = dict(db.execute("select manager_id, manager_name from dim_managers").fetchall())
    clients = db.execute("select client_id, client_name from names.restricted.client_names")
    names |= dict(clients.fetchall())
    cells = list(books[language][words.mart(mart)].iter_rows(min_row=FIRST_ROW, values_only=True))
    found = db.execute(
        f"from {mart} where period_kind = 'month' and close_month = date '{MONTH}-01'"
    )
    columns = [column for column, *_ in found.description]
    kept = [name for name in columns if name not in (*SAME_IN_ALL_ROWS, REPEATED.get(mart))]
    assert list(cells[0]) == [words.column(column) for column in kept]
    expected = [
        [near(shown(row[columns.index(column)], column, names, words)) for column in kept]
        for row in found.fetchall()
    ]
    assert expected
    assert sorted([near(value) for value in row] for row in cells[1:]) == sorted(expected)


def test_headlines_are_the_totals_of_the_marts(
    books: dict[Language, Book], db: duckdb.DuckDBPyConnection
) -> None:
    def one(sql: str) -> Any:
        [(value,)] = db.execute(f"{sql} and close_month = date '{MONTH}-01'").fetchall()
        return value

    of_all = "period_kind = 'month' and manager_id = 'all'"
    activity = f"""from rpt_interaction_kpis where {of_all} and attribution = 'performer'
        and interaction_kind = 'all' and interaction_group = 'all'"""
    plan = "from rpt_plan_fulfilment where row_kind = 'total'"
    expected = {
        "client_count": one(
            """select closing_client_count from rpt_client_growth
               where period_kind = 'month' and characteristic = 'all'"""
        ),
        "interaction_count": one(f"select interaction_count {activity}"),
        "conversation_count": one(f"select conversation_count {activity}"),
        "fulfilment_share": one(f"select fulfilled_count / planned_count {plan}"),
        "coverage_share": one(f"select covered_client_count / planned_client_count {plan}"),
        "on_time_share": one(
            f"select on_time_count / due_count from rpt_deadline_compliance where {of_all}"
        ),
        "overdue_count": one(
            "select sum(overdue_count) from rpt_interaction_outcomes where period_kind = 'month'"
        ),
        "no_contact_count": one(
            "select count(*) from rpt_no_contact_clients where contact_status = 'no contact'"
        ),
    }
    words = Words("en")
    sheet = books["en"][words.text("summary")]
    lines = sheet.iter_rows(
        min_row=FIRST_ROW + 1, max_row=FIRST_ROW + len(HEADLINES), max_col=2, values_only=True
    )
    assert [(label, near(value)) for label, value in lines] == [
        (words.column(name), near(float(value))) for name, value in expected.items()
    ]


def test_text_of_the_crm_is_text(books: dict[Language, Book]) -> None:
    cells = [cell for sheet in books["ru"].worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    dangerous = {
        cell.value
        for cell in cells
        if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@"))
    }
    assert any(value.startswith("=") for value in dangerous), dangerous
    outside = [cell.hyperlink.target for cell in cells if cell.hyperlink and cell.hyperlink.target]
    assert outside == []


def test_contents_lead_to_every_sheet(books: dict[Language, Book]) -> None:
    for language, book in books.items():
        sheet = book[Words(language).text("contents")]
        targets = [cell.hyperlink.location for cell in sheet["A"] if cell.hyperlink]
        assert targets == [f"'{name}'!A1" for name in book.sheetnames[1:]]
        assert all(sheet.freeze_panes and sheet.auto_filter.ref for sheet in book.worksheets[2:])


def test_charts_are_excels_own(packs: dict[Language, Path]) -> None:
    with zipfile.ZipFile(packs["ru"] / WORKBOOK) as file:
        charts = [name for name in file.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == CHART_COUNT


def test_clients_are_named_only_where_that_is_set(
    closed: Installation, db: duckdb.DuckDBPyConnection
) -> None:
    folder = pack(closed, "ru", CRM_MARTS_PACK__CLIENT_NAMES="false")
    path = folder / WORKBOOK
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    names = {
        name
        for (name,) in db.execute(
            "select client_name from names.restricted.client_names"
        ).fetchall()
    }
    texts = {
        cell
        for sheet in openpyxl.load_workbook(path).worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, str)
    }
    assert names & texts == set()
    page = (folder / REPORT).read_text(encoding="utf-8")
    assert [name for name in names if name in page] == []


def cards(page: Page) -> list[str]:
    return [card.inner_text() for card in page.query_selector_all(".value")]


def test_the_page_shows_the_headlines(
    browser: Browser, packs: dict[Language, Path], books: dict[Language, Book]
) -> None:
    for language, folder in packs.items():
        words = Words(language)
        lines = books[language][words.text("summary")].iter_rows(
            min_row=FIRST_ROW + 1, max_row=FIRST_ROW + len(HEADLINES), values_only=True
        )
        expected = [
            words.share(line[1]) if headline.of else words.number(line[1])
            for headline, line in zip(HEADLINES, lines, strict=True)
        ]
        with opened(browser, folder) as page:
            assert [plain(text) for text in cards(page)] == [plain(text) for text in expected]
            assert page.title() == words.text("title", month=words.month(date(2026, 10, 1)))


def test_charts_are_drawn(browser: Browser, packs: dict[Language, Path]) -> None:
    with opened(browser, packs["en"]) as page:
        drawn = page.query_selector_all("[data-chart] svg")
        assert len(drawn) == len(page.query_selector_all("[data-chart]")) == CHART_COUNT
        for chart in drawn:
            box = chart.bounding_box()
            assert box is not None
            assert box["width"] > LEAST_CHART_WIDTH
            assert chart.query_selector_all("[class*=mark-] path[d]")
            texts = [label.text_content() or "" for label in chart.query_selector_all("text")]
            assert not [text for text in texts if re.search(r"\de[+-]\d|NaN|undefined", text)]


def plain(text: str) -> str:
    """Without the kinds of space that browsers and Babel put between digits."""
    return "".join(text.split())


def test_the_filter_is_used_by_keyboard(
    browser: Browser, packs: dict[Language, Path], db: duckdb.DuckDBPyConnection
) -> None:
    [(team, clients, managers)] = db.execute(
        f"""select team, sum(main_client_count)::int, count(*) from rpt_manager_load
            inner join dim_managers using (manager_id)
            where close_month = date '{MONTH}-01' and client_class = 'all'
            group by team order by team limit 1"""
    ).fetchall()
    with opened(browser, packs["ru"]) as page:
        everybody = cards(page)
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        assert page.eval_on_selector("#team", "team => team.value") == team
        assert cards(page)[0] == str(clients) != everybody[0]
        shown = page.query_selector_all("#load tbody tr:not([hidden])")
        assert len(shown) == managers
        bars = "document.querySelectorAll('#load .mark-rect.role-mark path').length"
        page.wait_for_function(f"0 < {bars} && {bars} <= {2 * managers}")
        assert page.query_selector("#growth details .whole:not([hidden])")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        chosen = page.eval_on_selector("#manager", "one => one.selectedOptions[0].text")
        [row] = page.query_selector_all("#load tbody tr:not([hidden])")
        assert chosen == row.query_selector_all("td")[0].text_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_kept_out(
    browser: Browser, packs: dict[Language, Path], language: Language, scheme: Scheme
) -> None:
    """The rules of WCAG 2.1, levels A and AA, as axe checks them."""
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    with opened(browser, packs[language], scheme) as page:
        found = Axe().run(page, options=rules)
        assert found.violations_count == 0, found.generate_report()


def test_names_are_text_on_the_page(browser: Browser, packs: dict[Language, Path]) -> None:
    with opened(browser, packs["ru"]) as page:
        assert page.query_selector_all("img") == []
        named = page.locator("#no_contact td", has_text=FORMULA + MARKUP)
        assert named.count() == 1


def test_the_page_fits_a_phone(browser: Browser, packs: dict[Language, Path]) -> None:
    with opened(browser, packs["ru"]) as page:
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_print_says_what_the_page_says(
    packs: dict[Language, Path], books: dict[Language, Book]
) -> None:
    for language, folder in packs.items():
        words = Words(language)
        pages = printed(folder / PRINTED)
        assert all(plain(text) for text in pages)
        said = plain("".join(pages))
        for section in (*(section.name for section in SECTIONS), "restatements", "quality"):
            assert plain(words.text(f"{section}_title")) in said, section
            assert plain(words.text(f"{section}_note")) in said, section
        lines = books[language][words.text("summary")].iter_rows(
            min_row=FIRST_ROW + 1, max_row=FIRST_ROW + len(HEADLINES), values_only=True
        )
        for headline, line in zip(HEADLINES, lines, strict=True):
            value = words.share(line[1]) if headline.of else words.number(line[1])
            assert plain(f"{words.column(headline.label)}{value}") in said


def printed(path: Path) -> list[str]:
    """Text of each page."""
    document = pypdfium2.PdfDocument(path)
    return [page.get_textpage().get_text_range() for page in document]


def test_names_are_text_in_print(packs: dict[Language, Path]) -> None:
    """A name that is markup to browsers and to the typesetter."""
    assert plain(MARKUP) in plain("".join(printed(packs["ru"] / PRINTED))).replace("\ufffe", "")


def test_charts_are_printed(packs: dict[Language, Path]) -> None:
    document = pypdfium2.PdfDocument(packs["en"] / PRINTED)
    shapes = [
        sum(1 for found in page.get_objects() if found.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH)
        for page in document
    ]
    assert sum(shapes) > 100  # bars, lines and points, which a page of tables has not


def test_registers_hold_each_interaction_once(
    packs: dict[Language, Path], db: duckdb.DuckDBPyConnection
) -> None:
    expected = db.execute(
        f"""select coalesce(manager_name, {MANAGER}), interaction_id, interaction_kind, days_late
            from rpt_interaction_register left join dim_managers on manager_id = {MANAGER}
            where period_kind = 'month' and close_month = date '{MONTH}-01' order by all"""
    ).fetchall()
    words, found = Words("ru"), []
    for path in (packs["ru"] / REGISTERS).iterdir():
        [sheet] = openpyxl.load_workbook(path).worksheets
        heads, *rows = sheet.iter_rows(min_row=FIRST_ROW, values_only=True)
        assert list(heads) == [words.column(column) for column in COLUMNS]
        places = [
            COLUMNS.index(name) for name in ("interaction_id", "interaction_kind", "days_late")
        ]
        found += [(path.stem, *(row[place] for place in places)) for row in rows]
    assert expected
    assert sorted(found, key=str) == sorted(
        ((words.value(name), key, words.value(kind), late) for name, key, kind, late in expected),
        key=str,
    )


def test_a_sheet_that_is_full_goes_on_in_the_next(
    closed: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = project_settings().model_copy(update={"data_dir": closed.data})
    monkeypatch.setattr(workbook, "SHEET_ROWS", 5)
    mart = "rpt_manager_load"
    with published_month(settings, Month.parse(MONTH)) as month:
        expected = list(month.report(mart, "manager_id").rows())
        with workbook.Workbook(tmp_path / "small.xlsx", Words("en")) as book:
            added = book.add_report(month.report(mart, "manager_id"), None)
    assert [count for _, count in added.values()][:-1] == [5] * (len(added) - 1)
    assert sum(count for _, count in added.values()) == len(expected) > 5
    read = openpyxl.load_workbook(tmp_path / "small.xlsx")
    assert read.sheetnames == list(added)
    managers = [
        row[0]
        for sheet in read.worksheets
        for row in sheet.iter_rows(min_row=FIRST_ROW + 1, values_only=True)
    ]
    assert managers == [Words("en").value(str(row[0])) for row in expected]


def test_quality_says_what_the_close_said(
    browser: Browser, closed: Installation, packs: dict[Language, Path]
) -> None:
    record = json.loads((closed.data / "quality" / f"{MONTH}.json").read_text(encoding="utf-8"))
    warned = [check for check in record["checks"] if not check["passed"]]
    assert warned
    assert 0 < record["quarantined_rows"] < record["delivered_rows"]
    boxes = {language: _quality_shown(browser, packs[language]) for language in LANGUAGES}
    for language, box in boxes.items():
        found = {Words(language).check(check["name"]): check["failing_count"] for check in warned}
        assert {label: int(box[str(label)]) for label in found} == found
        assert all(found.values())
    assert "Виды непригодных строк, по таблице и причине" in boxes["ru"]
    shown = boxes["en"]
    assert shown["Checks passed"] == str(len(record["checks"]) - len(warned))
    assert shown["Checks that warn"] == str(len(warned))
    assert f"{record['quarantined_rows']} of {record['delivered_rows']:,}" in shown.pop(
        "Unusable rows of those delivered"
    )


def _quality_shown(browser: Browser, folder: Path) -> dict[str, str]:
    with opened(browser, folder) as page:
        rows = [row.inner_text() for row in page.query_selector_all("#quality tbody tr")]
    return dict(row.split("\t") for row in rows)


def test_tables_not_delivered_go_with_their_crm() -> None:
    check = CheckResult("raw/onec", "freshness", False, False, "oldest 9.0 days", "", [], "", 2)
    texts = [cell.text for cell in warning(check, Words("ru"))]
    assert texts == ["Таблицы, давно не обновлявшиеся (onec)", "2"]
    uncounted = [cell.text for cell in warning(replace(check, failing_count=None), Words("ru"))]
    assert uncounted == ["raw/onec: freshness", "oldest 9.0 days"]


def test_a_check_of_a_crm_of_ones_own_goes_by_its_name() -> None:
    check = CheckResult(
        "staging/stg_own__calls", "calls_ring", False, False, "3 rows", "", [], "", 3
    )
    texts = [cell.text for cell in warning(check, Words("ru"))]
    assert texts == ["staging/stg_own__calls: calls_ring", "3 rows"]


def test_a_team_and_a_manager_see_their_own_alone(
    closed: Installation, db: duckdb.DuckDBPyConnection
) -> None:
    folder = pack(closed, "ru", CRM_MARTS_PACK__PER_TEAM="true", CRM_MARTS_PACK__PER_MANAGER="true")
    people = db.execute("select manager_id, manager_name, team from dim_managers").fetchall()
    owned = db.execute(
        f"""select client_name, owner_manager_id from rpt_no_contact_clients
            inner join names.restricted.client_names using (client_id)
            where close_month = date '{MONTH}-01'"""
    ).fetchall()
    audiences = {
        f"managers/{name}": {key}
        for key, name, _ in people
        if (folder / "managers" / name).is_dir()
    }
    for team in {team for _, _, team in people if team}:
        audiences[f"teams/{team}"] = {key for key, _, of in people if of == team}
    assert len(audiences) > 10
    words = Words("ru")
    for place, own in audiences.items():
        names = {name for key, name, _ in people if key in own}
        others = {name for name, owner in owned if owner not in own}
        others -= {name for name, owner in owned if owner in own}  # clients of one name
        page = (folder / place / REPORT).read_text(encoding="utf-8")
        assert [name for name in others if f"<td>{escape(name)}</td>" in page] == []
        [data] = re.findall(r'<script id="data" type="application/json">(.*?)</script>', page)
        drawn = set(re.findall(r'"manager": "(.*?)"', json.dumps(json.loads(data)["charts"])))
        assert drawn <= own, place
        book = openpyxl.load_workbook(folder / place / WORKBOOK)
        assert words.mart("rpt_segment_sizes") not in book.sheetnames
        for mart in ("rpt_manager_load", "rpt_interaction_kpis"):
            heads, *rows = book[words.mart(mart)].iter_rows(min_row=FIRST_ROW, values_only=True)
            column = heads.index(words.column("manager_id"))
            assert {row[column] for row in rows} <= names | {None, words.text("nothing")}, place
        registers = {path.stem for path in (folder / place / REGISTERS).iterdir()}
        assert registers <= names
        [title, *_] = printed(folder / place / PRINTED)
        assert plain(place.split("/")[1]) in plain(title)


def test_packs_are_sent_once_and_only_where_there_is_something_to_say(
    closed: Installation, db: duckdb.DuckDBPyConnection
) -> None:
    [(team,)] = db.execute("select min(team) from dim_managers").fetchall()
    quiet = db.execute(
        f"""select manager_id from dim_managers where manager_id not in (
                select manager_id from rpt_manager_load
                where close_month = date '{MONTH}-01' and main_client_count > 0)
            and manager_id not in (select {MANAGER} from rpt_interaction_register)"""
    ).fetchall()
    assert quiet
    others = {"teams": {team: ["team@example.com"]}, "managers": {quiet[0][0]: ["q@example.com"]}}
    with mail_server() as (alerts, inbox):
        sent = closed.run("pack", MONTH, "--send", **mailed(alerts.smtp_port, **others))
        assert sent.stdout.splitlines()[-1] == "2 packs sent", sent.stderr
        again = closed.run("pack", MONTH, "--send", **mailed(alerts.smtp_port, **others))
        assert again.stdout.splitlines()[-1] == "0 packs sent", again.stderr
    whole, of_team = inbox.messages
    assert (whole["To"], of_team["To"]) == ("head@example.com", "team@example.com")
    assert whole["Subject"] == Words("en").text("title", month="October 2026")
    assert of_team["Subject"] == f"{whole['Subject']}: {team}"
    body = whole.get_body(("plain",)).get_content()
    assert all(Words("en").column(headline.label) in body for headline in HEADLINES)
    attached = {part.get_filename(): part.get_content() for part in of_team.iter_attachments()}
    place = pack_folder(closed) / "teams" / team
    assert attached.keys() == {REPORT, WORKBOOK, PRINTED}
    assert attached[PRINTED].startswith(b"%PDF")
    assert place.is_dir()
    assert not (pack_folder(closed) / "managers").exists()


def test_unknown_recipients_are_named(closed: Installation) -> None:
    refused = closed.run("pack", MONTH, **mailed(25, teams={"Никакая": ["x@example.com"]}))
    assert refused.returncode == EXIT_INPUT, refused.stderr
    assert "Никакая" in refused.stderr
    assert "[pack.mail_to] teams" in refused.stderr


def test_a_month_that_is_not_published_is_refused(closed: Installation) -> None:
    refused = closed.run("pack", "2026-09")
    assert refused.returncode == 2, refused.stderr
    assert "crm-marts close 2026-09" in refused.stderr


def test_no_text_is_taken_for_the_markup_of_a_workbook(tmp_path: Path) -> None:
    texts = ["<r>Rods & Sons</r>", "<r><t>bold</t></r>", " spaced ", "=1+1", "a\nb", 'a"<&>']
    rows = [(None, text) for text in texts]
    with workbook.Workbook(tmp_path / "book.xlsx", Words("en")) as book:
        book.add_report(Table(REGISTER.mart, ("result",), ("VARCHAR",), rows), back=None)
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx").active
    assert [cell.value for cell in sheet["A"][FIRST_ROW:]] == texts
    assert {cell.data_type for cell in sheet["A"][FIRST_ROW:]} == {"s"}


def test_every_word_has_both_languages() -> None:
    labels = yaml.safe_load(LABELS_FILE.read_text(encoding="utf-8"))
    for block, lines in labels.items():
        for key, pair in lines.items():
            assert len(pair) == len(LANGUAGES), f"{block}: {key}"
            assert all(isinstance(text, str) and text for text in pair), f"{block}: {key}"


def test_every_check_that_warns_has_its_words(tmp_path: Path) -> None:
    every_crm = small_settings(tmp_path, **{crm: Source(crm=crm) for crm in known_crms()})
    tests = {
        node.name
        for node in parsed_project(every_crm).nodes.values()
        if node.resource_type == "test" and node.config.severity.lower() == "warn"
    }
    lines = (*RAW_EXPECTATIONS, *MART_EXPECTATIONS)
    warn = tests | {line.name for line in lines if not line.is_blocking}
    labels = yaml.safe_load(LABELS_FILE.read_text(encoding="utf-8"))
    assert warn == labels["checks"].keys()


def test_every_mart_and_column_has_its_words() -> None:
    labels = yaml.safe_load(LABELS_FILE.read_text(encoding="utf-8"))
    for path in sorted((DBT_DIR / "models" / "marts").glob("*/_*__models.yml")):
        if path.parent.name == "restricted":
            continue
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            assert model["name"] in labels["marts"]
            columns = {column["name"] for column in model["columns"]}
            assert columns - labels["columns"].keys() == set(), model["name"]
    titles = [text for mart in SHEETS for text in labels["marts"][mart]]
    assert [title for title in titles if len(title) > LONGEST_SHEET_NAME] == []
    assert {*SHEETS, RESTATEMENTS} == labels["meanings"].keys()
