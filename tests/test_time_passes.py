"""A closed month computed again a month later: what only time did to it is no restatement."""

import json

import pytest

from tests.conftest import Installation
from tests.crm_files import CALLS, ONE_CLIENT, USERS, settings_environment, write_onec_load

pytestmark = pytest.mark.slow
SOURCE = '[sources.demo]\ncrm = "onec"\ntimezone = "Europe/Moscow"\n\n'
PEOPLE = ONE_CLIENT | {
    USERS: [
        {"Ref_Key": "anna", "Description": "Анна Каренина"},
        {"Ref_Key": "boris", "Description": "Борис Годунов"},
    ]
}


def _call(key: str, entered: str, **more: str) -> dict[str, str]:
    return {
        "Ref_Key": key,
        "Date": f"{entered}T09:00:00",
        "Состояние": "Запланировано",
        "ВидВзаимодействия": "Контрольный звонок",
        "Ответственный_Key": "anna",
        "АбонентКонтакт": "romashka",
        "АбонентКонтакт_Type": "StandardODATA.Catalog_Партнеры",
        **more,
    }


def _done(call: dict[str, str], day: str, **more: str) -> dict[str, str]:
    done = {"Состояние": "Завершено", "ДатаЗавершения": f"{day}T11:05:00", "Отвечен": "true"}
    return {**call, **done, "ФактическоеНачало": f"{day}T11:00:00", **more}


def _planned(key: str, day: str, entered: str = "2026-03-20") -> dict[str, str]:
    return _call(key, entered, ДатаНачала=f"{day}T11:00:00")


def _due(key: str, day: str) -> dict[str, str]:
    return _call(key, "2026-03-02", Срок=f"{day}T11:00:00")


# What the load after the scheduled close of March (2 April 06:00 in Moscow) shows.
MARCH = {
    "held": _done(_planned("held", "2026-03-10", entered="2026-03-02"), "2026-03-10"),
    "grace": _done(_planned("grace", "2026-04-01"), "2026-04-01"),
    "ahead": _planned("ahead", "2026-04-10"),
    "cancelled": _planned("cancelled", "2026-04-12"),
    "moved": _planned("moved", "2026-04-13"),
    "handed over": _planned("handed over", "2026-04-14"),
    "dropped": _planned("dropped", "2026-05-20"),
    "not held": _planned("not held", "2026-03-24"),
    "still open": _due("still open", "2026-03-20"),
    "prolonged": _due("prolonged", "2026-03-25"),
    "given up": _due("given up", "2026-03-26"),
}


def _cancelled(name: str, day: str) -> dict[str, str]:
    return {**MARCH[name], "Состояние": "Отменено", "ДатаЗавершения": f"{day}T10:00:00"}


# The same a month later; what is dropped is in the load no more.
APRIL = [
    MARCH["held"],
    MARCH["grace"],
    _done(
        MARCH["ahead"], "2026-04-10", Результат="Согласие", ЗатраченноеВремя="0001-01-01T00:05:00"
    ),
    _cancelled("cancelled", "2026-04-11"),
    {**MARCH["moved"], "ДатаНачала": "2026-05-13T11:00:00"},
    {**MARCH["handed over"], "Ответственный_Key": "boris"},
    _done(MARCH["not held"], "2026-04-20"),
    _done(MARCH["still open"], "2026-04-16"),
    {**MARCH["prolonged"], "Срок": "2026-05-25T11:00:00"},
    _cancelled("given up", "2026-04-17"),
    _planned("entered since", "2026-05-10", entered="2026-04-15"),
]
LATE = _done(_call("late", "2026-05-04"), "2026-03-30")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """March and April closed, each from a load after its scheduled close."""
    home = tmp_path_factory.mktemp("time_passes")
    company = Installation(home, settings_environment(home, SOURCE))
    calls = [*MARCH.values()]
    write_onec_load(company.raw / "demo" / "20260402T040000Z", PEOPLE | {CALLS: calls})
    company.close("2026-03")
    write_onec_load(company.raw / "demo" / "20260502T040000Z", PEOPLE | {CALLS: APRIL})
    return company


def test_figures_that_look_ahead_are_of_the_scheduled_close(company: Installation) -> None:
    with company.published() as db:
        assert db.execute(
            "select sum(next_period_planned_count) from rpt_planned_activity"
        ).fetchall() == [(5,)]
        assert db.execute(
            """select next_planned_at::date::varchar, is_planned_in_grace_days
               from rpt_no_contact_clients"""
        ).fetchall() == [("2026-04-01", True)]
        assert db.execute(
            """select planned_next_month_count from rpt_manager_load
               where manager_id = 'demo:anna' and client_class = 'all'"""
        ).fetchall() == [(5,)]


def test_what_happens_after_the_close_changes_nothing_of_the_closed_month(
    company: Installation,
) -> None:
    closed = company.run("close", "2026-04")
    assert closed.returncode == 0, closed.stderr
    assert "would come out otherwise" not in closed.stdout
    stamps = json.loads((company.data / "restatements" / "examined.json").read_text("utf-8"))
    assert stamps["2026-03"]["as_of"].startswith("2026-05-02T04:00")
    assert company.run("restatements").stdout == "no restatement is pending\n"
    # April itself shows what became of the calls.
    with company.published() as db:
        assert db.execute(
            """select interaction_id from rpt_interaction_register
               where close_month = date '2026-04-01' and completed_at is not null order by 1"""
        ).fetchall() == [("demo:ahead",), ("demo:grace",), ("demo:not held",), ("demo:still open",)]


@pytest.mark.deep
def test_a_late_entry_is_the_only_restatement_then(company: Installation) -> None:
    load = company.raw / "demo" / "20260505T040000Z"
    write_onec_load(load, PEOPLE | {CALLS: [*APRIL, LATE]})
    found = company.run("recheck")
    assert "2026-03: edition 2 is pending" in found.stdout, found.stdout + found.stderr
    company.run("restate", "2026-03")
    with company.published() as db:
        assert db.execute(
            """select distinct row_key ->> 'interaction_id', cause from rpt_restatements
               where mart = 'rpt_interaction_register' and restated_month = '2026-03'"""
        ).fetchall() == [("demo:late", "late entry")]
