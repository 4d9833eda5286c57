"""A month of a made-up Bitrix24 portal closed, through to every mart."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest
import yaml

from orchestration.settings import DBT_DIR
from tests.bitrix24_samples import (
    PORTAL,
    Record,
    activity,
    company,
    contact,
    deliver,
    done,
    pages,
    portal_installation,
    task,
    user,
    with_contact,
)
from tests.samples import Row, write_load

pytestmark = pytest.mark.slow
MONTH, START, END = "2026-05", dt.datetime(2026, 5, 1), dt.datetime(2026, 6, 1)
APRIL_LOAD, MAY_LOAD = "2026-05-01T00:10:00Z", "2026-06-02T00:10:00Z"
PLANS = '[sources.plans]\ncrm = "files"\n\n'

# Managers 1 to 3 in turn; company 1 to 40; types in turn. Every fourth is left undone.
USERS = [user(number) for number in (1, 2, 3)] + [user(4, USER_TYPE="bot")]
COMPANIES = [company(n, ASSIGNED_BY_ID=str(n % 3 + 1)) for n in range(1, 61)] + [
    company(61, COMPANY_TYPE="SUPPLIER"),
    company(62, IS_MY_COMPANY="Y"),
]
NEW_COMPANY = company(63, DATE_CREATE="2026-05-20T10:00:00+03:00")
CONTACTS = [contact(n, COMPANY_ID=str(n), POST="Бухгалтер") for n in range(1, 21)] + [contact(99)]
TYPES: list[Record] = [
    {"TYPE_ID": "2"},
    {"TYPE_ID": "1", "PROVIDER_ID": "CRM_MEETING"},
    {"TYPE_ID": "6", "PROVIDER_ID": "CRM_TODO"},
    {"TYPE_ID": "4", "PROVIDER_ID": "CRM_EMAIL", "DIRECTION": "1"},
    {"TYPE_ID": "6", "PROVIDER_ID": "CRM_PAYMENT"},
]
KINDS = ("call", "meeting", "task", "email", "")


def moment(day: int, hour: int, number: int) -> str:
    """A moment of May by the clock of Moscow, written with one of three offsets."""
    written = dt.datetime(2026, 5, day, hour)
    hours = (3, 2, 0)[number % 3]
    shifted = written - dt.timedelta(hours=3 - hours)
    return f"{shifted:%Y-%m-%dT%H:%M:%S}+{hours:02}:00"


def deal_activity(number: int, *, is_later: bool) -> Record:
    """An activity of May; in the later load three of four are done."""
    day, hour = number % 28 + 1, 9 + number % 8
    start = moment(day, hour, number)
    finished = done() if is_later and number % 4 else {}
    return activity(
        number,
        OWNER_TYPE_ID="2",
        OWNER_ID="500",
        COMMUNICATIONS=[with_contact(number % 20 + 1, number % 40 + 1)],
        CREATED="2026-04-20T09:00:00+03:00",
        START_TIME=start,
        END_TIME=moment(day, hour + 1, number),
        DEADLINE=start,
        RESPONSIBLE_ID=str(number % 3 + 1),
        **TYPES[number % 5],
        **finished,
    )


NUMBERS = range(1, 241)
# Half of the answered calls last 90 seconds; every third was missed.
CALLS = [
    {
        "ID": str(number),
        "CRM_ACTIVITY_ID": str(number),
        "CALL_DURATION": "90" if number % 3 else "0",
        "CALL_FAILED_CODE": "200" if number % 3 else "304",
    }
    for number in NUMBERS
    if number % 5 == 0 and number % 4 and number % 2
]
TASK = task(1, ufCrmTask=["CO_50"], deadline="2026-05-15T19:00:00+03:00")
TASK_DONE = TASK | {"status": "5", "closedDate": "2026-05-14T12:00:00+03:00"}
ROBOT_CALL = activity(900, RESPONSIBLE_ID="4", START_TIME=moment(5, 10, 0), **done())
PLAN = {
    "plan_id": "p1",
    "plan_version": 1,
    "approved_at": "2026-04-25T10:00:00Z",
    "period_start": "2026-05-01",
    "period_end": "2026-06-01",
    "manager_id": "portal:1",
    "planned_count": 12,
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Marts of May 2026."""
    installation = portal_installation(
        tmp_path_factory.mktemp("portal"), PORTAL + PLANS, first_month="2026-04"
    )
    for extracted_at in (APRIL_LOAD, MAY_LOAD):
        is_later = extracted_at == MAY_LOAD
        records = {
            "crm_company": [*COMPANIES, *([NEW_COMPANY] if is_later else [])],
            "crm_contact": CONTACTS,
            "crm_activity": [
                *(
                    deal_activity(number, is_later=is_later)
                    for number in NUMBERS
                    # Nobody has a letter before it is written.
                    if is_later or KINDS[number % 5] != "email"
                ),
                *([ROBOT_CALL] if is_later else []),
            ],
            "tasks_task": [TASK_DONE if is_later else TASK],
            "voximplant_call": CALLS if is_later else [],
            "user": USERS,
            "department": [{"id": 1, "name": "Sales", "manager_user_id": 1}],
        }
        responses = {table: pages(table, listed) for table, listed in records.items()}
        deliver(installation.raw, extracted_at, responses)
        write_load(installation.raw, "plans", extracted_at, {"contact_plans": [PLAN]}, crm="files")
    installation.close(MONTH)
    with installation.published() as connection:
        yield connection


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def finished_of(kind: str) -> list[int]:
    """Numbers of activities that count as done: written ones always, system ones never."""
    return [
        number
        for number in NUMBERS
        if KINDS[number % 5] == kind and (number % 4 or kind == "email")
    ]


def test_each_mart_has_rows(db: duckdb.DuckDBPyConnection) -> None:
    empty = set()
    for path in sorted((DBT_DIR / "models/marts").glob("*/_*__models.yml")):
        if path.parent.name == "restricted":
            continue
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            if rows(db, f"select count(*) from {model['name']}") == [(0,)]:
                empty.add(model["name"])
    assert empty == set()


def test_counts_by_kind_are_those_of_the_responses(db: duckdb.DuckDBPyConnection) -> None:
    expected = {kind: len(finished_of(kind)) for kind in ("call", "meeting", "task", "email")}
    expected["task"] += 1  # of tasks.task.list
    assert rows(
        db,
        """select interaction_kind, interaction_count from rpt_interaction_kpis
           where period_kind = 'month' and attribution = 'performer' and manager_id = 'all'
               and interaction_group = 'all' and interaction_kind <> 'all' order by 1""",
    ) == sorted(expected.items())


def test_calls_are_conversations_by_the_telephony(db: duckdb.DuckDBPyConnection) -> None:
    recorded = {int(call["CRM_ACTIVITY_ID"]): int(call["CALL_DURATION"]) for call in CALLS}
    attempts = [number for number, seconds in recorded.items() if seconds == 0]
    talks = [seconds for seconds in recorded.values() if seconds]
    conversations = len(finished_of("call")) - len(attempts)
    assert rows(
        db,
        """select attempt_count, conversation_count, call_minutes, known_duration_count,
               unknown_duration_count
           from rpt_interaction_kpis
           where period_kind = 'month' and attribution = 'performer' and manager_id = 'all'
               and interaction_group = 'all' and interaction_kind = 'call'""",
    ) == [
        (
            len(attempts),
            conversations,
            sum(talks) / 60,
            len(talks),
            conversations - len(talks),
        )
    ]


def test_managers_have_what_they_are_responsible_for(db: duckdb.DuckDBPyConnection) -> None:
    expected: Counter[str] = Counter()
    for kind in ("call", "meeting", "task", "email"):
        expected.update(f"portal:{number % 3 + 1}" for number in finished_of(kind))
    expected["portal:1"] += 1
    assert rows(
        db,
        """select manager_id, interaction_count from rpt_interaction_kpis
           where period_kind = 'month' and attribution = 'performer' and interaction_kind = 'all'
               and interaction_group = 'all' and interaction_count > 0 and manager_id <> 'all'
           order by 1""",
    ) == sorted(expected.items())


def test_clients_are_companies_and_persons_of_none(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select opening_client_count, new_client_count, closing_client_count
           from rpt_client_growth where period_kind = 'month' and characteristic = 'all'""",
    ) == [(61, 1, 62)]
    owned = Counter(f"portal:{record['ASSIGNED_BY_ID']}" for record in COMPANIES[:60])
    owned["portal:1"] += 2  # the person and the new company
    assert rows(
        db,
        """select manager_id, main_client_count from rpt_manager_load
           where client_class = 'all' and main_client_count > 0 order by 1""",
    ) == sorted(owned.items())
    assert rows(
        db,
        """select pair_count, client_count from rpt_contact_persons
           where characteristic = 'all' and position = 'Бухгалтер' and role = 'all'""",
    ) == [(20, 20)]


def test_contacts_are_with_the_company_of_the_communication(
    db: duckdb.DuckDBPyConnection,
) -> None:
    talked = {int(call["CRM_ACTIVITY_ID"]): int(call["CALL_DURATION"]) > 0 for call in CALLS}
    contacted = set()
    for kind in ("call", "meeting", "email"):
        for number in finished_of(kind):
            if talked.get(number, True):
                # With the company named then, and that of the contact now.
                contacted |= {f"portal:{number % 40 + 1}", f"portal:{number % 20 + 1}"}
    assert {
        client_id
        for (client_id,) in rows(
            db,
            """select client_id from rpt_no_contact_clients
               where contact_status in ('contacted')""",
        )
    } == contacted
    assert rows(
        db,
        """select contact_status, count(*) from rpt_no_contact_clients group by 1 order by 1""",
    ) == [("contacted", len(contacted)), ("entered", 1), ("no contact", 61 - len(contacted))]


def test_what_was_left_undone_is_overdue(db: duckdb.DuckDBPyConnection) -> None:
    # Done ones were closed by the load of June, so they were open at May's end too.
    planned = [number for number in NUMBERS if KINDS[number % 5] in ("call", "meeting", "task")]
    written = len(finished_of("email"))
    assert rows(
        db,
        """select sum(overdue_count), sum(completed_on_time_count),
               sum(completed_without_deadline_count)
           from rpt_interaction_outcomes
           where period_kind = 'month' and manager_id <> 'all' and interaction_kind <> 'all'""",
    ) == [(len(planned), 1, written)]


def test_rows_of_the_log_and_of_robots_count_nowhere(db: duckdb.DuckDBPyConnection) -> None:
    logged = ", ".join(f"'portal:{number}'" for number in NUMBERS if number % 5 == 4)
    for mart in ("fct_interactions", "rpt_interaction_register"):
        assert rows(
            db,
            f"""select count(*) from {mart}
                where interaction_id in ({logged}) or interaction_id = 'portal:900'""",
        ) == [(0,)]


def test_the_plan_is_matched(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select planned_count, fulfilled_count from rpt_plan_fulfilment
           where period_kind = 'month' and manager_id = 'portal:1' and plan_ids = 'p1'""",
    ) == [(12, 12)]
