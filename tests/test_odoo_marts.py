"""June 2014 of Odoo's demo data, closed from two loads."""

import csv
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import duckdb
import pytest

from tests.odoo_samples import AS_OF, deliver, odoo_installation
from tests.samples import Row, empty_marts, sample_folder

pytestmark = pytest.mark.slow
EMPTY = {
    "rpt_named_segments": "the segments that the project names are of other characteristics",
    "rpt_segment_overlap": "it sets named segments side by side",
}
# What the CSV files hold that has no row, or is another partner than a client.
OWN_COMPANY, USERS_PARTNER, NAMELESS = "base.main_partner", "base.partner_demo", "base.partner_root"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Marts of June 2014; the second load shows the same rows after the month's end."""
    installation = odoo_installation(
        tmp_path_factory.mktemp("odoo"), business_timezone="UTC", first_month="2014-06"
    )
    for extracted_at in (AS_OF, "2014-07-02T06:30:00Z"):
        deliver(installation.raw, extracted_at)
    installation.close("2014-06")
    with installation.published() as connection:
        yield connection


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def sample(table: str) -> list[dict[str, str]]:
    """Rows of a sample file."""
    path = sample_folder("odoo8") / "csv" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hours_between(event: dict[str, str]) -> Decimal:
    start, stop = (
        datetime.strptime(event[name], "%Y-%m-%d %H:%M:%S") for name in ("start", "stop")
    )
    return Decimal((stop - start).seconds) / 3600


def test_every_mart_has_rows_or_a_reason(db: duckdb.DuckDBPyConnection) -> None:
    assert empty_marts(db) == set(EMPTY)


def test_counts_and_minutes_are_those_of_the_files(db: duckdb.DuckDBPyConnection) -> None:
    calls = [call for call in sample("crm_phonecall") if call["state"] == "done"]
    meetings = sample("calendar_event")
    timed = [meeting for meeting in meetings if meeting["allday"] == "0"]
    call_minutes = sum(Decimal(call["duration"]) for call in calls)
    meeting_minutes = sum(hours_between(meeting) for meeting in timed) * 60
    assert rows(
        db,
        """select interaction_kind, interaction_count, call_minutes, meeting_minutes,
               unknown_duration_count
           from rpt_interaction_kpis
           where period_kind = 'month' and attribution = 'performer' and manager_id = 'all'
               and interaction_group = 'all' and interaction_kind in ('call', 'meeting')
           order by 1""",
    ) == [
        ("call", len(calls), call_minutes, 0, 0),
        ("meeting", len(meetings), 0, meeting_minutes, len(meetings) - len(timed)),
    ]
    assert (call_minutes, meeting_minutes) == (Decimal("9.25"), 1630)


def test_performers_are_the_users_of_the_files(db: duckdb.DuckDBPyConnection) -> None:
    expected: dict[str, int] = {}
    done = [call for call in sample("crm_phonecall") if call["state"] == "done"]
    for row in [*done, *sample("calendar_event")]:
        manager = f"odoo:{row['user_id']}" if row["user_id"] else "no manager"
        expected[manager] = expected.get(manager, 0) + 1
    assert (
        dict(
            rows(
                db,
                """select manager_id, sum(interaction_count) from rpt_interaction_kpis
               where period_kind = 'month' and attribution = 'performer' and manager_id <> 'all'
                   and interaction_group = 'all' and interaction_kind in ('call', 'meeting')
               group by 1 having sum(interaction_count) > 0""",
            )
        )
        == expected
    )


def test_the_base_is_the_customers_of_the_files(db: duckdb.DuckDBPyConnection) -> None:
    clients = [
        f"odoo:{partner['xml_id']}"
        for partner in sample("res_partner")
        if partner["customer"] not in ("0", "f")
        and partner["active"] != "0"
        and partner["xml_id"] not in (OWN_COMPANY, USERS_PARTNER, NAMELESS)
    ]
    # Without create_date all of them were there before the data begin.
    assert rows(
        db,
        """select opening_client_count, new_client_count, closing_client_count
           from rpt_client_growth where period_kind = 'month' and characteristic = 'all'""",
    ) == [(len(clients), 0, len(clients))]
    assert rows(db, "select client_id from rpt_no_contact_clients order by 1") == [
        (client_id,) for client_id in sorted(clients)
    ]
    assert rows(
        db,
        """select row_kind, main_client_count from rpt_manager_load
           where client_class = 'all' and main_client_count > 0""",
    ) == [("no manager", len(clients))]


def test_calls_not_held_are_overdue(db: duckdb.DuckDBPyConnection) -> None:
    waiting = [call for call in sample("crm_phonecall") if call["state"] in ("open", "pending")]
    assert rows(
        db,
        """select sum(overdue_count) from rpt_interaction_outcomes
           where period_kind = 'month' and interaction_kind = 'call'""",
    ) == [(len(waiting),)]


def test_complaints_are_opened_and_closed(db: duckdb.DuckDBPyConnection) -> None:
    claims = sample("crm_claim")
    closed = [c for c in claims if c["stage_id"][-1] in "23"]  # Settled and Rejected
    assert rows(
        db,
        """select opened_count, closed_count from rpt_interaction_groups
           where period_kind = 'month' and interaction_group = 'complaint'
               and manager_id = 'all'""",
    ) == [(len(claims), len(closed))]
