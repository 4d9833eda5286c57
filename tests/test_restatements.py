"""A closed month comes out otherwise: found by the next close, explained, published on purpose."""

import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from orchestration.close.edition import find_edition, mart_contents
from orchestration.close.marts import marts_of
from orchestration.close.period import Month
from orchestration.close.replay import compute, compute_again
from orchestration.dbt import parsed_project
from orchestration.delivery.pack import WORKBOOK
from orchestration.delivery.published_month import RESTATEMENTS
from orchestration.delivery.words import Words
from orchestration.delivery.workbook import FIRST_ROW
from orchestration.raw.landing import refresh_history
from orchestration.settings import Settings
from tests.conftest import Installation
from tests.crm_files import CALLS, PARTNERS, USERS, settings_environment, write_onec_load

pytestmark = pytest.mark.slow
SOURCE = '[sources.demo]\ncrm = "onec"\ntimezone = "Europe/Moscow"\n\n'
USERS_ROWS = [
    {"Ref_Key": "anna", "Description": "Анна"},
    {"Ref_Key": "boris", "Description": "Борис"},
]


def _partner(key: str, **more: str) -> dict[str, str]:
    return {
        "Ref_Key": key,
        "Description": key.title(),
        "Клиент": "true",
        "ДатаРегистрации": "2026-01-12T09:00:00",
        "ОсновнойМенеджер_Key": "anna",
        **more,
    }


def _call(key: str, day: str, **more: str) -> dict[str, str]:
    return {
        "Ref_Key": key,
        "Date": f"{day}T11:00:00",
        "Состояние": "Завершено",
        "ВидВзаимодействия": "Контрольный звонок",
        "Ответственный_Key": "anna",
        "АбонентКонтакт": "romashka",
        "АбонентКонтакт_Type": "StandardODATA.Catalog_Партнеры",
        "Отвечен": "true",
        "ЗатраченноеВремя": "0001-01-01T00:05:00",
        "ФактическоеНачало": f"{day}T11:00:00",
        "ДатаЗавершения": f"{day}T11:05:00",
        **more,
    }


MARCH_CALLS = [_call(name, "2026-03-10") for name in ("kept", "edited", "moved", "typed", "gone")]
# What the load of May says of March. Who took a call over after it ended did not perform it.
EDITED = _call("edited", "2026-03-10", ЗатраченноеВремя="0001-01-01T00:09:00")
HANDED_OVER = _call("moved", "2026-03-10", Ответственный_Key="boris")
TYPED_ANEW = _call("typed", "2026-03-10", ВидВзаимодействия="Рекламация")
DELETED = _call("gone", "2026-03-10", DeletionMark="true")
LATE = [_call(f"late {number}", "2026-03-30", Date="2026-04-20T09:00:00") for number in (1, 2)]
APRIL_CALLS = [_call("april", "2026-04-15")]
PARTNER_ROWS = [_partner("romashka"), _partner("vasilek")]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """March closed in April; the close of April sees what became of March since."""
    home = tmp_path_factory.mktemp("restated")
    company = Installation(home, settings_environment(home, SOURCE))
    people = {USERS: USERS_ROWS, PARTNERS: PARTNER_ROWS}
    write_onec_load(company.raw / "demo" / "20260402T000000Z", people | {CALLS: MARCH_CALLS})
    company.close("2026-03")
    calls = [MARCH_CALLS[0], EDITED, HANDED_OVER, TYPED_ANEW, DELETED, *LATE, *APRIL_CALLS]
    write_onec_load(company.raw / "demo" / "20260502T000000Z", people | {CALLS: calls})
    april = company.run("close", "2026-04")
    assert april.returncode == 0, april.stderr
    assert "2026-03 would come out otherwise now" in april.stdout
    return company


def _hashes(company: Installation, month: str, edition: int) -> dict[str, object]:
    path = company.data / "editions" / month / f"{edition:03d}" / "manifest.json"
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))["marts"]
    return found


def test_tables_filled_again_have_the_rows_that_dbt_builds(
    closed: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in closed.environment().items():
        monkeypatch.setenv(name, value)
    settings = Settings()  # type: ignore[call-arg]
    march, april = (find_edition(settings, Month(2026, number), None) for number in (3, 4))
    aside = settings.beside(tmp_path)
    aside.work_db.parent.mkdir()
    refresh_history(aside)
    tables = compute(aside, march.period)
    compute_again(aside, april.period, tables)
    assert mart_contents(aside, marts_of(parsed_project(aside)), april.period.month) == april.marts


def _causes(company: Installation, column: str, row: str = "%") -> dict[str, float]:
    """Causes of one column of the total of calls in March, by performer."""
    with company.published() as db:
        found = db.execute(
            """select cause, sum(delta) from rpt_restatements
               where mart = 'rpt_interaction_kpis' and column_name = ?
                   and row_key like '%"period_kind":"month"%' and row_key like ?
               group by cause order by cause""",
            [column, row],
        ).fetchall()
    return {cause: float(delta) for cause, delta in found}


TOTAL = '%"attribution":"performer","manager_id":"all","interaction_kind":"call"%group":"all"%'


def test_the_closed_month_is_as_it_was(closed: Installation) -> None:
    with closed.published() as db:
        shown = db.execute(
            """select count(*) from fct_interactions
               where close_month = date '2026-03-01'"""
        ).fetchall()
        assert shown == [(5,)]
        assert db.execute("select month, edition from editions order by 1").fetchall() == [
            ("2026-03", 1),
            ("2026-04", 1),
        ]
    status = closed.run("status")
    assert "2026-03: edition 2 is pending" in status.stdout


def test_causes_sum_to_the_difference_of_every_additive_cell(closed: Installation) -> None:
    with closed.published() as db:
        wrong = db.execute(
            """select mart, row_key, column_name, old_value, new_value, sum(delta)
               from rpt_restatements where delta is not null
               group by all
               having sum(delta) <> coalesce(cast(new_value as decimal(38, 6)), 0)
                   - coalesce(cast(old_value as decimal(38, 6)), 0)"""
        ).fetchall()
        assert wrong == []
        found = db.execute("select distinct cause from rpt_restatements").fetchall()
    assert {cause for (cause,) in found} == {
        *("late entry", "deletion", "reclassification", "edit", "derived"),
    }


def test_each_cause_moves_what_it_should(closed: Installation) -> None:
    with closed.published() as db:
        rows = dict(
            db.execute(
                """select row_key ->> 'interaction_id', string_agg(distinct cause)
                   from rpt_restatements
                   where mart = 'rpt_interaction_register' and cause <> 'derived'
                   group by all"""
            ).fetchall()
        )
    assert rows == {
        "demo:late 1": "late entry",
        "demo:late 2": "late entry",
        "demo:gone": "deletion",
        "demo:typed": "reclassification",
        "demo:edited": "edit",
    }
    assert _causes(closed, "interaction_count", TOTAL) == {"late entry": 2, "deletion": -1}
    assert _causes(closed, "call_minutes", TOTAL) == {"late entry": 10, "deletion": -5, "edit": 4}


def test_a_restatement_is_published_on_purpose_alone(closed: Installation) -> None:
    april = _hashes(closed, "2026-04", 1)
    nothing = closed.run("restate", "2026-04")
    assert nothing.returncode == 2
    assert "Pending are: 2026-03" in nothing.stderr
    restated = closed.run("restate", "2026-03")
    assert restated.returncode == 0, restated.stderr
    assert "2026-03: edition 2 published" in restated.stdout
    with closed.published() as db:
        assert db.execute(
            """select edition, count(*) from marts_history.fct_interactions
               where close_month = date '2026-03-01' group by all order by 1"""
        ).fetchall() == [(1, 5), (2, 6)]
        assert db.execute(
            "select count(*) from fct_interactions where close_month = date '2026-03-01'"
        ).fetchall() == [(6,)]
        assert db.execute("select distinct is_published from rpt_restatements").fetchall() == [
            (True,)
        ]
        assert db.execute(
            "select month, edition, is_current from marts_history.editions order by all"
        ).fetchall() == [("2026-03", 1, False), ("2026-03", 2, True), ("2026-04", 1, True)]
    assert _hashes(closed, "2026-04", 1) == april
    again = closed.run("recheck")
    assert "0 restatements found" in again.stdout, again.stdout + again.stderr


def test_both_editions_are_replayed_to_the_same_rows(closed: Installation) -> None:
    for number in ("1", "2"):
        replayed = closed.run("replay", "2026-03", "--edition", number)
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr
        assert "all equal" in replayed.stdout
    unknown = closed.run("replay", "2026-03", "--edition", "9")
    assert unknown.returncode == 2
    assert "Its editions are: 1, 2" in unknown.stderr


def test_the_next_pack_tells_of_it(closed: Installation) -> None:
    told, words = _told_in_pack(closed, "2026-04"), Words("en")
    with closed.published() as db:
        found = db.execute("select old_value, new_value from rpt_restatements").fetchall()
    expected = [tuple(value and words.value(value) for value in pair) for pair in found]
    assert expected
    assert sorted(told, key=str) == sorted(expected, key=str)


def _told_in_pack(company: Installation, month: str) -> list[tuple[object, ...]]:
    """Old and new values of the restated cells in a month's pack, written now."""
    done = company.run("pack", month)
    assert done.returncode == 0, done.stderr
    path = company.data / "packs" / month / "edition-1" / WORKBOOK
    words = Words("en")
    sheet = openpyxl.load_workbook(path)[words.mart(RESTATEMENTS)]
    heads, *rows = sheet.iter_rows(min_row=FIRST_ROW, values_only=True)
    places = [heads.index(words.column(name)) for name in ("old_value", "new_value")]
    return [
        tuple(row[place] for place in places) for row in rows if row[0] != words.text("nothing")
    ]


@pytest.mark.deep
def test_a_changed_threshold_is_a_restatement_by_configuration(closed: Installation) -> None:
    closed.run("restate", "2026-03")  # where it was not published by then
    talk = {"CRM_MARTS_RULES__TALK_THRESHOLD_SECONDS": "400"}
    refused = closed.run("close", "2026-03", **talk)
    assert refused.returncode == 2
    assert "crm-marts recheck" in refused.stderr
    found = closed.run("recheck", **talk)
    assert "2 restatements found" in found.stdout, found.stdout + found.stderr
    shown = closed.run("restatements", **talk)
    assert "2026-03: edition 3 would change" in shown.stdout
    assert "configuration" in shown.stdout
    assert not any(cause in shown.stdout for cause in ("late entry", "edit,", "code"))
    # Under the old threshold nothing differs any more.
    withdrawn = closed.run("recheck")
    assert "0 restatements found" in withdrawn.stdout
    assert closed.run("restatements").stdout == "no restatement is pending\n"


def test_the_open_month_is_shown_apart_and_leaves_with_its_close(closed: Installation) -> None:
    more = [*APRIL_CALLS, _call("may", "2026-05-05")]
    people = {USERS: USERS_ROWS, PARTNERS: PARTNER_ROWS}
    calls = [MARCH_CALLS[0], EDITED, HANDED_OVER, TYPED_ANEW, DELETED, *LATE, *more]
    write_onec_load(closed.raw / "demo" / "20260510T000000Z", people | {CALLS: calls})
    shown = closed.run("preview")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "2026-05: provisional, known as of 2026-05-10 00:00 UTC" in shown.stdout
    with closed.published() as db:
        assert db.execute("select interaction_id from marts_open.fct_interactions").fetchall() == [
            ("demo:may",)
        ]
        assert db.execute("select month, is_provisional from marts_open.preview").fetchall() == [
            ("2026-05", True)
        ]
        assert db.execute("select max(month) from editions").fetchall() == [("2026-04",)]
    write_onec_load(closed.raw / "demo" / "20260602T000000Z", people | {CALLS: calls})
    closed.close("2026-05")
    with closed.published() as db:
        assert db.execute(
            "select count(*) from duckdb_tables() where schema_name = 'marts_open'"
        ).fetchall() == [(0,)]
    assert _told_in_pack(closed, "2026-05") == []  # the pack of April has told


def test_a_restatement_killed_before_its_publication_is_published_by_the_next(
    closed: Installation,
) -> None:
    """What a kill between the two renames leaves: the edition is there, readers see the old one."""
    late = _call("very late", "2026-04-28", Date="2026-06-10T09:00:00")
    calls = [MARCH_CALLS[0], EDITED, HANDED_OVER, TYPED_ANEW, DELETED, *LATE, *APRIL_CALLS, late]
    people = {USERS: USERS_ROWS, PARTNERS: PARTNER_ROWS}
    calls.append(_call("may", "2026-05-05"))
    write_onec_load(closed.raw / "demo" / "20260611T000000Z", people | {CALLS: calls})
    assert closed.run("recheck").returncode == 0
    editions = closed.data / "editions" / "2026-04"
    (closed.data / "restatements" / "2026-04").rename(editions / "002")
    again = closed.run("restate", "2026-04")
    assert again.returncode == 0, again.stderr
    with closed.published() as db:
        assert db.execute(
            "select count(*) from fct_interactions where close_month = date '2026-04-01'"
        ).fetchall() == [(2,)]


def test_a_damaged_edition_is_named(closed: Installation) -> None:
    folder = closed.data / "editions" / "2026-04" / "001"
    path, other = folder / "dim_managers.parquet", folder / "dim_clients.parquet"
    kept = path.read_bytes()
    shutil.copyfile(other, path)
    damaged = closed.run("replay", "2026-04", "--edition", "1")
    assert damaged.returncode == 2
    assert "not as it was written" in damaged.stderr
    assert str(Path("001") / "dim_managers.parquet") in damaged.stderr
    path.write_bytes(kept)


def test_months_that_were_known_at_different_times_are_told_apart(tmp_path: Path) -> None:
    """Each month of a backfill is compared with what was known at its own close."""
    company = Installation(tmp_path, settings_environment(tmp_path, SOURCE))
    people = {USERS: USERS_ROWS, PARTNERS: PARTNER_ROWS}
    march, april = (
        {name: _call(f"{name} {day}", day) for name in ("kept", "edited", "gone")}
        for day in ("2026-03-10", "2026-04-14")
    )
    late = _call("late", "2026-03-30", Date="2026-04-20T09:00:00")
    in_may = [late]
    for month in (march, april):
        longer = month["edited"] | {"ЗатраченноеВремя": "0001-01-01T00:09:00"}
        in_may += [month["kept"], longer, month["gone"] | {"DeletionMark": "true"}]
    deliveries = {
        "20260402T000000Z": [*march.values()],
        "20260502T000000Z": [*march.values(), *april.values(), late],
    }
    for load, calls in deliveries.items():
        write_onec_load(company.raw / "demo" / load, people | {CALLS: calls})
    closed = company.run("backfill", "2026-03", "2026-04")
    assert closed.returncode == 0, closed.stderr
    write_onec_load(company.raw / "demo" / "20260520T000000Z", people | {CALLS: in_may})
    found = company.run("recheck")
    assert "2 restatements found" in found.stdout, found.stdout + found.stderr
    edited = {"deletion": -5, "edit": 4}
    causes = {"2026-03": edited | {"late entry": 5}, "2026-04": edited}
    for name, expected in causes.items():
        assert company.run("restate", name).returncode == 0
        assert "all equal" in company.run("replay", name).stdout
        assert _causes(company, "call_minutes", f'%"period_start":"{name}{TOTAL}') == expected
