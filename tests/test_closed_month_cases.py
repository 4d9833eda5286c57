"""What happens after a close belongs to the next month: merges, cancellations, late completions.

A company whose March is closed on 3 April and computed again in May, by a recheck under a setting
that moves no figure.
"""

from typing import Any

import pytest

from tests.conftest import Installation
from tests.crm_files import settings_environment
from tests.samples import Rows, write_load

pytestmark = pytest.mark.slow
SOURCES = """[sources.office]
crm = "plain_files"
timezone = "Europe/Moscow"

[sources.plans]
crm = "files"

"""
FEBRUARY, MARCH, APRIL = "2026-02-20T00:00:00Z", "2026-04-03T00:00:00Z", "2026-05-02T00:00:00Z"
MANAGERS: Rows = [{"manager_id": name, "full_name": name} for name in ("anna", "boris")]


def _clients(*names: str) -> Rows:
    owned = {"responsible_manager_id": "anna", "registered_at": "2025-06-01 10:00"}
    return [{"client_id": name, "client_name": name, **owned} for name in names]


def _call(name: str, client: str, at: str) -> dict[str, str]:
    return {
        "interaction_id": name,
        "interaction_kind": "call",
        "client_id": client,
        "responsible_manager_id": "anna",
        "created_at": at,
        "actual_start_at": at,
        "completed_at": at,
        "talk_seconds": "60",
    }


def _task(name: str, manager: str, **more: str) -> dict[str, str]:
    return {
        "interaction_id": name,
        "interaction_kind": "task",
        "client_id": "vega",
        "responsible_manager_id": manager,
        "created_at": "2026-03-05 10:00",
        "deadline_at": "2026-03-30 18:00",
        **more,
    }


# The same client twice: once the CRM still delivers it after the merge, once it does not.
DUPLICATES = ("kept duplicate", "gone duplicate")
IN_MARCH = [_call(f"call of {name}", name, "2026-03-10 10:00") for name in ("vega", *DUPLICATES)]
CANCELLED_AT_ONCE = _task("cancelled in march", "anna", cancelled_at="2026-03-31 09:00")
MERGES: Rows = [
    {"losing_client_id": name, "surviving_client_id": "vega", "merged_at": "2026-04-03 12:00"}
    for name in DUPLICATES
]
AFTER_MARCH: dict[str, Rows] = {
    "managers": MANAGERS,
    "clients": _clients("vega", *DUPLICATES),
    "interactions": [
        *IN_MARCH,
        CANCELLED_AT_ONCE,
        _task("cancelled later", "anna"),
        _task("completed later", "boris"),
    ],
}
AFTER_APRIL: dict[str, Rows] = {
    "managers": MANAGERS,
    "clients": _clients("vega", "kept duplicate"),
    "client_merges": MERGES,
    "interactions": [
        *IN_MARCH,
        CANCELLED_AT_ONCE,
        _task("cancelled later", "anna", cancelled_at="2026-04-10 12:00"),
        _task("completed later", "boris", completed_at="2026-04-05 12:00"),
        _call("call of april", "vega", "2026-04-15 10:00"),
    ],
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    home = tmp_path_factory.mktemp("cases")
    closed = Installation(home, settings_environment(home, SOURCES))
    before = {"managers": MANAGERS, "clients": _clients("vega", *DUPLICATES)}
    for moment, tables in ((FEBRUARY, before), (MARCH, AFTER_MARCH), (APRIL, AFTER_APRIL)):
        write_load(closed.raw, "office", moment, tables, crm="plain_files")
        write_load(closed.raw, "plans", moment, {"absences": []}, crm="files")
        if moment != FEBRUARY:
            closed.close("2026-03" if moment == MARCH else "2026-04")
    return closed


def _months(company: Installation, columns: str, mart: str, where: str) -> list[tuple[Any, ...]]:
    with company.published() as db:
        found: list[tuple[Any, ...]] = db.execute(
            f"""select strftime(close_month, '%B'), {columns} from {mart}
                where period_kind = 'month' and {where} order by close_month"""
        ).fetchall()
        return found


def test_clients_merged_after_the_close_leave_the_base_in_the_next_month(
    company: Installation,
) -> None:
    columns = "opening_client_count, merged_client_count, lost_client_count, closing_client_count"
    found = _months(company, columns, "rpt_client_growth", "characteristic = 'all'")
    assert found == [("March", 3, 0, 0, 3), ("April", 3, 2, 0, 1)]
    found = _months(company, "client_id", "rpt_no_contact_clients", "true")
    assert sorted(found, reverse=True) == [
        *(("March", client) for client in ("office:vega", "office:kept duplicate")),
        ("March", "office:gone duplicate"),
        ("April", "office:vega"),
    ]


def test_a_task_cancelled_after_its_deadline_and_the_close_is_cancelled_in_the_next_month(
    company: Installation,
) -> None:
    columns = "cancelled_count, overdue_count, overdue_inflow_count, overdue_outflow_count"
    where = "manager_id = 'office:anna' and interaction_kind = 'task'"
    # One was cancelled in March itself, after its deadline: in and out again.
    found = _months(company, columns, "rpt_interaction_outcomes", where)
    assert found == [("March", 1, 1, 2, 1), ("April", 1, 0, 0, 1)]
    columns = "due_count, cancelled_after_deadline_count, still_open_count"
    where = "manager_id = 'office:anna'"
    found = _months(company, columns, "rpt_deadline_compliance", where)
    assert found == [("March", 2, 1, 1), ("April", 0, 0, 0)]


def test_a_task_completed_after_the_close_is_late_in_the_next_month(company: Installation) -> None:
    columns = "completed_late_count, overdue_count, overdue_inflow_count, overdue_outflow_count"
    where = "manager_id = 'office:boris' and interaction_kind = 'task'"
    found = _months(company, columns, "rpt_interaction_outcomes", where)
    assert found == [("March", 0, 1, 1, 0), ("April", 1, 0, 0, 1)]


def test_march_computed_again_in_may_is_as_it_was_closed(company: Installation) -> None:
    with company.published() as db:
        found = db.execute(
            """select mart, row_key, column_name, old_value, new_value, cause
               from rpt_restatements"""
        ).fetchall()
    assert found == []


@pytest.mark.deep
def test_march_computed_anew_is_as_it_was_closed(company: Installation) -> None:
    # Another seed has all months computed; nobody is ranked, so none comes out otherwise.
    other = {"CRM_MARTS_RULES__RANKING_SEED": "2"}
    rechecked = company.run("recheck", **other)
    assert "0 restatements found" in rechecked.stdout, (
        rechecked.stderr + company.run("restatements", "--limit", "99", **other).stdout
    )
