"""Bitrix24 by its REST methods: the documented responses, and made-up loads of the same shape."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.errors import CrmMartsError
from orchestration.raw.landing import land
from orchestration.settings import PROJECT_DIR, Settings
from tests.bitrix24_samples import (
    PORTAL,
    Record,
    activity,
    company,
    contact,
    deliver,
    documented,
    done,
    pages,
    portal_installation,
    task,
    user,
    with_contact,
)
from tests.conftest import Installation
from tests.samples import Row, sample_folder

CHARACTERISTICS = """[sources.portal.characteristics]
company_type = { column = "COMPANY_TYPE" }
string_field = { column = "UF_CRM_1687188367" }
contact_field = { column = "UF_CRM_1720697698689" }

"""


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def settings_of(installation: Installation) -> Settings:
    """Settings as the commands of the installation see them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in installation.environment().items():
            patch.setenv(name, value)
        return Settings()  # type: ignore[call-arg]


# The vendor's documented responses as one load. Some were asked for few fields: a page of a whole
# record stands beside them, else landing refuses the table.
DOCUMENTED = "2026-03-04T00:00:00Z"


def documented_load() -> dict[str, list[Record]]:
    """Documented responses by table."""
    links = documented("crm-contact-company-items-get_0")
    for link in links["result"]:
        link["CONTACT_ID"] = 75  # the contact that was asked for, which the response does not say
    tasks = documented("tasks-task-list_0")
    [listed] = tasks["result"]["tasks"]
    # Fields that this select left out; their shape is in the response for one task.
    of_one = documented("tasks-task-get_0")["result"]["task"]
    listed |= {"ufCrmTask": of_one["ufCrmTask"], "closedDate": None}
    return {
        "crm_company": [documented("crm-company-list_0"), documented("crm-company-get_0")],
        "crm_contact": [documented("crm-contact-list_0"), documented("crm-contact-get_0")],
        "crm_contact_company": [links],
        "crm_activity": [
            documented("crm-activity-list_3"),
            documented("crm-activity-list_4"),
            documented("crm-activity-get_0"),
        ],
        "tasks_task": [tasks],
        "user": [documented("user-get_0")],
        "department": [documented("department-get_0")],
    }


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Canonical tables of the documented responses."""
    home = tmp_path_factory.mktemp("documented")
    installation = portal_installation(home, PORTAL + CHARACTERISTICS)
    deliver(installation.raw, DOCUMENTED, documented_load())
    installation.build("2026-02")
    with installation.canonical() as db:
        yield db


def staged_tables() -> dict[str, str]:
    """Raw table of each staging model."""
    folder = PROJECT_DIR / "dbt_project/models/staging/bitrix24"
    tables = {}
    for path in folder.glob("stg_*.sql"):
        match = re.search(r"raw_versions\('bitrix24', '(\w+)'\)", path.read_text("utf-8"))
        assert match, path
        tables[path.stem] = match[1]
    return tables


def accounts(db: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int, int, int]]:
    """Rows by table over all loads: delivered, unchanged or doubled, staged, quarantined."""
    staged = " union all ".join(
        f"select _load_id, '{table}' as table_name, quarantine_reason from work.staging.{model}"
        for model, table in staged_tables().items()
    )
    found = rows(
        db,
        f"""select table_name, sum(delivered_count), sum(same_count), sum(staged_count),
                sum(quarantined_count)
            from (
                select loads.load_id, loads.table_name, delivered_count,
                    unchanged_count + exact_duplicate_count + rejected_count as same_count,
                    count(staged._load_id) as staged_count,
                    count(staged.quarantine_reason) as quarantined_count
                from work.staging.stg_landing__loads as loads
                left join ({staged}) as staged
                    on loads.load_id = staged._load_id and loads.table_name = staged.table_name
                group by all)
            group by all""",
    )
    return {table: (int(d), int(s), int(n), int(q)) for table, d, s, n, q in found}


def test_every_documented_row_is_accounted_for(examples: duckdb.DuckDBPyConnection) -> None:
    assert accounts(examples) == {
        "crm_company": (2, 0, 2, 0),
        "crm_contact": (6, 0, 6, 0),
        "crm_contact_company": (3, 0, 3, 0),
        "crm_activity": (3, 0, 3, 2),
        "tasks_task": (1, 0, 1, 0),
        "user": (2, 0, 2, 0),
        "department": (5, 0, 5, 0),
    }


def test_activities_asked_for_two_fields_are_no_interactions(
    examples: duckdb.DuckDBPyConnection,
) -> None:
    reason = "TYPE_ID is empty; CREATED and START_TIME are empty; COMPLETED and STATUS are empty"
    assert rows(examples, "select line_number, reason from quarantine order by 1") == [
        (1, reason),
        (2, reason),
    ]
    assert rows(examples, "select interaction_id from interactions order by 1") == [
        ("portal:999",),
        ("portal:task_8017",),
    ]


def test_the_documented_call(examples: duckdb.DuckDBPyConnection) -> None:
    # Six hours from start to end are no talk; +03:00 is read; contact 15 is not delivered.
    assert rows(
        examples,
        """select interaction_kind, raw_type, direction, dangling_responsible_manager_id,
               dangling_created_by_id, client_id, dangling_client_id, created_at::varchar,
               planned_start_at::varchar, planned_end_at::varchar, actual_start_at::varchar,
               actual_end_at, deadline_source, completed_at::varchar, completed_at_source,
               answered, talk_seconds, duration_seconds, duration_source
           from interactions where interaction_id = 'portal:999'""",
    ) == [
        (
            *("call", "CALL", "out", "portal:505", "portal:505", None, None),
            *("2020-09-27 10:26:55", "2020-09-27 10:25:00", "2020-09-27 16:25:00"),
            *("2020-09-27 10:25:00", None, "planned_end", "2020-09-27 16:25:00", "inferred"),
            *(None, None, None, "planned"),
        )
    ]
    assert rows(
        examples,
        """select party_kind, party_id from interaction_parties
           where interaction_id = 'portal:999'""",
    ) == [("person", "portal:15")]


def test_the_documented_task(examples: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        examples,
        """select interaction_kind, raw_type, dangling_responsible_manager_id,
               dangling_client_id, created_at::varchar, deadline_at::varchar, deadline_source,
               completed_at, subject
           from interactions where interaction_id = 'portal:task_8017'""",
    ) == [
        (
            *("task", "TASK", "portal:547", "portal:591", "2025-06-04 13:15:55"),
            *("2025-10-24 16:00:00", "field", None, "Пример задачи"),
        )
    ]
    # Leads, deals and smart processes are no parties.
    assert rows(
        examples,
        """select party_kind, party_id from interaction_parties
           where interaction_id = 'portal:task_8017' order by 1""",
    ) == [("client", "portal:591"), ("person", "portal:627")]


def test_the_documented_companies(examples: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        examples,
        """select client_id, client_name, client_kind, is_client, registered_at::varchar,
               industry, dangling_responsible_manager_id
           from clients order by 1""",
    ) == [
        (
            *("portal:2909", "ГАЗПРОМ", "organisation", True, "2024-03-11 13:36:46", "IT"),
            "portal:139",
        ),
        # Nobody asked for its type and date of entry: a client since before the data begin.
        (
            *("portal:2919", "Перекресток", "organisation", True, "2024-10-31 20:59:59.999999"),
            *(None, "portal:811"),
        ),
    ]
    # An own field that is empty is no value.
    assert rows(
        examples, "select client_id, characteristic, value from client_characteristics"
    ) == [("portal:2909", "company_type", "CUSTOMER")]


def test_the_documented_contacts(examples: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        examples,
        """select person_id, full_name, email, phone from contact_persons
           where person_id in ('portal:43', 'portal:75') order by 1""",
    ) == [
        # Of two addresses the one at work, though it is the second.
        ("portal:43", "Иван Иванович Иванов", "ivanov@example.work", "+7333333555"),
        ("portal:75", "Анастасия Ильина", "special-for@example.com", None),
    ]
    assert rows(
        examples,
        """select client_id, person_id, position, valid_from from client_contact_persons
           order by person_id, client_id""",
    ) == [
        ("portal:12", "portal:43", "Администратор", None),
        ("portal:7", "portal:75", None, None),
        ("portal:8", "portal:75", None, None),
        ("portal:9", "portal:75", None, None),
    ]


def test_the_documented_users(examples: duckdb.DuckDBPyConnection) -> None:
    # +00:00, "" and {} as empty dates; no department 1 among those delivered.
    assert rows(
        examples,
        "select manager_id, full_name, team, hired_on, left_on, is_robot from managers order by 1",
    ) == [
        ("portal:1", "Вадим Валеев", None, None, None, False),
        ("portal:3", "Иван Иванов", None, None, None, False),
    ]
    assert rows(
        examples,
        """select department_name, parent_department_id from work.staging.stg_bitrix24__departments
           where department_id = 'portal:15'""",
    ) == [("R&D", "portal:1")]


@pytest.mark.parametrize(
    ("table", "name", "missing"),
    [
        ("tasks_task", "tasks-task-list_0", "closedDate, ufCrmTask"),
        ("crm_contact", "crm-contact-list_0", "COMPANY_ID, POST, TYPE_ID"),
        ("crm_activity", "crm-activity-get_0", "COMMUNICATIONS"),
    ],
)
def test_a_select_that_leaves_out_what_decides_is_refused(
    tmp_path: Path, table: str, name: str, missing: str
) -> None:
    installation = portal_installation(tmp_path)
    deliver(installation.raw, DOCUMENTED, {table: [documented(name)]})
    with pytest.raises(CrmMartsError, match=f"column {missing} is missing"):
        land(settings_of(installation))


def test_a_page_that_is_missing_is_seen(tmp_path: Path) -> None:
    installation = portal_installation(tmp_path)
    three = pages("crm_company", [company(number) for number in range(1, 121)])
    assert [len(page["result"]) for page in three] == [50, 50, 20]
    deliver(installation.raw, DOCUMENTED, {"crm_company": three[:2]})
    with pytest.raises(CrmMartsError, match="pages say total 120, but hold 100 rows"):
        land(settings_of(installation))


# A company made up for what the documentation never shows: three monthly loads.
MAY, JUNE, JULY = "2026-05-02T00:00:00Z", "2026-06-02T00:00:00Z", "2026-07-02T00:00:00Z"
PERSON = with_contact
COMPANIES = [
    company(1),
    company(2, COMPANY_TYPE="SUPPLIER"),
    company(3, COMPANY_TYPE="COMPETITOR"),
    company(4, COMPANY_TYPE="PARTNER"),
    company(5, IS_MY_COMPANY="Y"),
    company(6, COMPANY_TYPE="", DATE_CREATE="2026-01-15T23:30:00-05:00"),
    *(company(number) for number in range(7, 60)),
]
CONTACTS = [
    contact(1, COMPANY_ID="1", POST="Бухгалтер"),
    contact(2),
    contact(3, COMPANY_ID="0", TYPE_ID="SUPPLIER"),
    contact(4, COMPANY_ID="1"),
    contact(5, PHONE=[], EMAIL=False, NAME="", LAST_NAME=""),
]
LINKS: list[Record] = [{"CONTACT_ID": 4, "COMPANY_ID": 1}, {"CONTACT_ID": 4, "COMPANY_ID": 6}]
USERS = [
    user(1, UF_DEPARTMENT=[2, 1], UF_EMPLOYMENT_DATE="2020-03-01T00:00:00+00:00"),
    user(2, UF_DEPARTMENT=["2"]),
    user(3, USER_TYPE="bot", UF_DEPARTMENT=False),
    user(4, NAME="", UF_DEPARTMENT=[]),
]
DEPARTMENTS: list[Record] = [
    {"id": 1, "name": "Company", "manager_user_id": 4},
    {"id": 2, "name": "Sales", "manager_user_id": 1, "PARENT": "1"},
]
FORM = {"TYPE_ID": "6", "PROVIDER_ID": "CRM_WEBFORM", "DIRECTION": "1"}
MIRROR = {"TYPE_ID": "6", "PROVIDER_ID": "CRM_TASKS_TASK", "ASSOCIATED_ENTITY_ID": "1"}
PLANNED = {
    "START_TIME": "2026-08-10T10:00:00+03:00",
    "END_TIME": "2026-08-10T11:00:00+03:00",
    "DEADLINE": "2026-08-10T10:00:00+03:00",
}
NO_OWNER = {"OWNER_TYPE_ID": "2", "OWNER_ID": "77"}
ACTIVITIES: dict[int, dict[str, Any]] = {
    1: {},  # done in June, edited in July
    2: {**done(), "TYPE_ID": 1, "PROVIDER_ID": "CRM_MEETING"},
    3: {"TYPE_ID": "3", "PROVIDER_ID": "TASKS", "ASSOCIATED_ENTITY_ID": 1, "SETTINGS": False},
    4: {"TYPE_ID": "4", "PROVIDER_ID": "CRM_EMAIL", "DIRECTION": "1", "COMPLETED": "N"},
    5: {**FORM, "STATUS": "1"},
    6: {**done(), "TYPE_ID": "6", "PROVIDER_ID": "VISIT_TRACKER"},
    7: {**done(), "TYPE_ID": "6", "PROVIDER_ID": "IMOPENLINES_SESSION", "DIRECTION": "1"},
    8: {**done(), "TYPE_ID": "6", "PROVIDER_ID": "CRM_PAYMENT"},
    9: {"COMPLETED": "Y", "STATUS": "3"},
    10: {**done(), "DIRECTION": "1", "SETTINGS": {"MISSED_CALL": True}},
    11: done(),  # with a record of 95 seconds
    12: done(),  # with a record of a missed call
    13: {"COMPLETED": "Y", "STATUS": "3"},  # with a record of 30 seconds
    14: {**PLANNED, "TYPE_ID": "1"},  # gone before its start
    15: {},  # gone after its start
    16: {"DEADLINE": "9999-12-31T00:00:00+03:00", "TYPE_ID": "6", "PROVIDER_ID": "CRM_TODO"},
    17: {"START_TIME": "", "END_TIME": {}, "DEADLINE": False, "RESPONSIBLE_ID": 1},
    18: {"CREATED": "yesterday"},
    19: {"DEADLINE": "2026-04-25T18:00:00+02:00"},
    20: {**NO_OWNER},
    21: {**NO_OWNER, "COMMUNICATIONS": [PERSON(9, 7, 12), PERSON(1, 6, " 11")]},
    22: {**NO_OWNER, "COMMUNICATIONS": [PERSON(1, 0)]},
    23: {**NO_OWNER, "COMMUNICATIONS": [PERSON(2)]},
    24: {"OWNER_TYPE_ID": "3", "OWNER_ID": "1"},
    25: {"OWNER_TYPE_ID": "3", "OWNER_ID": "3"},
    26: {"OWNER_TYPE_ID": "1", "OWNER_ID": "1", "COMMUNICATIONS": {}},
    27: MIRROR,
    28: {**MIRROR, "ASSOCIATED_ENTITY_ID": "999"},
    29: {"TYPE_ID": "6", "PROVIDER_ID": "REST_APP"},
    30: {"TYPE_ID": "4", "DIRECTION": "2"},
    31: {**PLANNED, "TYPE_ID": "4", "DIRECTION": "1"},
    32: {"TYPE_ID": "4", "DIRECTION": "2", "COMPLETED": "Y", "STATUS": "3"},
    33: {"TYPE_ID": "4", "DIRECTION": "1", "COMPLETED": "Y", "STATUS": "3"},
    34: {"TYPE_ID": "4", "DIRECTION": "2", **done()},
    35: {"TYPE_ID": "4", "DIRECTION": "1", "START_TIME": None, "END_TIME": None},
}
TASKS = [
    task(1, status="5", closedDate="2026-04-30T23:30:00+03:00", ufCrmTask=["C_2", "CO_7", "CO_6"]),
    task(2, status=4, ufCrmTask=["C_1", "D_5"], accomplices=["2"]),
    task(3, status="7", ufCrmTask=False),
    task(4, status="6", deadline="2026-05-20T19:00:00+02:00"),
    task(5, status="-1"),
]
CALLS: list[Record] = [
    {"ID": "1", "CRM_ACTIVITY_ID": "11", "CALL_DURATION": "95", "CALL_FAILED_CODE": "200"},
    {"ID": "2", "CRM_ACTIVITY_ID": 12, "CALL_DURATION": "17", "CALL_FAILED_CODE": "304"},
    {"ID": "3", "CRM_ACTIVITY_ID": "13", "CALL_DURATION": 30, "CALL_FAILED_CODE": "200"},
    {"ID": "4", "CRM_ACTIVITY_ID": "11", "CALL_DURATION": "5", "CALL_FAILED_CODE": "200"},
]


def activities(**edits: dict[str, Any] | None) -> list[Record]:
    """Activities of a load; edits by `a<id>`, None for one that is gone."""
    merged = {number: {**more} for number, more in ACTIVITIES.items()}
    for name, edit in edits.items():
        if edit is None:
            merged.pop(int(name[1:]))
        else:
            merged[int(name[1:])] |= edit
    return [activity(number, **more) for number, more in merged.items()]


def replaced(records: list[Record], number: int, **edit: Any) -> list[Record]:
    """Records with one of them edited."""
    return [record | edit if record["ID"] == str(number) else record for record in records]


def history() -> dict[str, dict[str, list[Record]]]:
    """Records by load and table."""
    first: dict[str, list[Record]] = {
        "crm_company": COMPANIES,
        "crm_contact": CONTACTS,
        "crm_contact_company": LINKS,
        "crm_activity": activities(),
        "tasks_task": TASKS,
        "voximplant_call": CALLS,
        "user": USERS,
        "department": DEPARTMENTS,
    }
    second: dict[str, list[Record]] = {
        **first,
        "crm_company": replaced(COMPANIES, 1, ASSIGNED_BY_ID=2),
        "crm_contact": replaced(replaced(CONTACTS, 1, POST="Главный бухгалтер"), 2, COMPANY_ID="6"),
        "crm_contact_company": LINKS[:1],
        "crm_activity": activities(
            a1={**done(), "LAST_UPDATED": "2026-05-20T10:00:00+03:00"},
            a14=None,
            a15=None,
            a17=done(),
        ),
        "tasks_task": [task(4, deadline="2026-06-20T19:00:00+03:00"), *TASKS[:3]],
        "user": replaced(USERS, 2, ACTIVE=False),
    }
    third = {
        **second,
        "crm_company": second["crm_company"][:-1],
        "crm_activity": activities(
            a1={**done(), "SUBJECT": "Edited", "LAST_UPDATED": "2026-06-25T10:00:00+03:00"},
            a14=None,
            a15=None,
            a17=done(),
        ),
        "user": replaced(second["user"], 2, NAME="Renamed"),
    }
    return {MAY: first, JUNE: second, JULY: third}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Canonical tables of the three loads."""
    installation = portal_installation(tmp_path_factory.mktemp("portal"))
    for extracted_at, tables in history().items():
        responses = {table: pages(table, records) for table, records in tables.items()}
        deliver(installation.raw, extracted_at, responses)
    installation.build("2026-06")
    with installation.canonical() as db:
        yield db


def test_every_row_of_the_loads_is_accounted_for(portal: duckdb.DuckDBPyConnection) -> None:
    found = accounts(portal)
    for table in staged_tables().values():
        delivered = sum(len(tables[table]) for tables in history().values())
        assert delivered == found[table][0] == sum(found[table][1:3]), table
    assert sum(quarantined for *_, quarantined in found.values()) == 2
    assert rows(
        portal, "select table_name, reason, left_at::varchar from quarantine order by 1"
    ) == [
        ("crm_activity", "CREATED is not a date", None),
        ("tasks_task", "status is unknown", "2026-06-02 00:00:00"),
    ]
    assert rows(portal, "select count(*) from clients") == [(len(COMPANIES) + 2,)]
    assert rows(portal, "select count(*) from contact_persons") == [(len(CONTACTS),)]
    assert rows(portal, "select count(*) from managers") == [(len(USERS),)]
    assert rows(portal, "select count(*) from interactions") == [
        (len(ACTIVITIES) + len(TASKS) - 2,)
    ]


def interaction(column: str, *numbers: int | str) -> str:
    """SQL for columns of some interactions."""
    ids = ", ".join(f"'portal:{number}'" for number in numbers)
    return f"""select {column} from interactions where interaction_id in ({ids})
        order by try_cast(split_part(interaction_id, ':', 2) as integer), interaction_id"""


CASES = [
    pytest.param(
        interaction("interaction_kind, raw_type, is_auto", 1, 2, 3, 4, 5, 6, 7, 8, 16, 27, 28, 29),
        [
            ("call", "CALL", False),
            ("meeting", "MEETING", False),
            ("note", "TASK_MIRROR", True),
            ("email", "EMAIL", False),
            ("message", "CRM_WEBFORM", False),
            ("visit", "VISIT_TRACKER", False),
            ("message", "IMOPENLINES_SESSION", False),
            ("note", "CRM_PAYMENT", True),
            ("task", "CRM_TODO", False),
            ("note", "TASK_MIRROR", True),
            ("task", "CRM_TASKS_TASK", False),
            ("task", "REST_APP", False),
        ],
        id="types say the kind; the mirror of a delivered task is a note, that of another is not",
    ),
    pytest.param(
        interaction(
            "actual_start_at::varchar, completed_at::varchar, completed_at_source, subject",
            *(1, 2, 17),
        ),
        [
            ("2026-04-21 07:00:00", "2026-06-02 00:00:00", "load", "Edited"),
            ("2026-04-21 07:00:00", "2026-04-21 08:00:00", "inferred", "Subject 2"),
            (None, "2026-06-02 00:00:00", "load", "Subject 17"),
        ],
        id="closed by the load that shows it, at first sight by its own end; no edit moves that",
    ),
    pytest.param(
        interaction("direction, actual_start_at::varchar, completed_at::varchar", 4, 5, 7),
        [("in", "2026-04-21 07:00:00", "2026-04-21 07:00:00")] * 3,
        id="what a client wrote has happened, whether anybody ticked it or not",
    ),
    pytest.param(
        interaction(
            "actual_start_at::varchar, completed_at::varchar, cancelled_at::varchar, "
            "planned_start_at::varchar",
            *range(30, 36),
        ),
        [
            (None, None, None, "2026-04-21 07:00:00"),
            (None, None, None, "2026-08-10 07:00:00"),
            (None, None, "2026-04-21 08:00:00", "2026-04-21 07:00:00"),
            ("2026-04-21 07:00:00", "2026-04-21 07:00:00", None, None),
            ("2026-04-21 07:00:00", "2026-04-21 07:00:00", None, None),
            ("2026-04-20 06:00:00", "2026-04-20 06:00:00", None, None),
        ],
        id="a letter of ours that is to be sent is a plan",
    ),
    pytest.param(
        interaction("cancelled_at::varchar, completed_at, is_deleted", 9, 14, 15),
        [
            ("2026-04-21 08:00:00", None, False),
            ("2026-06-02 00:00:00", None, False),
            (None, None, True),
        ],
        id="closed by Bitrix24 itself or gone before its start is cancelled, gone later is deleted",
    ),
    pytest.param(
        interaction(
            "answered, talk_seconds, duration_seconds, completed_at is not null", 10, 11, 12, 13, 2
        ),
        [
            (None, None, None, True),
            (False, None, None, True),
            (True, 100, None, True),
            (False, None, None, True),
            (True, 30, None, True),
        ],
        id="telephony says who answered and for how long; a planned end does not",
    ),
    pytest.param(
        interaction(
            "planned_start_at::varchar, planned_end_at::varchar, deadline_at::varchar, "
            "deadline_source, responsible_manager_id",
            *(1, 16, 17, 19),
        ),
        [
            (
                *("2026-04-21 07:00:00", "2026-04-21 08:00:00"),
                *("2026-04-21 08:00:00", "planned_end", "portal:1"),
            ),
            (
                *("2026-04-21 07:00:00", "2026-04-21 08:00:00"),
                *("2026-04-21 08:00:00", "planned_end", "portal:1"),
            ),
            (None, None, None, None, "portal:1"),
            (
                *("2026-04-21 07:00:00", "2026-04-21 08:00:00"),
                *("2026-04-25 16:00:00", "field", "portal:1"),
            ),
        ],
        id="a copied start and year 9999 are no deadlines; '', {} and false are no dates",
    ),
    pytest.param(
        interaction("coalesce(client_id, dangling_client_id)", *range(20, 27), "task_1", "task_2"),
        [
            *[(None,), ("portal:6",), ("portal:1",), ("portal:6",), ("portal:1",), (None,)],
            *[(None,), ("portal:6",), ("portal:1",)],
        ],
        id="the client: its company, that of a communication, that of a contact; of a deal none",
    ),
    pytest.param(
        """select interaction_id, party_kind, party_id from interaction_parties
           where interaction_id in ('portal:21', 'portal:24', 'portal:26', 'portal:task_2')
           order by 1, 2, 3""",
        [
            ("portal:21", "client", "portal:6"),
            ("portal:21", "client", "portal:7"),
            ("portal:21", "person", "portal:1"),
            ("portal:21", "person", "portal:9"),
            ("portal:24", "person", "portal:1"),
            ("portal:task_2", "manager", "portal:2"),
            ("portal:task_2", "person", "portal:1"),
        ],
        id="a contact and a company of one number are told apart; leads and deals are no parties",
    ),
    pytest.param(
        interaction(
            "completed_at::varchar, completed_at_source, cancelled_at::varchar, is_deleted",
            *("task_1", "task_2", "task_3", "task_4"),
        ),
        [
            ("2026-04-30 20:30:00", "field", None, False),
            (None, None, None, False),
            (None, None, "2026-04-20 06:00:00", False),
            (None, None, None, False),
        ],
        id="tasks say when they were closed; one that waits for acceptance is open",
    ),
    pytest.param(
        """select interaction_id, old_value, new_value from interaction_changes
           where field = 'deadline' and changed_at = timestamp '2026-06-02'""",
        [("portal:task_4", "2026-05-20 17:00:00", "2026-06-20 16:00:00")],
        id="a deadline moved between two loads is a change",
    ),
    pytest.param(
        """select client_id, is_client, client_kind, is_deleted, registered_at::varchar
           from clients
           where client_id in ('portal:59', 'portal:contact_2', 'portal:contact_5')
               or split_part(client_id, ':', 2) in ('1', '2', '3', '4', '5', '6')
           order by 1""",
        [
            ("portal:1", True, "organisation", False, "2026-01-15 07:00:00"),
            ("portal:2", False, "organisation", False, "2026-01-15 07:00:00"),
            ("portal:3", False, "organisation", False, "2026-01-15 07:00:00"),
            ("portal:4", False, "organisation", False, "2026-01-15 07:00:00"),
            ("portal:5", False, "organisation", False, "2026-01-15 07:00:00"),
            ("portal:59", True, "organisation", True, "2026-01-15 07:00:00"),
            ("portal:6", True, "organisation", False, "2026-01-16 04:30:00"),
            ("portal:contact_2", False, "person", False, "2026-01-15 07:00:00"),
            ("portal:contact_5", True, "person", False, "2026-01-15 07:00:00"),
        ],
        id="clients; a contact without a company is one until it gets a company",
    ),
    pytest.param(
        """select client_id, manager_id, valid_to::varchar, is_inferred from client_assignments
           where client_id = 'portal:1' order by valid_from""",
        [
            ("portal:1", "portal:1", "2026-06-02 00:00:00", True),
            ("portal:1", "portal:2", None, True),
        ],
        id="a responsible manager changes with the load that shows another",
    ),
    pytest.param(
        """select client_id, person_id, position, valid_from::varchar, valid_to::varchar
           from client_contact_persons order by person_id, client_id, valid_from nulls first""",
        [
            ("portal:1", "portal:1", "Бухгалтер", None, "2026-06-02 00:00:00"),
            ("portal:1", "portal:1", "Главный бухгалтер", "2026-06-02 00:00:00", None),
            ("portal:6", "portal:2", None, "2026-06-02 00:00:00", None),
            ("portal:contact_2", "portal:2", None, None, "2026-06-02 00:00:00"),
            ("portal:1", "portal:4", None, None, None),
            ("portal:6", "portal:4", None, None, "2026-06-02 00:00:00"),
            ("portal:contact_5", "portal:5", None, None, None),
        ],
        id="positions and companies of contacts, since and until the loads that show them",
    ),
    pytest.param(
        """select manager_id, full_name, team, head_manager_id, hired_on::varchar,
               left_on::varchar, is_robot
           from managers order by 1""",
        [
            ("portal:1", "User 1", "Sales", "portal:4", "2020-03-01", None, False),
            ("portal:2", "Renamed", "Sales", "portal:1", None, "2026-06-02", False),
            ("portal:3", "User 3", None, None, None, None, True),
            ("portal:4", "user4@example.com", None, None, None, None, False),
        ],
        id="users: the first department, its head or the one above, robots, leaving",
    ),
]


@pytest.mark.parametrize(("sql", "expected"), CASES)
def test_rules_that_the_documentation_does_not_show(
    portal: duckdb.DuckDBPyConnection, sql: str, expected: list[Row]
) -> None:
    assert rows(portal, sql) == expected


def test_documents_land_as_they_were_fetched(tmp_path: Path) -> None:
    # A page a file; documents as the vendor prints them.
    installation = portal_installation(tmp_path)
    folder = deliver(installation.raw, DOCUMENTED, {}, complete=True)
    for table, name in (("user", "user-get_0"), ("department", "im-department-get_1")):
        (folder / f"{table}.csv").unlink(missing_ok=True)
        shutil.copy(sample_folder("bitrix24_examples") / f"{name}.json", folder / f"{table}.json")
    (folder / "crm_company.csv").unlink()
    for number, page in enumerate(pages("crm_company", COMPANIES), start=1):
        (folder / f"crm_company.{number}.json").write_text(json.dumps(page), encoding="utf-8")
    installation.build("2026-02")
    with installation.canonical() as db:
        assert rows(
            db,
            """select (select count(*) from clients), (select count(*) from managers),
                   (select count(*) from quarantine)""",
        ) == [(len(COMPANIES), 2, 0)]
        assert rows(
            db,
            """select department_id, department_name, head_id
               from work.staging.stg_bitrix24__departments order by 1""",
        ) == [
            ("portal:3", "Финансовый отдел", "portal:13"),
            ("portal:7", "Отдел разработки", "portal:103"),
        ]
