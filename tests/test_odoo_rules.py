"""Loads made up for what the demo data of Odoo never show."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.odoo_samples import odoo_installation
from tests.samples import Row, Rows, write_load

pytestmark = pytest.mark.slow

BEFORE_DATA = "2024-10-31 20:59:59.999999"  # of clients of the first load without a date
# Three monthly loads of a database, whose tables count their ids alike.
MAY, JUNE, JULY = "2026-05-02T00:00:00Z", "2026-06-02T00:00:00Z", "2026-07-02T03:30:00Z"
OWN: dict[str, Any] = {"id": 1, "name": "Our company", "is_company": "t"}
ANN: dict[str, Any] = {"id": 2, "name": "Ann"}
KIOSK: dict[str, Any] = {
    "id": 3,
    "name": "Kiosk",
    "is_company": "t",
    "user_id": 1,
    "category_id": "1,2",
    "state_id": "[5, 'North, far']",
    "create_date": "2026-01-01 09:00:00",
    "email": "kiosk@example.com",
}
EVE: dict[str, Any] = {
    "id": 4,
    "name": "Eve",
    "parent_id": 3,
    "function": "Buyer",
    "type": "invoice",
}
BOB: dict[str, Any] = {"id": 5, "name": "Bob", "parent_id": 1}
ROW: dict[str, Any] = {
    "id": 6,
    "name": "Row of shops",
    "is_company": "t",
    "create_date": "2026-01-01 09:00:00",
}
GUEST: dict[str, Any] = {"id": 7, "name": "Guest"}
PARTNERS = [OWN, ANN, KIOSK, EVE, BOB, ROW, GUEST]
USERS: list[dict[str, Any]] = [
    {"id": 1, "partner_id": '[2, "Ann"]', "login": "ann", "active": "t"},
    {"id": 2, "partner_id": 5, "login": "bob", "default_section_id": 2},
    {"id": 3, "partner_id": 4, "login": "eve"},
    {"id": 4, "partner_id": 7, "login": "guest", "share": "t"},
]
TEAMS: list[dict[str, Any]] = [
    {"id": 1, "name": "North", "member_ids": "[1, 2]"},
    {"id": 2, "name": "South", "member_ids": "2"},
]
EMPLOYEES: list[dict[str, Any]] = [
    {"id": 1, "name": "Ann A.", "user_id": 1},
    {"id": 2, "user_id": 2, "parent_id": 1},
]
CALL: dict[str, Any] = {
    "id": 1,
    "state": "open",
    "date": "2026-05-20 10:00:00",
    "duration": "2.5",
    "user_id": 1,
}
LEAD_CALL = {**CALL, "id": 2, "opportunity_id": 1, "categ_id": 2}
MEETING: dict[str, Any] = {
    "id": 1,
    "start": "2026-05-20 10:00:00",
    "stop": "2026-05-20 11:00:00",
    "user_id": 1,
    "partner_ids": "[2, 12, 4, 3]",
}
DROPPED = {**MEETING, "id": 2, "start": "2026-08-01 10:00:00", "stop": "2026-08-01 11:00:00"}
CLAIM: dict[str, Any] = {
    "id": 1,
    "date": "2026-05-10 10:00:00",
    "stage_id": 7,
    "partner_id": 4,
    "user_id": 2,
}
STAGES: list[dict[str, Any]] = [
    {"id": 7, "name": "New"},
    {"id": 8, "name": "Rejected"},
    {"id": 9, "name": "With the lawyer"},
]
LETTER: dict[str, Any] = {"type": "email", "date": "2026-05-15 10:00:00"}
MESSAGES: list[dict[str, Any]] = [
    {**LETTER, "id": 1, "author_id": 2, "partner_ids": "4"},
    {**LETTER, "id": 2, "author_id": 4, "partner_ids": "5"},
    {**LETTER, "id": 3, "author_id": "false", "email_from": "x@y.z", "model": "crm.lead"}
    | {"res_id": 1},
    {"id": 4, "type": "notification", "date": "2026-05-15 10:00:00", "author_id": 2}
    | {"model": "crm.claim", "res_id": 1},
]
LATER_KIOSK = {**KIOSK, "user_id": 2, "category_id": "2", "email": "shop@example.com"}
ALWAYS: dict[str, list[dict[str, Any]]] = {
    "res_company": [{"id": 1, "name": "Other name", "partner_id": 1}],
    "res_country_state": [{"id": 5, "name": "North"}],
    "res_partner_category": [{"id": 1, "name": "Gold"}, {"id": 2, "name": "Retail"}],
    "crm_case_section": TEAMS,
    "hr_employee": EMPLOYEES,
    "crm_case_categ": [{"id": 2, "name": "Outbound"}],
    "crm_claim_stage": STAGES,
    "crm_lead": [{"id": 1, "partner_id": 3, "user_id": 2}],
    "mail_message": MESSAGES,
}
HISTORY: dict[str, dict[str, list[dict[str, Any]]]] = {
    MAY: {
        "res_partner": [*PARTNERS],
        "res_users": [*USERS],
        "crm_phonecall": [CALL, LEAD_CALL, {**CALL, "id": 3}, {**CALL, "id": 4, "duration": "x"}],
        "calendar_event": [MEETING, DROPPED, {**DROPPED, "id": 3}],
        "crm_claim": [CLAIM, {**CLAIM, "id": 2}, {**CLAIM, "id": 3, "stage_id": 9}],
    },
    JUNE: {
        "res_partner": [OWN, ANN, LATER_KIOSK, EVE, BOB, {**ROW, "active": "f"}, GUEST],
        "res_users": [{**USERS[0], "active": "f"}, *USERS[1:]],
        "crm_phonecall": [
            {**CALL, "state": "done"},
            LEAD_CALL,
            {**CALL, "id": 3, "state": "cancel"},
        ],
        "calendar_event": [MEETING, DROPPED, {**DROPPED, "id": 3, "active": "0"}],
        "crm_claim": [
            {**CLAIM, "stage_id": 8, "date_closed": "2026-05-12 10:00:00"},
            {**CLAIM, "id": 2, "stage_id": 8},
            {**CLAIM, "id": 3, "stage_id": 9},
        ],
    },
    JULY: {
        "res_partner": [
            *(OWN, ANN, {**LATER_KIOSK, "phone": "1"}, {**EVE, "function": "Owner"}, BOB),
            *({**ROW, "active": "f", "name": "Row, closed"}, GUEST),
        ],
        "res_users": [{**USERS[0], "active": "f", "login": "ann2"}, *USERS[1:]],
        "crm_phonecall": [
            {**CALL, "state": "done", "name": "Edited later"},
            LEAD_CALL,
            {**CALL, "id": 3, "state": "cancel"},
        ],
        "calendar_event": [MEETING, {**DROPPED, "id": 3, "active": "0"}],
        "crm_claim": [
            {**CLAIM, "stage_id": 8, "date_closed": "2026-05-12 10:00:00"},
            {**CLAIM, "id": 2, "stage_id": 8, "name": "Edited later"},
            {**CLAIM, "id": 3, "stage_id": 9},
        ],
    },
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Canonical tables of the company made up above, June 2026."""
    installation = odoo_installation(
        tmp_path_factory.mktemp("kiosk"), 'characteristics.mail = { column = "email" }\n'
    )
    for extracted_at, tables in HISTORY.items():
        given: dict[str, Path | Rows] = {**ALWAYS, **tables}
        write_load(installation.raw, "odoo", extracted_at, given, crm="odoo")
    installation.build("2026-06")
    with installation.canonical() as connection:
        yield connection


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param(
            """select client_id, is_client, client_kind, region, registered_at::varchar,
                   archived_at::varchar
               from clients order by 1""",
            [
                ("odoo:1", False, "organisation", None, BEFORE_DATA, None),
                ("odoo:3", True, "organisation", "North", "2026-01-01 09:00:00", None),
                (
                    *("odoo:6", True, "organisation", None),
                    *("2026-01-01 09:00:00", "2026-06-02 00:00:00"),
                ),
                ("odoo:7", True, "person", None, BEFORE_DATA, None),
            ],
            id="clients are partners on their own, but users'; a later edit moves no archiving",
        ),
        pytest.param(
            """select manager_id, full_name, team, head_manager_id, left_on::varchar
               from managers order by 1""",
            [
                ("odoo:1", "Ann", "North", None, "2026-06-02"),
                ("odoo:2", "Bob", "South", "odoo:1", None),
            ],
            id="portal users are no managers; a later edit moves no leaving",
        ),
        pytest.param(
            """select client_id, manager_id, valid_from::varchar, valid_to::varchar
               from client_assignments order by valid_from""",
            [
                ("odoo:3", "odoo:1", "2026-01-01 09:00:00", "2026-06-02 00:00:00"),
                ("odoo:3", "odoo:2", "2026-06-02 00:00:00", None),
            ],
            id="the salesperson changes with the load that shows it",
        ),
        pytest.param(
            """select characteristic, value, valid_from::varchar, valid_to::varchar
               from client_characteristics order by 1, 2""",
            [
                ("category", "Gold", None, "2026-06-02 00:00:00"),
                ("category", "Retail", None, None),
                ("mail", "kiosk@example.com", None, "2026-06-02 00:00:00"),
                ("mail", "shop@example.com", "2026-06-02 00:00:00", None),
            ],
            id="a tag ends with the load without it; edits of other columns do not part it",
        ),
        pytest.param(
            """select person_id, client_id, position, role, valid_from::varchar, valid_to::varchar
               from client_contact_persons order by 5 nulls first""",
            [
                ("odoo:4", "odoo:3", "Buyer", "invoice", None, "2026-07-02 03:30:00"),
                ("odoo:4", "odoo:3", "Owner", "invoice", "2026-07-02 03:30:00", None),
            ],
            id="a contact that gets another position has two stretches",
        ),
        pytest.param(
            """select interaction_id, completed_at::varchar, completed_at_source,
                   cancelled_at::varchar, duration_seconds, client_id, direction
               from interactions where interaction_kind = 'call' order by 1""",
            [
                (
                    *("odoo:crm.phonecall,1", "2026-05-20 10:00:00", "inferred"),
                    *(None, 150, None, None),
                ),
                ("odoo:crm.phonecall,2", None, None, None, None, "odoo:3", "out"),
                (
                    *("odoo:crm.phonecall,3", None, None),
                    *("2026-06-02 00:00:00", None, None, None),
                ),
            ],
            id="a call done is dated by itself, one cancelled by the load; a lead has the client",
        ),
        pytest.param(
            """select interaction_id, completed_at::varchar, cancelled_at::varchar, is_deleted,
                   client_id
               from interactions where interaction_kind = 'meeting' order by 1""",
            [
                ("odoo:calendar.event,1", "2026-05-20 11:00:00", None, False, "odoo:3"),
                ("odoo:calendar.event,2", None, "2026-07-02 03:30:00", False, "odoo:3"),
                ("odoo:calendar.event,3", None, None, True, "odoo:3"),
            ],
            id="time completes, going before the start cancels, archiving deletes",
        ),
        pytest.param(
            """select state, known_from::varchar, known_to::varchar from interaction_versions
               where interaction_id = 'odoo:calendar.event,1' order by 2""",
            [
                ("open", "2026-05-02 00:00:00", "2026-06-02 00:00:00"),
                ("completed", "2026-06-02 00:00:00", None),
            ],
            id="a meeting that nobody touched was open before its start",
        ),
        pytest.param(
            """select party_kind, party_id from interaction_parties
               where interaction_id = 'odoo:calendar.event,1' order by 1, 2""",
            [
                ("client", "odoo:12"),
                ("client", "odoo:3"),
                ("manager", "odoo:1"),
                ("person", "odoo:4"),
            ],
            id="participants are clients, persons, managers, or unknown",
        ),
        pytest.param(
            """select interaction_id, interaction_group, completed_at::varchar,
                   completed_at_source, result_class, client_id
               from interactions where raw_type = 'crm.claim' order by 1""",
            [
                (
                    *("odoo:crm.claim,1", "complaint", "2026-05-12 10:00:00"),
                    *("field", "negative", "odoo:3"),
                ),
                (
                    *("odoo:crm.claim,2", "complaint", "2026-06-02 00:00:00"),
                    *("load", "negative", "odoo:3"),
                ),
                ("odoo:crm.claim,3", "complaint", None, None, "none", "odoo:3"),
            ],
            id="a claim is closed at its date, else with the load; an unlisted stage is open",
        ),
        pytest.param(
            """select interaction_id, is_auto, direction, responsible_manager_id, client_id
               from interactions where raw_type in ('email', 'notification') order by 1""",
            [
                ("odoo:mail.message,1", False, "out", "odoo:1", "odoo:3"),
                ("odoo:mail.message,2", False, "in", "odoo:2", "odoo:3"),
                ("odoo:mail.message,3", False, "in", "odoo:2", "odoo:3"),
                ("odoo:mail.message,4", True, None, "odoo:1", "odoo:3"),
            ],
            id="the author says the direction; the record says the client of a stranger",
        ),
        pytest.param(
            "select table_name, reason, left_at::varchar from quarantine",
            [("crm_phonecall", "duration is not a number", "2026-06-02 00:00:00")],
            id="an unreadable duration is quarantined until the row leaves",
        ),
    ],
)
def test_rules_that_the_demo_never_shows(
    db: duckdb.DuckDBPyConnection, sql: str, expected: list[Row]
) -> None:
    assert db.execute(sql).fetchall() == expected
