"""A call entered after the close of its month: the closed month stays, a later look has it."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Installation
from tests.crm_files import CALLS, PARTNERS, USERS, settings_environment, write_onec_load

pytestmark = pytest.mark.slow
SOURCE = '[sources.demo]\ncrm = "onec"\ntimezone = "Europe/Moscow"\n\n'
PEOPLE = {
    USERS: [{"Ref_Key": "anna", "Description": "Анна"}],
    PARTNERS: [
        {
            "Ref_Key": "romashka",
            "Description": "Ромашка",
            "Клиент": "true",
            "ДатаРегистрации": "2026-01-12T09:00:00",
            "ОсновнойМенеджер_Key": "anna",
        }
    ],
}


def _call(key: str, day: str, entered: str) -> dict[str, str]:
    return {
        "Ref_Key": key,
        "Date": f"{entered}T12:00:00",
        "Состояние": "Завершено",
        "Ответственный_Key": "anna",
        "АбонентКонтакт": "romashka",
        "АбонентКонтакт_Type": "StandardODATA.Catalog_Партнеры",
        "Отвечен": "true",
        "ФактическоеНачало": f"{day}T11:00:00",
        "ДатаЗавершения": f"{day}T11:05:00",
    }


def _march_calls(installation: Installation) -> list[str]:
    path = installation.data / "published" / "current" / "crm_marts.duckdb"
    with duckdb.connect(str(path.resolve()), read_only=True) as db:
        rows = db.execute(
            """select interaction_id from marts.fct_interactions
               where close_month = date '2026-03-01' order by 1"""
        ).fetchall()
    return [key for (key,) in rows]


def test_call_entered_on_5_april_for_30_march_is_not_in_the_march_closed_on_3_april(
    tmp_path: Path,
) -> None:
    march = Installation(tmp_path, settings_environment(tmp_path, SOURCE))
    in_time = _call("in time", "2026-03-20", entered="2026-03-20")
    write_onec_load(march.raw / "demo" / "20260403T030000Z", PEOPLE | {CALLS: [in_time]})
    closed = march.run("close", "2026-03")
    assert closed.returncode == 0, closed.stderr
    assert _march_calls(march) == ["demo:in time"]

    late = _call("late", "2026-03-30", entered="2026-04-05")
    write_onec_load(march.raw / "demo" / "20260406T030000Z", PEOPLE | {CALLS: [in_time, late]})
    again = march.run("close", "2026-03")
    assert "2026-03: unchanged" in again.stdout, again.stderr
    assert _march_calls(march) == ["demo:in time"]

    # Taken away on purpose and closed with what is known on 7 April, the month has one call more.
    shutil.rmtree(march.data / "editions" / "2026-03")
    anew = march.run("close", "2026-03", "--known-until", "2026-04-07T00:00:00Z")
    assert anew.returncode == 0, anew.stderr
    assert _march_calls(march) == ["demo:in time", "demo:late"]
