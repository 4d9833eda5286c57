"""The dashboard over the demo's October: its figures are the marts', and a browser can use it."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from streamlit.testing.v1 import AppTest

from dashboard.pages import BEHIND, PAGES, rows_behind
from dashboard.tables import as_csv
from dashboard.view import _unmarked
from orchestration.close.period import Month
from orchestration.delivery.published_month import PublishedMonth, published_month
from orchestration.delivery.registers import REGISTER
from orchestration.delivery.sections import SECTIONS
from orchestration.delivery.summary import HEADLINES
from orchestration.delivery.words import LANGUAGES, Language, Words
from orchestration.errors import CrmMartsError
from tests.conftest import Installation
from tests.crm_files import project_settings
from tests.dashboard_server import APP, SECONDS, dashboard_server, drawn_page
from tests.october import FORMULA, MARKUP, MONTH, closed_october

pytestmark = pytest.mark.slow
NAMES = [page.__name__ for page in PAGES]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return closed_october(tmp_path_factory)


@pytest.fixture
def month(closed: Installation) -> Iterator[PublishedMonth]:
    settings = project_settings().model_copy(update={"data_dir": closed.data})
    with published_month(settings, Month.parse(MONTH)) as opened:
        yield opened


def app(
    closed: Installation, patch: pytest.MonkeyPatch, language: Language = "en", page: str = ""
) -> AppTest:
    """A page, drawn once."""
    # Streamlit makes its script the main module, which later tests' forked processes would run.
    patch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    for name, value in closed.environment(CRM_MARTS_PACK__LANGUAGE=language).items():
        patch.setenv(name, value)
    if not page:
        return AppTest.from_file(str(APP), default_timeout=SECONDS).run()
    # AppTest follows no st.navigation: the page's function is a script of its own.
    script = f"from dashboard.pages import {page}\n{page}()\n"
    return AppTest.from_string(script, default_timeout=SECONDS).run()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", NAMES)
def test_every_page_is_drawn(
    closed: Installation, monkeypatch: pytest.MonkeyPatch, page: str, language: Language
) -> None:
    drawn = app(closed, monkeypatch, language, page)
    assert not drawn.exception
    title = Words(language).text("title", month=drawn_month(language))
    assert drawn.title[0].value == _unmarked(title)
    if page != "register":
        assert len(drawn.dataframe) >= 1


def drawn_month(language: Language) -> str:
    return {"en": "October 2026", "ru": "октябрь 2026"}[language]


def test_headlines_are_those_of_the_choice(
    closed: Installation, monkeypatch: pytest.MonkeyPatch, month: PublishedMonth
) -> None:
    drawn = app(closed, monkeypatch)
    words = Words("en")
    assert [metric.label for metric in drawn.metric] == [
        words.column(headline.label) for headline in HEADLINES
    ]
    [(clients, team, of_team)] = month.db.execute(
        f"""select sum(main_client_count)::int, min(team),
                (sum(main_client_count) filter (team = (select min(team) from dim_managers)))::int
            from rpt_manager_load left join dim_managers using (manager_id)
            where client_class = 'all' and close_month = date '{MONTH}-01'"""
    ).fetchall()
    assert drawn.metric[0].value == words.number(clients)
    drawn.selectbox(key="team").select(team).run()
    assert drawn.metric[0].value == words.number(of_team) != words.number(clients)
    assert drawn.title[0].value.endswith(_unmarked(f": {team}"))


def test_any_combination_is_counted(
    closed: Installation, monkeypatch: pytest.MonkeyPatch, month: PublishedMonth
) -> None:
    drawn = app(closed, monkeypatch, page="segments")
    known = month.settings.rules.segment_characteristics
    assert len(known) > 3
    drawn.multiselect[0].set_value(known[:3]).run()
    shown = drawn.dataframe[-1].value
    expected = month.db.execute(
        f"""select client_count from rpt_segment_sizes
            where combination = '{" + ".join(known[:3])}' and client_count > 0
                and close_month = date '{MONTH}-01' order by client_count desc"""
    ).fetchall()
    assert expected
    assert [count for count in shown["Clients"] if count] == [count for (count,) in expected]
    drawn.multiselect[0].set_value(known).run()
    everyone = drawn.dataframe[-1].value["Clients"].sum()
    assert everyone == sum(count for (count,) in expected)


def test_behind_each_number_stand_so_many_interactions(month: PublishedMonth) -> None:
    counts = {
        "activity": ["interaction_count"],
        "groups": ["interaction_count"],
        "outcomes": None,
        "deadlines": ["due_count"],
    }
    assert counts.keys() == BEHIND.keys()
    for section in SECTIONS:
        if section.name not in BEHIND:
            continue
        rows = list(month.rows(section).owned_rows())
        assert rows
        for owner, row in rows[:40]:
            behind = list(month.rows(rows_behind(section, owner, row)).rows())
            if section.name == "outcomes":
                place = [REGISTER.columns.index("outcome")]
                overdue = [found for found in behind if found[place[0]] == "overdue"]
                assert len(overdue) == row[section.columns.index("overdue_count")]
                continue
            [column] = counts[section.name] or []
            expected: Any = row[section.columns.index(column)]
            if section.name == "deadlines":  # those that are not due yet stand behind it too
                place = [REGISTER.columns.index("deadline_class")]
                behind = [found for found in behind if found[place[0]] != "not yet due"]
            assert len(behind) == expected, (section.name, owner, row)


def test_the_register_is_searched_and_filtered(
    closed: Installation, monkeypatch: pytest.MonkeyPatch, month: PublishedMonth
) -> None:
    drawn = app(closed, monkeypatch, page="register")
    [(client, count)] = month.db.execute(
        f"""select client_name, count(*) from rpt_interaction_register
            inner join client_names using (client_id)
            where close_month = date '{MONTH}-01' group by all order by 2 desc, 1 limit 1"""
    ).fetchall()
    drawn.text_input(key="search").set_value(client.upper()).run()
    assert len(drawn.dataframe[0].value) >= count
    assert set(drawn.dataframe[0].value["Client"]) >= {client}
    drawn.text_input(key="search").set_value("").run()
    drawn.multiselect[0].set_value(["meeting"]).run()
    [(meetings,)] = month.db.execute(
        f"""select count(*) from rpt_interaction_register
            where close_month = date '{MONTH}-01' and interaction_kind = 'meeting'"""
    ).fetchall()
    assert drawn.markdown[-1].value == Words("en").page("rows_found", count=meetings)


def test_no_cell_of_an_export_is_a_formula(month: PublishedMonth) -> None:
    [section] = [section for section in SECTIONS if section.name == "no_contact"]
    text = as_csv(month.rows(section), Words("en")).decode("utf-8-sig")
    assert f"'{FORMULA}" in text
    assert not re.search(r'(^|,)"?[=@\t]', text, flags=re.MULTILINE)


def test_no_more_rows_are_drawn_than_a_browser_takes(
    closed: Installation, monkeypatch: pytest.MonkeyPatch, month: PublishedMonth
) -> None:
    monkeypatch.setattr("dashboard.tables.MOST_ROWS", 10)
    drawn = app(closed, monkeypatch, page="register")
    expected = list(month.rows(REGISTER).rows())
    ids = [row[REGISTER.columns.index("interaction_id")] for row in expected]
    assert list(drawn.dataframe[0].value["Interaction (id)"]) == ids[:10]
    words = Words("en")
    told = words.page("rows_shown", count=words.number(len(ids)), shown="10")
    assert drawn.markdown[-1].value == told


@contextmanager
def another_release(closed: Installation, name: str) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A copy of the release, and what publishes it; at the end the release is the one before.

    Pages drawn in this process keep a release open, so that each name is taken once.
    """
    pointer = closed.data / "published" / "current"
    before, new = pointer.readlink(), pointer.with_name(".next")

    def point_to(target: Path) -> None:
        new.symlink_to(target, target_is_directory=True)
        new.replace(pointer)

    copy = before.parent / name
    release = Path(shutil.copytree(pointer.resolve(), pointer.parent / copy))
    try:
        yield release, lambda: point_to(copy)
    finally:
        point_to(before)
        shutil.rmtree(release)


def test_an_earlier_edition_is_shown_where_it_is_chosen(
    closed: Installation, monkeypatch: pytest.MonkeyPatch, month: PublishedMonth
) -> None:
    """A second edition, made by hand, of which the present one lacks a manager."""
    parsed = Month.parse(MONTH)
    with another_release(closed, "000002") as (release, publish):
        with duckdb.connect(str(release / "crm_marts.duckdb")) as db:
            db.execute(
                "insert into marts_history.editions select month, 0, as_of, '', false "
                "from marts_history.editions"
            )
            db.execute(
                """create temp table earlier as
                   select * replace (0 as edition) from marts_history.rpt_manager_load
                   where client_class = 'all' limit 3"""
            )
            db.execute("drop view marts_history.rpt_manager_load")
            db.execute("create table marts_history.rpt_manager_load as from earlier")
        with published_month(month.settings, parsed, release, edition=0) as earlier:
            assert earlier.edition == 0
            assert len(list(earlier.report("rpt_manager_load", "manager_id").rows())) == 3
        with published_month(month.settings, parsed, release) as present:
            assert len(list(present.report("rpt_manager_load", "manager_id").rows())) > 3
        publish()
        drawn = app(closed, monkeypatch, page="managers")
        assert len(drawn.dataframe[0].value) > 3
        drawn.selectbox(key=f"edition {MONTH}").select(0).run()
        assert len(drawn.dataframe[0].value) == 3
        assert drawn.markdown[0].value.startswith("Edition 0")


@contextmanager
def served(closed: Installation, language: Language = "ru") -> Iterator[str]:
    """The dashboard's address while its server runs."""
    with dashboard_server(closed.environment(CRM_MARTS_PACK__LANGUAGE=language)) as address:
        yield address


def test_pages_in_a_browser(closed: Installation, browser: Browser, month: PublishedMonth) -> None:
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}
    with served(closed) as address:
        for name in NAMES:
            page = drawn_page(browser, address if name == NAMES[0] else address + name)
            assert page.locator("[data-testid=stException]").count() == 0, name
            page.wait_for_selector("[data-testid=stDataFrame] canvas")
            assert page.locator("img[src=x]").count() == 0, name
            found = Axe().run(page, options=rules).response["violations"]
            assert [(one["id"], one["nodes"]) for one in found] == [], name
            page.close()


def test_the_filter_is_used_by_keyboard(
    closed: Installation, browser: Browser, month: PublishedMonth
) -> None:
    [(team, clients)] = month.db.execute(
        f"""select team, sum(main_client_count)::int from rpt_manager_load
            inner join dim_managers using (manager_id)
            where close_month = date '{MONTH}-01' and client_class = 'all'
            group by team order by team limit 1"""
    ).fetchall()
    with served(closed) as address:
        page = drawn_page(browser, address)
        page.get_by_label(Words("ru").text("team")).focus()
        page.keyboard.type(team)
        page.keyboard.press("Enter")
        first = page.locator("[data-testid=stMetricValue]").first
        page.wait_for_function(
            "([element, text]) => element.innerText.trim() === text",
            arg=[first.element_handle(), str(clients)],
        )
        assert page.locator("h1").inner_text().endswith(f": {team}")


def test_the_register_is_saved(
    closed: Installation, browser: Browser, month: PublishedMonth
) -> None:
    expected = as_csv(month.rows(REGISTER), Words("ru"))
    with served(closed) as address:
        page = drawn_page(browser, f"{address}register")
        with page.expect_download() as started:
            page.get_by_text(Words("ru").page("export")).click()
        assert Path(started.value.path()).read_bytes() == expected
    assert expected.count(b"\n") > 2000


def test_open_pages_move_to_a_new_release(closed: Installation, browser: Browser) -> None:
    with another_release(closed, "000003") as (release, publish), served(closed, "en") as address:
        page = drawn_page(browser, address)
        page.wait_for_function("document.body.innerText.includes('Edition 1')")
        with duckdb.connect(str(release / "crm_marts.duckdb")) as db:
            db.execute("update marts.editions set edition = 2")
            db.execute("update marts_history.editions set edition = 2")
        publish()
        page.get_by_text(Words("en").page("managers"), exact=True).first.click()
        page.wait_for_function("document.body.innerText.includes('Edition 2')")


def test_a_name_is_no_markdown() -> None:
    assert _unmarked("[x](http://y) *Юг*") == r"\[x\]\(http\:\/\/y\) \*Юг\*"


def test_names_are_text(closed: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = app(closed, monkeypatch, page="no_contact")
    clients = set(drawn.dataframe[0].value["Client"])
    assert any(name.startswith(f"'{FORMULA}{MARKUP}") for name in clients)


def test_a_release_of_another_version_is_told_from_a_fault(
    closed: Installation, month: PublishedMonth
) -> None:
    with another_release(closed, "000003") as (release, _):
        with duckdb.connect(str(release / "crm_marts.duckdb")) as db:
            db.execute(f"alter table marts.{REGISTER.mart} drop column days_late")
        with (
            published_month(month.settings, month.month, release) as older,
            pytest.raises(CrmMartsError, match=r"has no days_late.*crm-marts close"),
        ):
            older.rows(REGISTER)
