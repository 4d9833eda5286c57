"""A call entered after the close of its month: the closed month stays, the next edition has it."""

from pathlib import Path

import duckdb
import pytest

from tests.conftest import Installation
from tests.crm_files import CALLS, ONE_CLIENT, settings_environment, write_onec_load

pytestmark = pytest.mark.slow
SOURCE = '[sources.demo]\ncrm = "onec"\ntimezone = "Europe/Moscow"\n\n'


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
    write_onec_load(march.raw / "demo" / "20260403T030000Z", ONE_CLIENT | {CALLS: [in_time]})
    closed = march.run("close", "2026-03")
    assert closed.returncode == 0, closed.stderr
    assert _march_calls(march) == ["demo:in time"]

    late = _call("late", "2026-03-30", entered="2026-04-05")
    write_onec_load(march.raw / "demo" / "20260406T030000Z", ONE_CLIENT | {CALLS: [in_time, late]})
    again = march.run("close", "2026-03")
    assert "2026-03: unchanged" in again.stdout, again.stderr
    assert _march_calls(march) == ["demo:in time"]

    # Known since 6 April: the next edition restates it by one call, on purpose.
    assert "1 restatements found" in march.run("recheck").stdout
    assert _march_calls(march) == ["demo:in time"]
    march.run("restate", "2026-03")
    assert _march_calls(march) == ["demo:in time", "demo:late"]
    with march.published() as db:
        assert db.execute(
            """select cause, delta from rpt_restatements
               where mart = 'rpt_interaction_kpis' and column_name = 'interaction_count'
               group by all"""
        ).fetchall() == [("late entry", 1)]
