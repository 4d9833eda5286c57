"""A month opens with what its predecessor published, and with what restatements of it will add."""

import re
import shutil

import duckdb
import pytest

from orchestration.checks.openings import check_openings
from orchestration.close.pending import CHANGES, pending_dir
from orchestration.close.period import read_run_period
from orchestration.settings import Settings, Source
from tests.conftest import Installation
from tests.crm_files import (
    CALLS,
    ONE_CLIENT,
    PARTNERS,
    settings_environment,
    small_settings,
    write_onec_load,
)

pytestmark = pytest.mark.slow
SOURCE = '[sources.demo]\ncrm = "onec"\ntimezone = "Europe/Moscow"\n\n'
CALL = {
    "Ref_Key": "call",
    "Состояние": "Завершено",
    "Ответственный_Key": "anna",
    "АбонентКонтакт": "romashka",
    "АбонентКонтакт_Type": "StandardODATA.Catalog_Партнеры",
}
MONTHS_CALLS = [
    {**CALL, "Ref_Key": day, "Date": f"{day}T11:00:00", "ДатаЗавершения": f"{day}T11:05:00"}
    for day in ("2026-03-10", "2026-04-10")
]
REGISTERED_LATE = {
    "Ref_Key": "vasilek",
    "Description": "Василек",
    "Клиент": "true",
    "ДатаРегистрации": "2026-03-20T09:00:00",
    "ОсновнойМенеджер_Key": "anna",
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """March is closed with one client; the load of May has a second one, registered in March."""
    home = tmp_path_factory.mktemp("openings")
    company = Installation(home, settings_environment(home, SOURCE))
    calls = {CALLS: MONTHS_CALLS[:1]}
    write_onec_load(company.raw / "demo" / "20260402T040000Z", ONE_CLIENT | calls)
    company.close("2026-03")
    people = ONE_CLIENT | {PARTNERS: [*ONE_CLIENT[PARTNERS], REGISTERED_LATE]}
    write_onec_load(company.raw / "demo" / "20260502T040000Z", people | {CALLS: MONTHS_CALLS})
    found = company.run("recheck")
    assert "2026-03: edition 2 is pending" in found.stdout, found.stdout + found.stderr
    return company


@pytest.fixture(scope="module")
def settings(company: Installation) -> Settings:
    return small_settings(company.home, demo=Source(crm="onec", timezone="Europe/Moscow"))


def test_an_opening_that_no_restatement_explains_stops_the_close(
    company: Installation, settings: Settings
) -> None:
    (pending_dir(settings, "2026-03") / CHANGES).unlink()
    closed = company.run("close", "2026-04")
    assert closed.returncode == 1, closed.stdout + closed.stderr
    assert "published/restatements / opening_is_the_published_closing" in closed.stderr
    assert "all=all: opens with 2, closed with 1, pending +0" in closed.stderr
    assert not (company.data / "editions" / "2026-04").exists()


def test_a_late_registered_client_is_the_pending_difference(
    company: Installation, settings: Settings
) -> None:
    """Also after the remedy for the above: what was pending is found anew."""
    shutil.rmtree(settings.restatements_dir)
    company.close("2026-04")
    found = check_openings(settings, read_run_period(settings), "")
    assert found.passed
    assert re.fullmatch(r"\d+ breakdowns, \+1 clients pending", found.observed)
    with company.published() as db:
        shown = db.execute(
            """select opening_client_count, closing_client_count from rpt_client_growth
               where period_kind = 'month' and characteristic = 'all' order by period_start"""
        ).fetchall()
    assert shown == [(1, 1), (2, 2)]


def test_each_breakdown_is_judged(settings: Settings) -> None:
    """One client too many in one breakdown: it is named, and no other."""
    with duckdb.connect(str(settings.building_db)) as db:
        [(characteristic, value)] = db.execute(
            """update marts.rpt_client_growth
               set opening_client_count = opening_client_count + 1
               where close_month = date '2026-04-01' and period_kind = 'month'
                   and characteristic || value = (
                       select min(characteristic || value) from marts.rpt_client_growth
                       where characteristic <> 'all' and close_month = date '2026-04-01')
               returning characteristic, value"""
        ).fetchall()
    found = check_openings(settings, read_run_period(settings), "")
    assert not found.passed
    [named] = found.failing_keys
    assert named.startswith(f"{characteristic}={value}: opens with ")


def test_what_was_not_examined_is_not_judged(settings: Settings) -> None:
    period = read_run_period(settings)
    (settings.restatements_dir / "examined.json").unlink()
    found = check_openings(settings, period, "")
    assert found.passed
    assert found.observed == "2026-03 was not examined by what is known now"
    earlier = type(period)(period.month.previous(), period.as_of, period.scheduled_close_at, False)
    assert check_openings(settings, earlier, "").observed == "2026-02 is not closed"
