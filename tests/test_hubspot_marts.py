"""Months of HubSpot closed: one of real rows, and one of a made-up portal whose tables join."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from tests.conftest import Installation
from tests.samples import empty_marts, write_load
from tests.test_hubspot import HUB, hub_installation, rows, sample, sample_files

pytestmark = pytest.mark.slow


def epoch_seconds_as_milliseconds(moment: datetime) -> datetime:
    """A moment as the broken calendars write it."""
    return datetime.fromtimestamp(moment.timestamp() / 1000, UTC)


def real_moment(cell: str) -> datetime:
    """A cell of the samples with such moments mended."""
    moment = datetime.fromisoformat(cell).replace(tzinfo=UTC)
    if moment.year >= 1972:
        return moment
    return datetime.fromtimestamp(round(moment.timestamp() * 1000), UTC)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """February 2020 of the samples."""
    home = tmp_path_factory.mktemp("real")
    installation = hub_installation(home, HUB, business_timezone="UTC", first_month="2020-02")
    write_load(installation.raw, "hub", "2021-05-01T00:00:00Z", sample_files())
    installation.close("2020-02")
    with installation.published() as connection:
        yield connection


def test_meetings_of_the_samples_are_counted(real: duckdb.DuckDBPyConnection) -> None:
    minutes = {}
    mended = 0
    for row in sample("engagement_meeting"):
        start, end = real_moment(row["start_time"]), real_moment(row["end_time"])
        if start.strftime("%Y-%m") == "2020-02":
            minutes[f"hub:{row['engagement_id']}"] = (end - start) / timedelta(minutes=1)
            mended += row["start_time"] < "1972"
    assert (len(minutes), mended) == (9, 2)
    assert rows(real, "select interaction_id from fct_interactions order by 1") == [
        (key,) for key in sorted(minutes)
    ]
    # Over twelve hours is no duration.
    valid = [value for value in minutes.values() if value <= 720]
    assert rows(
        real,
        """select interaction_count, client_count, meeting_minutes, known_duration_count,
               invalid_duration_count
           from rpt_interaction_kpis
           where period_kind = 'month' and attribution = 'performer' and manager_id = 'all'
               and interaction_kind = 'meeting' and interaction_group = 'all'""",
    ) == [(9, 0, sum(valid), len(valid), 9 - len(valid))]


def test_companies_of_the_samples_are_the_base(real: duckdb.DuckDBPyConnection) -> None:
    entered = [row["property_createdate"][:7] for row in sample("company")]
    assert rows(
        real,
        """select opening_client_count, new_client_count, closing_client_count
           from rpt_client_growth where period_kind = 'month' and characteristic = 'all'""",
    ) == [
        (
            sum(month < "2020-02" for month in entered),
            sum(month == "2020-02" for month in entered),
            sum(month <= "2020-02" for month in entered),
        )
    ]


# A portal made up: June 2026 between two loads.
BEFORE, AFTER = "2026-06-01T00:10:00Z", "2026-07-02T03:30:00Z"
CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
Rows = list[dict[str, Any]]


def at(day: int, clock: str = "09:00") -> str:
    """A moment of June 2026."""
    return f"2026-06-{day:02d} {clock}:00"


def activity(key: int, moment: str, owner: int | str = "", **more: Any) -> dict[str, Any]:
    """Columns that engagements share; entered when they took place."""
    return {
        "engagement_id": key,
        "property_hs_createdate": "2026-05-30 08:00:00" if key in PLANNED_IN_MAY else moment,
        "property_hs_timestamp": moment,
        "property_hubspot_owner_id": owner,
        **more,
    }


def meeting(
    key: int, day: int, clocks: tuple[str, str], owner: int, outcome: str = "", **more: Any
) -> dict[str, Any]:
    """A meeting from clock to clock."""
    times = {
        "property_hs_meeting_start_time": at(day, clocks[0]),
        "property_hs_meeting_end_time": at(day, clocks[1]),
        "property_hs_meeting_outcome": outcome,
    }
    return activity(key, at(day, clocks[0]), owner, **times, **more)


PLANNED_IN_MAY = {14, 15, 16}
SHRUNK = meeting(13, 5, ("12:00", "13:30"), 1)
for name in ("start", "end"):
    column = f"property_hs_meeting_{name}_time"
    whole = datetime.fromisoformat(SHRUNK[column]).replace(tzinfo=UTC)
    SHRUNK[column] = f"{epoch_seconds_as_milliseconds(whole):%Y-%m-%d %H:%M:%S.%f}"
SHRUNK["property_hs_timestamp"] = SHRUNK["property_hs_meeting_start_time"]
MEETINGS: Rows = [
    meeting(11, 3, ("10:00", "11:00"), 1, "COMPLETED", property_hs_attendee_owner_ids="1;2"),
    meeting(12, 4, ("09:00", "09:30"), 2),
    SHRUNK,
    meeting(14, 8, ("10:00", "11:00"), 1, "CANCELED"),
    meeting(15, 20, ("10:00", "11:00"), 2, "SCHEDULED"),
    meeting(16, 25, ("10:00", "10:45"), 1, "COMPLETED"),
    meeting(17, 18, ("10:00", "11:00"), 1, "CANCELED"),
]
PLANNED: Rows = [
    {**row, "property_hs_meeting_outcome": "SCHEDULED"}
    for row in MEETINGS
    if row["engagement_id"] in PLANNED_IN_MAY
]
CALLS: Rows = [
    activity(
        21,
        at(5),
        1,
        property_hs_call_status="COMPLETED",
        property_hs_call_duration=300_000,
        property_hs_call_disposition=CONNECTED,
    ),
    activity(22, at(9), 1, property_hs_call_status="NO_ANSWER"),
    activity(23, at(10), 2, property_hs_call_status="COMPLETED", property_hs_call_duration=9_999),
    activity(24, at(11), 2, property_hs_call_status="COMPLETED"),
]
EMAILS: Rows = [
    activity(31, at(12), 1, property_hs_email_direction="INCOMING_EMAIL"),
    activity(32, at(12), 1, property_hs_email_direction="EMAIL"),
]
TASKS: Rows = [
    activity(
        41,
        at(10),
        1,
        property_hs_task_status="COMPLETED",
        property_hs_task_completion_date=at(9),
        property_hs_task_type="TODO",
    ),
    activity(42, at(12), 2, property_hs_task_status="NOT_STARTED"),
]
MESSAGES: Rows = [activity(51, at(15), 1, property_hs_communication_channel_type="WHATS_APP")]
TICKET = {
    "id": 11,
    "property_createdate": at(2),
    "property_closed_date": at(3),
    "property_hs_ticket_category": "PRODUCT_ISSUE",
    "property_hubspot_owner_id": 2,
}
COMPANY_OF = {11: 1, 12: 2, 13: 3, 14: 4, 15: 5, 16: 1, 21: 1, 23: 5, 24: 8, 41: 1, 42: 2, 51: 9}
CONTACT_OF = {11: 1, 22: 4, 31: 70, 32: 9}
OWNER_OF = {1: 1, 2: 2, 3: 2, 4: 1, 5: 2, 6: 2, 7: 1, 8: 1, 10: 1}
COMPANIES: Rows = [
    {
        "id": key,
        "property_name": f"Company {key}",
        "property_createdate": "2026-01-15 09:00:00",
        "property_state": "North" if key % 2 else "South",
        "property_industry": "Trade",
        "property_hs_ideal_customer_profile": "tier_1" if key < 4 else "tier_2",
        "property_hs_analytics_source": "REFERRALS",
        "property_hubspot_owner_id": OWNER_OF.get(key, ""),
    }
    for key in range(1, 10)
]
NEW_COMPANY = {**COMPANIES[0], "id": 10, "property_createdate": at(10)}
HISTORY: Rows = [
    {"company_id": key, "name": name, "timestamp": stamp, "value": value}
    for key, name, stamp, value in (
        (3, "hubspot_owner_id", "2026-01-15 09:00:00", 1),
        (3, "hubspot_owner_id", at(16), 2),
        (6, "hs_merged_object_ids", at(12), 8),
    )
]
CONTACTS: Rows = [
    {
        "id": key,
        "property_lastname": f"Person {key}",
        "property_createdate": "2026-01-15 09:00:00",
        "property_jobtitle": "CEO" if key == 1 else "Accountant",
        "property_associatedcompanyid": key,
    }
    for key in (1, 2, 3, 4, 7, 9)
]
MERGED_CONTACT = {**CONTACTS[4], "id": 70, "property_associatedcompanyid": 4}
LOADS: dict[str, dict[str, Rows]] = {
    BEFORE: {"company": COMPANIES, "contact": CONTACTS, "engagement_meeting": PLANNED},
    AFTER: {
        "company": [
            *(row for row in COMPANIES if row["id"] not in (6, 8)),
            {**COMPANIES[5], "property_hs_merged_object_ids": "8"},
            {**COMPANIES[7], "is_deleted": "true"},
            NEW_COMPANY,
        ],
        "company_property_history": HISTORY,
        "contact": [*CONTACTS, {**MERGED_CONTACT, "_fivetran_deleted": "true"}],
        "contact_merge_audit": [
            {"canonical_vid": 7, "vid_to_merge": 70, "timestamp": "2026-05-20 09:00:00"}
        ],
        "engagement_meeting": MEETINGS,
        "engagement_call": CALLS,
        "engagement_email": EMAILS,
        "engagement_task": TASKS,
        "engagement_communication": MESSAGES,
        "engagement_note": [activity(61, at(16), 1)],
        "ticket": [TICKET],
        "ticket_company": [{"ticket_id": 11, "company_id": 2}],
    },
}
SHARED: dict[str, Rows] = {
    "owner": [{"owner_id": key, "first_name": f"Owner {key}"} for key in (1, 2, 3)],
    "owner_team": [{"owner_id": 1, "team_id": 7, "is_team_primary": "true"}],
    "team": [{"id": 7, "name": "Field"}],
    "engagement_company": [
        {"engagement_id": key, "company_id": value} for key, value in COMPANY_OF.items()
    ],
    "engagement_contact": [
        {"engagement_id": key, "contact_id": value} for key, value in CONTACT_OF.items()
    ],
}
PLAN: Rows = [
    {
        "plan_id": f"P{owner}",
        "plan_version": 1,
        "approved_at": "2026-05-31T00:00:00Z",
        "period_start": "2026-06-01",
        "period_end": "2026-07-01",
        "manager_id": f"hub:{owner}",
        "planned_count": count,
    }
    for owner, count in ((1, 10), (2, 4))
]
SOURCES = """[sources.hub]
crm = "hubspot"
timezone = "UTC"

[sources.plans]
crm = "files"

"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """June 2026 of the portal made up above."""
    home = tmp_path_factory.mktemp("portal")
    installation: Installation = hub_installation(
        home, SOURCES, business_timezone="UTC", first_month="2026-06"
    )
    for extracted_at, tables in LOADS.items():
        write_load(installation.raw, "hub", extracted_at, {**SHARED, **tables}, crm="hubspot")
        write_load(installation.raw, "plans", extracted_at, {"contact_plans": PLAN}, crm="files")
    installation.close("2026-06")
    with installation.published() as connection:
        yield connection


# Marts that HubSpot cannot fill.
EMPTY: dict[str, str] = {}


def test_every_mart_has_rows(portal: duckdb.DuckDBPyConnection) -> None:
    assert empty_marts(portal) == set(EMPTY)


def test_every_activity_done_in_june_counts_once(portal: duckdb.DuckDBPyConnection) -> None:
    # All but the two cancelled meetings, the open one and the open task.
    keys = {row["engagement_id"] for table in (MEETINGS, CALLS, EMAILS) for row in table}
    done = sorted(
        [*(f"hub:{key}" for key in (keys | {41, 51, 61}) - {14, 15, 17}), "hub:ticket:11"]
    )
    assert rows(portal, "select interaction_id from fct_interactions order by 1") == [
        (key,) for key in done
    ]
    assert rows(
        portal,
        """select interaction_kind, sum(interaction_count) from rpt_interaction_kpis
           where period_kind = 'month' and attribution = 'performer' and manager_id = 'all'
               and interaction_group = 'all' and interaction_kind <> 'all'
           group by 1 order by 1""",
    ) == [("call", 4), ("email", 2), ("meeting", 4), ("message", 1), ("note", 1), ("task", 2)]


def test_minutes_are_those_of_the_raw_cells(portal: duckdb.DuckDBPyConnection) -> None:
    spent = {}
    for row in MEETINGS:
        start, end = (
            real_moment(row[f"property_hs_meeting_{side}_time"]) for side in ("start", "end")
        )
        spent[row["engagement_id"]] = (end - start) / timedelta(minutes=1)
    meeting_minutes = sum(spent[key] for key in (11, 12, 13, 16))
    assert meeting_minutes == 225
    # One meeting of two owners; one conversation of known length, 300,000 ms.
    assert rows(
        portal,
        """select meeting_minutes, person_minutes, call_minutes, conversation_count, attempt_count,
               unknown_duration_count
           from rpt_interaction_kpis
           where period_kind = 'month' and attribution = 'performer' and manager_id = 'all'
               and interaction_kind = 'all' and interaction_group = 'all'""",
    ) == [(meeting_minutes, meeting_minutes + spent[11], 5, 2, 2, 1)]


def test_owners_have_their_own(portal: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        portal,
        """select attribution, manager_id, interaction_count from rpt_interaction_kpis
           where period_kind = 'month' and manager_id in ('hub:1', 'hub:2')
               and interaction_kind = 'meeting' and interaction_group = 'all'
           order by 1, 2""",
    ) == [
        # Company 3 went from owner 1 to owner 2 on the 16th, after its meeting.
        ("owner at event", "hub:1", 3),
        ("owner at event", "hub:2", 1),
        ("owner at period end", "hub:1", 2),
        ("owner at period end", "hub:2", 2),
        ("performer", "hub:1", 3),
        ("performer", "hub:2", 1),
    ]
    assert rows(
        portal,
        """select manager_id, row_kind, main_client_count from rpt_manager_load
           where client_class = 'all' and main_client_count > 0 order by 1""",
    ) == [
        ("hub:1", "manager", 4),
        ("hub:2", "manager", 4),
        ("no manager", "no manager", 1),
    ]


def test_a_merged_company_is_neither_lost_nor_counted(portal: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        portal,
        """select opening_client_count, new_client_count, lost_client_count, merged_client_count,
               closing_client_count
           from rpt_client_growth where period_kind = 'month' and characteristic = 'all'""",
    ) == [(9, 1, 0, 1, 9)]


def test_no_contact_says_why(portal: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        portal,
        """select client_id, contact_status, no_contact_reason from rpt_no_contact_clients
           where period_kind = 'month' order by split_part(client_id, ':', 2)::int""",
    ) == [
        ("hub:1", "contacted", None),
        ("hub:2", "contacted", None),
        ("hub:3", "contacted", None),
        # The attempt was a call of its contact.
        ("hub:4", "no contact", "attempts only"),
        ("hub:5", "no contact", "attempts only"),
        # By the call of the company that was merged into it.
        ("hub:6", "contacted", None),
        # By the e-mail of a contact that was merged into its own.
        ("hub:7", "contacted", None),
        # A message without direction and an e-mail of ours are no contacts.
        ("hub:9", "no contact", "never contacted"),
        ("hub:10", "entered", None),
    ]
    assert rows(
        portal,
        """select client_id, attempt_count from rpt_no_contact_clients
           where period_kind = 'month' and attempt_count > 0 order by 1""",
    ) == [("hub:4", 1), ("hub:5", 1)]


def test_what_is_open_is_overdue_and_what_was_cancelled_is_cancelled(
    portal: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        portal,
        """select interaction_id, outcome from rpt_interaction_register
           where period_kind = 'month'
               and interaction_id in (
                   'hub:14', 'hub:15', 'hub:16', 'hub:17', 'hub:41', 'hub:42')
           order by 1""",
    ) == [
        # Planned in May; that it was cancelled, or 16 held, was first seen in July.
        ("hub:14", "overdue"),
        ("hub:15", "overdue"),
        ("hub:16", "overdue"),
        # First seen as cancelled: by its own end.
        ("hub:17", "cancelled"),
        ("hub:41", "completed on time"),
        ("hub:42", "overdue"),
    ]


def test_a_ticket_is_a_complaint_of_a_day(portal: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        portal,
        """select interaction_count, opened_count, closed_count, mean_hours_to_close
           from rpt_interaction_groups
           where period_kind = 'month' and interaction_group = 'complaint'
               and manager_id = 'all'""",
    ) == [(1, 1, 1, 24)]


def test_persons_are_counted_with_their_positions(portal: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        portal,
        """select position, pair_count, client_without_person_count,
               client_without_decision_maker_count
           from rpt_contact_persons
           where characteristic = 'all' and role = 'all' and position <> 'no person'
           order by pair_count desc, position""",
    ) == [
        ("all", 6, 3, 8),
        ("Бухгалтер", 5, None, None),
        ("Генеральный директор", 1, None, None),
    ]


def test_the_plan_is_measured_by_owners_contacts(portal: duckdb.DuckDBPyConnection) -> None:
    # Owner 1: three meetings, a conversation, an e-mail in. Owner 2: a meeting, a conversation.
    assert rows(
        portal,
        """select manager_id, planned_count, fact_count from rpt_plan_fulfilment
           where period_kind = 'month' and row_kind = 'line' order by 1""",
    ) == [("hub:1", 10, 5), ("hub:2", 4, 2)]
