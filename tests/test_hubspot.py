"""HubSpot as Fivetran writes it: rows of real portals that do not join, and made-up loads."""

import base64
import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.raw.declared import declared_tables
from tests.conftest import Installation
from tests.samples import Row, sample_folder, sample_tables, write_config, write_load

FUNKY = "property_hs_all-funky-a9384-syntax"
HUB = f"""[sources.hub]
crm = "hubspot"
timezone = "UTC"

[sources.hub.characteristics.funky_syntax]
column = "{FUNKY}"

"""
EMPTY_HASH = base64.b64encode(hashlib.md5(b"", usedforsecurity=False).digest()).decode()
# Tables whose rows become rows of the contract, one to one.
INTERACTIONS = (
    "engagement_call",
    "engagement_communication",
    "engagement_email",
    "engagement_meeting",
    "engagement_note",
    "engagement_task",
    "ticket",
)


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def hub_installation(home: Path, sources: str = HUB, **texts: str) -> Installation:
    """One HubSpot source below `home`."""
    return Installation(home, {"CRM_MARTS_CONFIG": str(write_config(home, sources, **texts))})


def sample_files() -> dict[str, Path]:
    """Sample files by raw table."""
    return sample_tables("hubspot", sample_folder("hubspot_fivetran") / "csv", suffix="_data")


def sample(table: str) -> list[dict[str, str]]:
    """Rows of a sample file."""
    with sample_files()[table].open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The samples landed twice, the canonical layer built."""
    installation = hub_installation(tmp_path_factory.mktemp("hub"))
    for extracted_at in ("2021-04-01T00:00:00Z", "2021-05-01T00:00:00Z"):
        write_load(installation.raw, "hub", extracted_at, sample_files())
    installation.build("2021-04")
    with installation.canonical() as connection:
        yield connection


def test_every_table_of_the_samples_is_read_or_left_out_on_purpose() -> None:
    folder = sample_folder("hubspot_fivetran") / "csv"
    given = {path.stem.removesuffix("_data") for path in folder.glob("*.csv")}
    assert given - set(declared_tables("hubspot")) == {
        # Of deals, roles and contacts' history nothing is reported.
        "contact_property_history",
        "deal",
        "deal_company",
        "deal_contact",
        "engagement_deal",
        "merged_deal",
        "role",
        "team_user",
        "ticket_deal",
        "ticket_engagement",
    }
    # Samples have no associations of contacts.
    assert set(declared_tables("hubspot")) - given == {"contact_company"}


def test_every_delivered_row_is_accounted_for(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(db, "select * from quarantine") == []
    delivered = rows(
        db,
        """select table_name, delivered_count, unchanged_count, rejected_count,
               exact_duplicate_count, gone_count
           from work.staging.stg_landing__loads where extracted_at = '2021-05-01'""",
    )
    # The second load brings the same rows.
    assert sorted(delivered) == sorted(
        (table, len(sample(table)), len(sample(table)), 0, 0, 0) for table in sample_files()
    )
    assert rows(db, "select count(*) from interaction_changes") == [(0,)]


def test_no_row_is_multiplied_on_the_way_to_the_contract(db: duckdb.DuckDBPyConnection) -> None:
    counts = {
        "interactions": sum(len(sample(table)) for table in INTERACTIONS),
        "clients": len(sample("company")),
        "contact_persons": len(sample("contact")),
        "managers": len(sample("owner")),
        "interaction_parties": sum(
            len(sample(f"{parent}_{party}"))
            for parent in ("engagement", "ticket")
            for party in ("company", "contact")
        ),
    }
    assert counts == {
        "interactions": 131,
        "clients": 24,
        "contact_persons": 22,
        "managers": 100,
        "interaction_parties": 20,
    }
    for table, count in counts.items():
        assert rows(db, f"select count(*) from {table}") == [(count,)], table
    assert rows(
        db, "select interaction_kind, count(*) from interactions group by 1 order by 1"
    ) == [("call", 1), ("email", 1), ("meeting", 100), ("message", 1), ("note", 1), ("task", 27)]


def test_references_that_find_nothing_stay(db: duckdb.DuckDBPyConnection) -> None:
    # No meeting has an engagement, so none has an owner or a client, and all of them live.
    assert rows(
        db,
        """select count(*), count(responsible_manager_id), count(client_id), count(completed_at),
               bool_or(is_deleted)
           from interactions where interaction_kind = 'meeting'""",
    ) == [(100, 0, 0, 100, False)]
    # Two tasks and a ticket of owners that nobody delivered.
    assert rows(
        db,
        """select dangling_responsible_manager_id, count(*) from interactions
           where dangling_responsible_manager_id is not null group by 1 order by 2 desc""",
    ) == [("hub:32779820", 2), ("hub:90700234", 1)]
    # Parties of tickets that nobody delivered.
    assert rows(
        db,
        """select count(*) from interaction_parties
           where interaction_id not in (select interaction_id from interactions)""",
    ) == [(19,)]
    # The call is a contact's that nobody delivered.
    assert rows(
        db,
        """select party_kind, party_id from interaction_parties
           where interaction_id in (select interaction_id from interactions)""",
    ) == [("person", "hub:501")]


def test_moments_in_seconds_are_mended(db: duckdb.DuckDBPyConnection) -> None:
    shrunk = [row for row in sample("engagement_meeting") if row["start_time"] < "1972"]
    assert len(shrunk) == 7
    meetings = rows(
        db,
        """select interaction_id, planned_start_at::varchar, planned_end_at::varchar,
               duration_seconds
           from interactions where interaction_kind = 'meeting'""",
    )
    assert all("2018" <= start < "2021" and start <= end for _, start, end, _ in meetings)
    by_id = {key: rest for key, *rest in meetings}
    assert by_id["hub:5105154709"] == ["2020-02-07 17:00:00", "2020-02-07 18:30:00", 5400]
    # As Python reads the same cells.
    expected = [
        rows(
            db,
            f"""select epoch_ms(epoch_us(timestamp '{row["start_time"]}'))::varchar,
                    epoch_ms(epoch_us(timestamp '{row["end_time"]}'))::varchar""",
        )[0]
        for row in shrunk
    ]
    assert [tuple(by_id[f"hub:{row['engagement_id']}"][:2]) for row in shrunk] == expected


def test_a_meeting_without_outcome_is_completed_by_time(db: duckdb.DuckDBPyConnection) -> None:
    assert {row["meeting_outcome"] for row in sample("engagement_meeting")} == {""}
    assert rows(
        db,
        """select completed_at_source, count(*), count(*) filter (completed_at = actual_end_at),
               count(*) filter (actual_start_at = planned_start_at)
           from interactions where interaction_kind = 'meeting' group by 1""",
    ) == [("inferred", 100, 100, 100)]
    # Of the older schema: without a date of entry it was the start at the latest.
    assert rows(
        db,
        """select count(*) from interactions
           where interaction_kind = 'meeting' and created_at > planned_start_at""",
    ) == [(0,)]


def test_future_dates_are_not_done(db: duckdb.DuckDBPyConnection) -> None:
    # The message is dated 2023, the loads 2021.
    assert rows(
        db,
        """select interaction_kind, completed_at, planned_start_at::varchar from interactions
           where interaction_kind = 'message'""",
    ) == [("message", None, "2023-05-01 19:43:05.526")]


def test_a_task_without_status_is_open_however_late(db: duckdb.DuckDBPyConnection) -> None:
    # Of the newer and of the older columns alike the type is filled.
    assert rows(
        db,
        """select interaction_id, raw_type, completed_at, deadline_at::varchar, actual_start_at
           from interactions where raw_type like 'TASK%' order by 1""",
    ) == [
        ("hub:32034933897", "TASK TODO", None, "2023-03-08 02:30:00", None),
        ("hub:32034933899", "TASK TODO", None, "2023-03-08 02:30:00", None),
    ]


def test_hashes_of_nothing_are_no_names(db: duckdb.DuckDBPyConnection) -> None:
    nameless = [row for row in sample("owner") if row["first_name"] == EMPTY_HASH]
    assert {row["last_name"] for row in nameless} == {EMPTY_HASH}
    assert len(nameless) == 23
    names: dict[str, str] = dict(rows(db, "select manager_id, full_name from managers"))
    for row in sample("owner"):
        parts = [part for part in (row["first_name"], row["last_name"]) if part != EMPTY_HASH]
        expected = " ".join(parts) or row["email"]
        assert names[f"hub:{row['owner_id']}"] == expected
    # Three industries are the hash of the empty text, nine that of the word null.
    hashes = {hashlib.md5(text, usedforsecurity=False).hexdigest() for text in (b"", b"null")}
    kept = sum(row["property_industry"] not in hashes for row in sample("company"))
    assert kept == 12
    assert rows(db, "select count(*) from clients where industry is not null") == [(kept,)]


def test_teams_come_from_owners_or_their_users(db: duckdb.DuckDBPyConnection) -> None:
    # 40706000 is in two teams, one of them primary; the last four have a user alone.
    by_user = {row["owner_id"] for row in sample("owner") if row["active_user_id"]}
    teams: dict[str, str] = dict(
        rows(db, "select manager_id, team from managers where team is not null")
    )
    assert teams["hub:35252170"] == "team_01"
    assert teams["hub:40706000"] == "team_02"
    assert set(teams) == {f"hub:{owner}" for owner in {"35252170", "40706000"} | by_user}
    assert teams["hub:44023296"] == "team_01"
    assert teams["hub:42972304"] == "team_02"


def test_a_funky_column_is_a_characteristic(db: duckdb.DuckDBPyConnection) -> None:
    expected = sorted((f"hub:{row['id']}", row[FUNKY]) for row in sample("company") if row[FUNKY])
    assert len(expected) == 7
    assert (
        rows(
            db,
            """select client_id, value from client_characteristics
               where characteristic = 'funky_syntax' order by 1, 2""",
        )
        == expected
    )


def test_merged_contacts_are_given_up(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        "select person_id, deleted_at::varchar from contact_persons where is_deleted order by 1",
    ) == [
        (f"hub:{contact}", "2021-04-01 00:00:00")
        for contact in ("46897301", "76226001", "76340251")
    ]
    # The audit's contacts are in no other table; its four merges are known.
    assert rows(
        db,
        """select contact_id, survivor_id, merged_at::varchar
               from work.staging.int_hubspot__surviving_persons
               where survivor_id <> 'hub:78971951' order by 1""",
    ) == sorted(
        (f"hub:{row['vid_to_merge']}", f"hub:{row['canonical_vid']}", row["timestamp"])
        for row in sample("contact_merge_audit")
    )


def test_tickets_have_ids_and_groups_of_their_own(db: duckdb.DuckDBPyConnection) -> None:
    tickets = sample("ticket")
    closed = sum(row["property_closed_date"] != "" for row in tickets)
    assert (len(tickets), closed) == (25, 23)
    # One says that it was closed in 2025: it is closed, but not at a time after the load.
    assert sum(row["property_closed_date"] > "2021-04-01" for row in tickets) == 1
    assert sum(row["property_hubspot_owner_id"] != "" for row in tickets) == 6
    assert rows(
        db,
        """select count(*), count(completed_at),
               count(*) filter (completed_at_source = 'field'),
               count(*) filter (interaction_group = 'consultation'), count(responsible_manager_id)
           from interactions where interaction_id like 'hub:ticket:%'""",
    ) == [(25, 23, 22, 21, 5)]
    # The category of the other four is hashed: no line of the list knows it.
    assert rows(
        db,
        """select distinct raw_type, interaction_group from interactions
           where raw_type like 'TICKET %'""",
    ) == [("TICKET 948482e333e299e112732c3c6e6e6de2", None)]


def test_a_hashed_history_gives_no_owners(db: duckdb.DuckDBPyConnection) -> None:
    assert {row["name"] for row in sample("company_property_history")} == {
        "WRM+4i8iHBcBoIeVxhFUbA=="
    }
    assert rows(db, "select * from client_assignments") == []


# Loads of a portal made up for what the samples never show: rows by load and table.
MAY, JUNE, JULY = "2026-05-02T00:00:00Z", "2026-06-02T00:00:00Z", "2026-07-02T03:30:00Z"
CONNECTED, NO_ANSWER = (
    "f240bbac-87c9-4f6e-bf70-924b57d47db7",
    "73a0d17f-1163-4015-bdd5-ec830791da20",
)
Rows = list[dict[str, Any]]


def meeting(key: int, start: str, outcome: str = "", **more: Any) -> dict[str, Any]:
    """A meeting of the newer schema, half an hour long."""
    return {
        "engagement_id": key,
        "property_hs_createdate": "2026-04-01 08:00:00",
        "property_hs_timestamp": start,
        "property_hs_meeting_start_time": start,
        "property_hs_meeting_end_time": start.replace(":00:00", ":30:00"),
        "property_hs_meeting_outcome": outcome,
        "property_hubspot_owner_id": 1,
        **more,
    }


def call(key: int, **more: Any) -> dict[str, Any]:
    """A call of 20 May."""
    return {"engagement_id": key, "property_hs_timestamp": "2026-05-20 10:00:00", **more}


def email(key: int, kind: str, **more: Any) -> dict[str, Any]:
    """An e-mail of 21 May."""
    return {
        "engagement_id": key,
        "property_hs_timestamp": "2026-05-21 10:00:00",
        "property_hs_email_direction": kind,
        **more,
    }


def task(key: int, status: str, **more: Any) -> dict[str, Any]:
    """A task due on 15 May."""
    return {
        "engagement_id": key,
        "property_hs_createdate": "2026-05-01 08:00:00",
        "property_hs_timestamp": "2026-05-15 12:00:00",
        "property_hs_task_status": status,
        **more,
    }


def company(key: int, **more: Any) -> dict[str, Any]:
    """A company of January."""
    return {"id": key, "property_createdate": "2026-01-01 09:00:00", "is_deleted": "false", **more}


def contact(key: int, **more: Any) -> dict[str, Any]:
    """A contact of January."""
    return {"id": key, "property_createdate": "2026-01-01 09:00:00", **more}


PLANNED = meeting(11, "2026-05-20 10:00:00")
SCHEDULED = meeting(12, "2026-05-21 10:00:00", "SCHEDULED", property_hs_attendee_owner_ids="2;1")
CANCELLED = meeting(13, "2026-05-22 10:00:00", "SCHEDULED")
LATER = meeting(14, "2026-08-03 10:00:00", "SCHEDULED")
NEVER_HELD = meeting(15, "2026-05-04 10:00:00", "NO_SHOW")
MOVED = meeting(16, "2026-05-06 10:00:00", "RESCHEDULED")
UNKNOWN = meeting(17, "2026-05-06 10:00:00", "WALKED OUT")
DEMO = meeting(18, "2026-05-07 10:00:00", "COMPLETED", property_hs_activity_type="Demo")
REMOVED = meeting(19, "2026-05-08 10:00:00", "COMPLETED")
DATELESS = {"engagement_id": 20, "property_hs_meeting_title": "When?"}
UNREADABLE = meeting(21, "next week")
OLD_CALL = {"engagement_id": 31, "status": "COMPLETED", "duration_milliseconds": 61500}
OLD = {"id": 31, "type": "CALL", "timestamp": "2026-04-20 10:00:00", "owner_id": 1}
CALLS: Rows = [
    OLD_CALL,
    call(32, property_hs_call_status="NO_ANSWER", property_hs_call_direction="OUTBOUND"),
    call(33, property_hs_call_status="COMPLETED", property_hs_call_disposition=NO_ANSWER),
    call(
        34,
        property_hs_call_status="COMPLETED",
        property_hs_call_disposition=CONNECTED,
        property_hs_call_duration=0,
        property_hs_call_direction="INBOUND",
    ),
    call(35, property_hs_call_status="COMPLETED", property_hs_call_duration=9999),
    call(36, property_hs_call_status="RINGING"),
    call(37, property_hs_call_status="MISSED"),
]
EMAILS: Rows = [
    email(41, "EMAIL", property_hs_email_status="SENT"),
    email(42, "INCOMING_EMAIL"),
    email(43, "FORWARDED_EMAIL"),
    email(44, "EMAIL", property_hs_email_status="FAILED"),
]
TASKS: Rows = [
    task(51, "NOT_STARTED", property_hs_task_type="TODO"),
    task(52, "WAITING"),
    task(53, "DEFERRED"),
    task(
        54,
        "COMPLETED",
        property_hs_task_completion_date="2026-05-10 09:00:00",
        property_hs_task_type="CALL",
    ),
    {
        "engagement_id": 55,
        "status": "IN_PROGRESS",
        "task_type": "EMAIL",
        **{"property_hs_timestamp": "2026-05-15 12:00:00"},
    },
]
MESSAGES: Rows = [
    {
        "engagement_id": 61,
        "property_hs_timestamp": "2026-05-23 10:00:00",
        "property_hs_communication_channel_type": "WHATS_APP",
    }
]
NOTES: Rows = [{"engagement_id": 71, "property_hs_timestamp": "2026-05-24 10:00:00"}]
OPEN_TICKET = {
    "id": 31,
    "property_createdate": "2026-05-05 10:00:00",
    "property_hs_ticket_category": "PRODUCT_ISSUE",
    "property_hubspot_owner_id": 2,
}
CLOSED_TICKET = {**OPEN_TICKET, "property_closed_date": "2026-05-30 10:00:00"}
COMPANIES: Rows = [
    company(1, property_name="Kiosk", property_hubspot_owner_id=1),
    company(2, property_domain="kiosk.example", property_hubspot_owner_id=1),
    company(3, property_hubspot_owner_id=2, property_type="VENDOR"),
    company(4, property_name="Stand", property_hs_object_source="IMPORT"),
    company(5, property_name="Booth"),
]
OWNER_HISTORY: Rows = [
    {"company_id": 2, "name": "hubspot_owner_id", "timestamp": stamp, "value": value}
    for stamp, value in (
        ("2026-01-01 09:00:00", "1"),
        ("2026-02-01 09:00:00.123", "1"),
        ("2026-03-01 09:00:00.123", ""),
        ("2026-05-10 09:00:00", "2"),
    )
]
MERGE_HISTORY = {
    "company_id": 2,
    "name": "hs_merged_object_ids",
    "timestamp": "2026-05-12 09:00:00",
    "value": "4",
}
OWNERS: Rows = [
    {"owner_id": 1, "first_name": "Ann", "last_name": "Bee", "active_user_id": 101},
    {"owner_id": 2, "email": "cay@example.com", "first_name": EMPTY_HASH},
    {"owner_id": 3},
]
CONTACTS: Rows = [
    contact(1, property_lastname="Eve", property_jobtitle="Buyer", property_associatedcompanyid=1),
    contact(2, property_lastname="Eva", property_jobtitle="Owner", property_associatedcompanyid=2),
    contact(3, property_lastname="Max", property_hs_buying_role="INFLUENCER;DECISION_MAKER"),
]
LINKS = {
    "engagement_company": [
        {"engagement_id": 12, "company_id": 2},
        {"engagement_id": 12, "company_id": 1},
        {"engagement_id": 14, "company_id": 1},
        {"engagement_id": 18, "company_id": 99},
    ],
    "engagement_contact": [
        {"engagement_id": 12, "contact_id": 3},
        {"engagement_id": 32, "contact_id": 1},
    ],
    "ticket_company": [{"ticket_id": 31, "company_id": 1}],
    "ticket_contact": [{"ticket_id": 31, "contact_id": 2}],
}
HISTORY: dict[str, dict[str, Rows]] = {
    MAY: {
        "company": COMPANIES,
        "contact": CONTACTS,
        "owner": OWNERS,
        "engagement": [OLD],
        "engagement_call": [OLD_CALL],
        "engagement_meeting": [
            *(PLANNED, SCHEDULED, CANCELLED, LATER, NEVER_HELD, MOVED, UNKNOWN, DEMO, REMOVED),
            *(DATELESS, UNREADABLE),
        ],
        "engagement_task": [task(51, "NOT_STARTED", property_hs_task_type="TODO")],
        "ticket": [OPEN_TICKET],
        "company_property_history": OWNER_HISTORY,
        **LINKS,
    },
    JUNE: {
        "company": [
            {**COMPANIES[0], "property_hubspot_owner_id": 2},
            {**COMPANIES[1], "property_hs_merged_object_ids": "4"},
            COMPANIES[2],
            {**COMPANIES[3], "is_deleted": "true"},
            {**COMPANIES[4], "property_hs_merged_object_ids": "5;6"},
        ],
        "contact": [
            {**CONTACTS[0], "property_associatedcompanyid": 5},
            {**CONTACTS[1], "property_hs_merged_object_ids": "3"},
            CONTACTS[2],
            contact(7, property_associatedcompanyid=1)
            | {"property_createdate": "2026-05-25 09:00:00"},
        ],
        "contact_company": [{"contact_id": 3, "company_id": 1}, {"contact_id": 2, "company_id": 1}],
        "owner": [{**OWNERS[0], "is_active": "false"}, *OWNERS[1:]],
        "engagement": [{**OLD, "owner_id": 2}],
        "engagement_call": CALLS,
        "engagement_communication": MESSAGES,
        "engagement_email": EMAILS,
        "engagement_meeting": [
            *(PLANNED, {**SCHEDULED, "property_hs_meeting_outcome": "COMPLETED"}),
            *({**CANCELLED, "property_hs_meeting_outcome": "CANCELED"}, LATER, NEVER_HELD, MOVED),
            *(DEMO, {**REMOVED, "_fivetran_deleted": "true"}),
        ],
        "engagement_note": NOTES,
        "engagement_task": TASKS,
        "ticket": [CLOSED_TICKET],
        "company_property_history": [*OWNER_HISTORY, MERGE_HISTORY],
        **LINKS,
    },
    JULY: {
        "company": [
            {**COMPANIES[0], "property_hubspot_owner_id": 2, "property_city": "Omsk"},
            {**COMPANIES[1], "property_hs_merged_object_ids": "4"},
            COMPANIES[2],
            {**COMPANIES[3], "is_deleted": "true"},
            {**COMPANIES[4], "property_hs_merged_object_ids": "5;6"},
        ],
        "contact": [
            {**CONTACTS[0], "property_associatedcompanyid": 5},
            {**CONTACTS[1], "property_hs_merged_object_ids": "3"},
            {**CONTACTS[2], "_fivetran_deleted": "true"},
        ],
        "contact_merge_audit": [
            {"canonical_vid": 1, "vid_to_merge": 2, "timestamp": "2026-06-20 10:00:00"}
        ],
        "contact_company": [{"contact_id": 2, "company_id": 1}],
        "owner": [{**OWNERS[0], "is_active": "false", "email": "ann@example.com"}, *OWNERS[1:]],
        "engagement": [{**OLD, "owner_id": 2}],
        "engagement_call": CALLS,
        "engagement_communication": MESSAGES,
        "engagement_email": EMAILS,
        "engagement_meeting": [
            *(
                {**PLANNED, "property_hs_meeting_title": "Edited later"},
                {
                    **SCHEDULED,
                    "property_hs_meeting_outcome": "COMPLETED",
                    "property_hs_meeting_title": "Edited later",
                },
            ),
            *({**CANCELLED, "property_hs_meeting_outcome": "CANCELED"}, NEVER_HELD, MOVED),
            *(DEMO, {**REMOVED, "_fivetran_deleted": "true"}),
        ],
        "engagement_note": NOTES,
        "engagement_task": TASKS,
        "ticket": [CLOSED_TICKET],
        "company_property_history": [*OWNER_HISTORY, MERGE_HISTORY],
        # The meeting that is gone took its association along.
        **LINKS,
        "engagement_company": [
            link for link in LINKS["engagement_company"] if link["engagement_id"] != 14
        ],
    },
}


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Canonical tables of the portal made up above, June 2026."""
    sources = '[sources.hub]\ncrm = "hubspot"\ntimezone = "UTC"\n\n'
    installation = hub_installation(tmp_path_factory.mktemp("kiosk"), sources)
    for extracted_at, tables in HISTORY.items():
        write_load(installation.raw, "hub", extracted_at, tables, crm="hubspot")
    installation.build("2026-06")
    with installation.canonical() as connection:
        yield connection


CASES = [
    pytest.param(
        """select state, known_from::varchar, known_to::varchar, completed_at::varchar
           from interaction_versions where interaction_id = 'hub:11' order by 2""",
        [
            ("open", "2026-05-02 00:00:00", "2026-06-02 00:00:00", None),
            ("completed", "2026-06-02 00:00:00", "2026-07-02 03:30:00", "2026-05-20 10:30:00"),
            ("completed", "2026-07-02 03:30:00", None, "2026-05-20 10:30:00"),
        ],
        id="without an outcome, time completes a meeting that nobody touched",
    ),
    pytest.param(
        """select interaction_id, actual_start_at::varchar, completed_at::varchar,
               completed_at_source, cancelled_at::varchar, duration_seconds
           from interactions where interaction_kind = 'meeting' and not is_deleted
               and interaction_id <> 'hub:18' order by 1""",
        [
            (
                *("hub:11", "2026-05-20 10:00:00", "2026-05-20 10:30:00", "inferred", None),
                1800,
            ),
            ("hub:12", "2026-05-21 10:00:00", "2026-06-02 00:00:00", "load", None, 1800),
            ("hub:13", None, None, None, "2026-06-02 00:00:00", None),
            ("hub:14", None, None, None, "2026-07-02 03:30:00", None),
            ("hub:15", None, None, None, "2026-05-02 00:00:00", None),
            ("hub:16", None, None, None, None, None),
        ],
        id="with an outcome the load that shows it completes or cancels, and a later edit does not "
        "move that; gone before its start is cancelled; rescheduled is open",
    ),
    pytest.param(
        """select table_name, reason, left_at::varchar from quarantine order by 2""",
        [
            ("engagement_meeting", "no date", "2026-06-02 00:00:00"),
            ("engagement_meeting", "outcome is unknown", "2026-06-02 00:00:00"),
            (
                "engagement_meeting",
                "property_hs_timestamp is not a date; property_hs_meeting_start_time is not a "
                "date; property_hs_meeting_end_time is not a date",
                "2026-06-02 00:00:00",
            ),
        ],
        id="no date, an unreadable one and an outcome of no list are quarantined",
    ),
    pytest.param(
        "select raw_type, interaction_kind, interaction_group, dangling_client_id "
        "from interactions where interaction_id = 'hub:18'",
        [("Demo", "meeting", None, "hub:99")],
        id="the type that a user picked goes first; it is the list's to know it",
    ),
    pytest.param(
        "select interaction_id, deleted_at::varchar from interactions where is_deleted",
        [("hub:19", "2026-06-02 00:00:00")],
        id="a row marked as deleted is deleted",
    ),
    pytest.param(
        """select interaction_id, completed_at is not null, answered, talk_seconds, direction,
               result_class
           from interactions where interaction_kind = 'call' order by 1""",
        [
            ("hub:31", True, None, 61, None, "none"),
            ("hub:32", True, False, None, "out", "none"),
            ("hub:33", True, False, None, None, "none"),
            ("hub:34", True, True, None, "in", "neutral"),
            ("hub:35", True, None, 9, None, "none"),
            ("hub:36", False, None, None, None, "none"),
            ("hub:37", True, False, None, None, "none"),
        ],
        id="calls: answered by outcome, else by status; milliseconds; 0 ms of a talk is unknown",
    ),
    pytest.param(
        """select known_from::varchar, responsible_manager_id, actual_start_at::varchar
           from interaction_versions where interaction_id = 'hub:31' order by 1""",
        [
            ("2026-05-02 00:00:00", "hub:1", "2026-04-20 10:00:00"),
            ("2026-06-02 00:00:00", "hub:2", "2026-04-20 10:00:00"),
        ],
        id="of the older schema the table engagement has date and owner, and its changes count",
    ),
    pytest.param(
        """select interaction_id, old_value, new_value from interaction_changes
           where field = 'responsible'""",
        [("hub:31", "hub:1", "hub:2")],
        id="such a change of owner is one",
    ),
    pytest.param(
        """select interaction_id, raw_type, direction, completed_at::varchar,
               cancelled_at is not null
           from interactions where interaction_kind = 'email' order by 1""",
        [
            ("hub:41", "EMAIL", "out", "2026-05-21 10:00:00", False),
            ("hub:42", "INCOMING_EMAIL", "in", "2026-05-21 10:00:00", False),
            ("hub:43", "FORWARDED_EMAIL", None, "2026-05-21 10:00:00", False),
            ("hub:44", "EMAIL", "out", None, True),
        ],
        id="e-mails have a direction but for forwarded ones; one that failed was not sent",
    ),
    pytest.param(
        """select interaction_id, raw_type, deadline_at::varchar, completed_at::varchar,
               completed_at_source, planned_start_at
           from interactions where interaction_kind = 'task' order by 1""",
        [
            ("hub:51", "TASK TODO", "2026-05-15 12:00:00", None, None, None),
            ("hub:52", "TASK", "2026-05-15 12:00:00", None, None, None),
            ("hub:53", "TASK", "2026-05-15 12:00:00", None, None, None),
            *[
                (
                    *("hub:54", "TASK CALL", "2026-05-15 12:00:00", "2026-05-10 09:00:00"),
                    *("field", None),
                )
            ],
            ("hub:55", "TASK EMAIL", "2026-05-15 12:00:00", None, None, None),
            (
                *("hub:ticket:31", "TICKET PRODUCT_ISSUE", None, "2026-05-30 10:00:00"),
                *("field", None),
            ),
        ],
        id="a task is due at its date and done when HubSpot says so; a ticket when closed",
    ),
    pytest.param(
        "select interaction_kind, raw_type, interaction_group, completed_at::varchar "
        "from interactions where interaction_kind in ('message', 'note') order by 1",
        [
            ("message", "WHATS_APP", "correspondence", "2026-05-23 10:00:00"),
            ("note", "NOTE", "other", "2026-05-24 10:00:00"),
        ],
        id="messages and notes",
    ),
    pytest.param(
        """select interaction_id, client_id, responsible_manager_id from interactions
           where interaction_id in ('hub:12', 'hub:14', 'hub:32', 'hub:ticket:31') order by 1""",
        [
            ("hub:12", "hub:1", "hub:1"),
            ("hub:14", "hub:1", "hub:1"),
            ("hub:32", "hub:5", None),
            ("hub:ticket:31", "hub:1", "hub:2"),
        ],
        id="of several companies the lowest id is primary, a dropped meeting keeps its own, "
        "without one the contact's company goes; a ticket is no engagement of the same number",
    ),
    pytest.param(
        """select interaction_id, party_kind, party_id from interaction_parties
           where interaction_id in ('hub:12', 'hub:32', 'hub:ticket:31') order by all""",
        [
            ("hub:12", "client", "hub:1"),
            ("hub:12", "client", "hub:2"),
            ("hub:12", "manager", "hub:1"),
            ("hub:12", "manager", "hub:2"),
            ("hub:12", "person", "hub:1"),
            ("hub:32", "person", "hub:1"),
            ("hub:ticket:31", "client", "hub:1"),
            ("hub:ticket:31", "person", "hub:1"),
        ],
        id="a merged contact's activities are the survivor's, at the end of the chain 3, 2, 1",
    ),
    pytest.param(
        """select person_id, is_deleted, deleted_at::varchar from contact_persons order by 1""",
        [
            ("hub:1", False, None),
            ("hub:2", True, "2026-06-20 10:00:00"),
            ("hub:3", True, "2026-06-02 00:00:00"),
            ("hub:7", True, "2026-07-02 03:30:00"),
        ],
        id="merged contacts are deleted since the merge",
    ),
    pytest.param(
        """select client_id, person_id, position, role, valid_from::varchar, valid_to::varchar
           from client_contact_persons order by 1, 2, 5 nulls first""",
        [
            *[
                ("hub:1", "hub:1", "Buyer", None, None, None),
                ("hub:1", "hub:7", None, None, "2026-05-25 09:00:00", "2026-07-02 03:30:00"),
                ("hub:2", "hub:1", "Buyer", None, None, None),
                ("hub:5", "hub:1", "Buyer", None, "2026-06-02 00:00:00", None),
            ]
        ],
        id="links of merged contacts are the survivor's and run on; a new contact's begin with it",
    ),
    pytest.param(
        """select client_id, client_name, is_client, is_migrated, is_deleted from clients
           order by 1""",
        [
            ("hub:1", "Kiosk", True, False, False),
            ("hub:2", "kiosk.example", True, False, False),
            ("hub:3", "hub:3", False, False, False),
            ("hub:4", "Stand", True, True, True),
            ("hub:5", "Booth", True, False, False),
        ],
        id="a company goes by its name, else its domain, else its id; vendors are no clients",
    ),
    pytest.param(
        """select losing_client_id, surviving_client_id, merged_at::varchar from client_merges
           order by 1""",
        [
            ("hub:4", "hub:2", "2026-05-12 09:00:00"),
            ("hub:6", "hub:5", "2026-06-02 00:00:00"),
        ],
        id="a merge is dated by the history, else by the load that first shows it",
    ),
    pytest.param(
        """select client_id, manager_id, valid_from::varchar, valid_to::varchar, is_inferred
           from client_assignments order by 1, 3""",
        [
            ("hub:1", "hub:1", "2026-01-01 09:00:00", "2026-06-02 00:00:00", True),
            ("hub:1", "hub:2", "2026-06-02 00:00:00", None, True),
            ("hub:2", "hub:1", "2026-01-01 09:00:00", "2026-03-01 09:00:00.123", False),
            ("hub:2", "hub:2", "2026-05-10 09:00:00", None, False),
            ("hub:3", "hub:2", "2026-01-01 09:00:00", None, True),
        ],
        id="owners come from the history where a client has one, else from the loads",
    ),
    pytest.param(
        "select manager_id, full_name, left_on::varchar from managers order by 1",
        [
            ("hub:1", "Ann Bee", "2026-06-02"),
            ("hub:2", "cay@example.com", None),
            ("hub:3", "hub:3", None),
        ],
        id="owners go by name, else e-mail, else id; left with the first load that shows it",
    ),
]


@pytest.mark.parametrize(("sql", "expected"), CASES)
def test_rules_that_the_samples_never_show(
    kiosk: duckdb.DuckDBPyConnection, sql: str, expected: list[Row]
) -> None:
    assert rows(kiosk, sql) == expected
