"""A month of the company made up in Salesforce, closed: each mart is filled, with its figures."""

import csv
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from orchestration.settings import DBT_DIR
from tests.conftest import Installation
from tests.salesforce_company import END, FORCE, LOADS, PLANS, deliver
from tests.samples import Row, empty_marts, sample_folder, sample_tables, write_config, write_load

pytestmark = pytest.mark.slow
EMPTY: dict[str, str] = {}
SEGMENTS = """
- segment: hot
  title: Hot ones
  versions: [{valid_from: 2020-01-01, where: {client_class: [Hot]}}]
- segment: all
  title: All
  versions: [{valid_from: 2020-01-01, where: {client_kind: [organisation, person]}}]
"""


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def _line(number: int, client: str, kind: str, count: int) -> dict[str, Any]:
    return {
        **{"plan_id": f"2026-03-{number}", "plan_version": "1", "planned_count": str(count)},
        **{"approved_at": "2026-02-25T12:00:00Z", "manager_id": "force:005A"},
        **{"period_start": "2026-03-01", "period_end": "2026-04-01"},
        **{"client_id": client, "interaction_kind": kind, "interaction_group": ""},
    }


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Marts of March 2026."""
    home = tmp_path_factory.mktemp("force")
    (home / "segments.yml").write_text(SEGMENTS, encoding="utf-8")
    config = write_config(
        *(home, FORCE + PLANS),
        first_month="2026-03",
        named_segments_file=str(home / "segments.yml"),
    )
    installation = Installation(home, {"CRM_MARTS_CONFIG": str(config)})
    deliver(installation.raw)
    plans = [_line(1, "force:001A", "meeting", 2), _line(2, "", "call", 10)]
    write_load(installation.raw, "plans", END, {"contact_plans": plans}, crm="files")
    installation.close("2026-03")
    with installation.published() as connection:
        yield connection


def test_each_mart_has_rows(db: duckdb.DuckDBPyConnection) -> None:
    marts = sorted(
        path.stem
        for path in (DBT_DIR / "models/marts").rglob("*.sql")
        if path.parent.name != "restricted"
    )
    assert "rpt_segment_sizes" in marts  # the glob found them
    empty = [mart for mart in marts if rows(db, f"select count(*) from {mart}") == [(0,)]]
    assert empty == sorted(EMPTY)


def test_what_counts_is_what_was_done_in_the_month(db: duckdb.DuckDBPyConnection) -> None:
    delivered = {f"force:{row['id']}" for t in LOADS.values() for row in t["task"] + t["event"]}
    never = {
        *("overdue", "noneed", "dropped", "stale", "first"),  # not done, or deleted
        *("series", "unknown", "broken"),  # a pattern; in quarantine
    }
    no_event = {"copybob", "copyhugo", "orphan2", "pattern", "next", "off", "binned"}
    expected = (
        delivered - {f"force:00T{key}" for key in never} - {f"force:00U{key}" for key in no_event}
    )
    found = {r[0] for r in rows(db, "select interaction_id from fct_interactions")}
    assert found == expected
    assert len(found) == 15


def test_minutes_and_counts_by_kind(db: duckdb.DuckDBPyConnection) -> None:
    # Calls: 300 s, 120 s, an event of 15 min, two of unknown length, one attempt of 3 s.
    # Meetings: 60 min of two, as Hugo declined; 30 min of two copies without their event; a day.
    assert rows(
        db,
        """select interaction_kind, interaction_count, conversation_count, attempt_count,
               call_minutes::float, meeting_minutes::float, person_minutes::float,
               unknown_duration_count
           from rpt_interaction_kpis
           where period_kind = 'month' and attribution = 'performer' and manager_id = 'all'
               and interaction_group = 'all' order by 1""",
    ) == [
        ("all", 15, 5, 1, 22.0, 90.0, 180.0, 3),
        ("call", 6, 5, 1, 22.0, 0.0, 0.0, 2),
        ("email", 1, 0, 0, 0.0, 0.0, 0.0, 0),
        ("mailing", 1, 0, 0, 0.0, 0.0, 0.0, 0),
        ("meeting", 3, 0, 0, 0.0, 90.0, 180.0, 1),
        ("task", 4, 0, 0, 0.0, 0.0, 0.0, 0),
    ]


def test_the_owner_is_the_one_at_the_time(db: duckdb.DuckDBPyConnection) -> None:
    # Alfa was Bob's until 10 March, 9:00; then for a second Hugo's; then Ann's.
    assert rows(
        db,
        """select interaction_id, owner_at_event_id from fct_interactions
           where interaction_id in ('force:00Tcall', 'force:00Ufair') order by 1""",
    ) == [("force:00Tcall", "force:005B"), ("force:00Ufair", "force:005A")]
    assert rows(
        db,
        """select manager_id, main_client_count from rpt_manager_load
           where client_class = 'all' and main_client_count > 0""",
    ) == [("force:005A", 5)]


def test_the_base_grows_by_a_person_and_loses_a_merged_one(db: duckdb.DuckDBPyConnection) -> None:
    # Delta is a partner. Trash and Sunk were deleted after the month.
    assert rows(
        db,
        """select opening_client_count, new_client_count, merged_client_count, lost_client_count,
               closing_client_count
           from rpt_client_growth where period_kind = 'month' and characteristic = 'all'""",
    ) == [(5, 1, 1, 0, 5)]


def test_outcomes_of_tasks(db: duckdb.DuckDBPyConnection) -> None:
    # Dropped before its date; the report and the parked one; one that the load of the 20th shows
    # done; open and past: one cancelled only after the month is the third.
    assert rows(
        db,
        """select sum(cancelled_count), sum(completed_on_time_count), sum(completed_late_count),
               sum(overdue_count)
           from rpt_interaction_outcomes
           where period_kind = 'month' and interaction_kind = 'task' and manager_id <> 'all'""",
    ) == [(1, 2, 1, 3)]


def test_contacts_and_plan(db: duckdb.DuckDBPyConnection) -> None:
    # Beta had a call, and at the fair a contact who was its own until the 20th. Of the two meetings
    # planned with Alfa one is Bob's, who had it until the 10th; the lead's call serves the line of
    # any client.
    assert rows(
        db,
        """select client_id, contact_status, contact_count
           from rpt_no_contact_clients order by 1""",
    ) == [
        ("force:001A", "contacted", 6),
        ("force:001B", "contacted", 2),
        ("force:001E", "do not contact", 0),
        ("force:001S", "no contact", 0),
        ("force:001T", "no contact", 0),
    ]
    assert rows(
        db,
        """select planned_count, fulfilled_count from rpt_plan_fulfilment
           where row_kind = 'manager' and manager_id = 'force:005A'""",
    ) == [(11, 6)]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """November 2019 of the sample rows; their hashed types are nobody's to map."""
    folder = sample_folder("salesforce_fivetran") / "csv"
    home = tmp_path_factory.mktemp("real")
    config = write_config(home, FORCE, first_month="2019-11", business_timezone="UTC")
    installation = Installation(home, {"CRM_MARTS_CONFIG": str(config)})
    installation.variables["CRM_MARTS_CHECKS__UNCLASSIFIED_SHARE"] = "1"
    files = sample_tables("salesforce", folder, "sf_", "_data")
    write_load(installation.raw, "force", "2020-08-01T00:00:00Z", files)
    installation.close("2019-11")
    with installation.published() as found:
        yield found


def test_real_rows_reach_every_mart(real: duckdb.DuckDBPyConnection) -> None:
    assert empty_marts(real) <= {
        *("rpt_named_segments", "rpt_segment_overlap", "rpt_segment_migration"),  # none is like it
        *("rpt_planned_activity", "rpt_deadline_compliance"),  # logged at once: nothing was due
        *("rpt_plan_fulfilment", "rpt_contact_persons", "rpt_no_contact_clients"),
    }


def test_real_rows_count_as_they_stand(real: duckdb.DuckDBPyConnection) -> None:
    folder = sample_folder("salesforce_fivetran") / "csv"
    expected = set()
    for table in ("event", "task"):
        with (folder / f"sf_{table}_data.csv").open(encoding="utf-8", newline="") as file:
            expected |= {
                f"force:{row['id']}"
                for row in csv.DictReader(file)
                if row["is_deleted"].lower() != "true" and row.get("is_child", "").lower() != "true"
            }
    found = real.execute("select interaction_id from fct_interactions").fetchall()
    assert {key for (key,) in found} == expected
