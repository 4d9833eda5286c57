"""The vendor's demo data of Odoo 8, with all that is odd about them."""

import re
from collections.abc import Iterator

import duckdb
import pytest

from orchestration.settings import PROJECT_DIR
from tests.conftest import Installation
from tests.odoo_samples import AS_OF, deliver, odoo_installation
from tests.samples import Question, Row, sample_folder, truth

STAGING = "work.staging"
NATIVE_ID = "split_part(interaction_id, ',', 2)"
QUESTIONS = {
    "calls": Question(
        f"""select raw_status, count(*), round(sum(duration_seconds) / 60, 2)
            from {STAGING}.stg_odoo__calls group by 1""",
        difference="Seconds are whole: 8.56 min are 514 s, 2.08 are 125. Staging has them of all "
        "calls; the contract has states, not words, and the duration of completed calls alone.",
        takes_out=(("open", 2, 13.56),),
        puts_in=(("open", 2, 13.57),),
    ),
    "meetings": Question(
        f"""select {NATIVE_ID}, round(staged.duration_seconds / 3600, 1)::varchar,
                round(epoch(planned_end_at - planned_start_at) / 3600, 2)
            from interactions
            inner join {STAGING}.stg_odoo__meetings as staged using (interaction_id)"""
    ),
    "participants": Question(
        f"""select {NATIVE_ID}, count(*) from interaction_parties
            where interaction_id like '%:calendar.event,%' group by 1"""
    ),
    "calls_without_client": Question(
        """select count(*) from interactions
           where interaction_kind = 'call'
               and client_id is null and dangling_client_id is null"""
    ),
    "contacts_per_position": Question(
        """select coalesce(position, '(none)'), count(*) from client_contact_persons
           where valid_to is null group by 1""",
        difference="A company below another (res_partner_20) is a client with a parent, no person.",
        takes_out=(("(none)", 1),),
    ),
    "clients_per_manager": Question(
        f"""select coalesce(split_part(salesperson_id, ':', 2), '(none)'), count(*)
            from {STAGING}.stg_odoo__leads group by 1""",
        difference="A lead is no client and no interaction, so the contract has none; staging "
        "has. Clients have the manager that res_partner.user_id names, here none.",
    ),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The demo data as delivered, landed at the moment of truth.json."""
    installation = odoo_installation(tmp_path_factory.mktemp("odoo"))
    deliver(installation.raw, AS_OF)
    installation.build("2014-05")
    return installation


@pytest.fixture(scope="module")
def db(demo: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    """Canonical tables of the demo."""
    with demo.canonical() as connection:
        yield connection


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def test_every_question_is_asked() -> None:
    assert set(truth("odoo8")) == set(QUESTIONS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_answers_are_the_truth(db: duckdb.DuckDBPyConnection, name: str) -> None:
    question = QUESTIONS[name]
    assert sorted(rows(db, question.sql)) == question.expected(truth("odoo8")[name])


def test_every_delivered_row_is_accounted_for(db: duckdb.DuckDBPyConnection) -> None:
    folder = PROJECT_DIR / "dbt_project/models/staging/odoo"
    for path in sorted(folder.glob("stg_*.sql")):
        match = re.search(r"raw_versions\('odoo', '(\w+)'\)", path.read_text("utf-8"))
        assert match, path
        file = sample_folder("odoo8") / "csv" / f"{match[1]}.csv"
        delivered = f"(select count(*) from read_csv('{file}'))" if file.exists() else "0"
        assert rows(db, f"select count(*) = {delivered} from {STAGING}.{path.stem}") == [(True,)]
    assert rows(
        db, "select table_name, reason, count(*) from quarantine group by all order by 1"
    ) == [("mail_message", "date is empty", 9), ("res_partner", "name is empty", 1)]


def test_no_row_is_multiplied_on_the_way_to_the_contract(db: duckdb.DuckDBPyConnection) -> None:
    # 39 partners: 27 stand on their own, 10 are contacts, one is a user's, one has no name.
    assert rows(db, "select count(*), count(*) filter (is_client) from clients") == [(27, 18)]
    assert rows(db, "select count(*) from contact_persons") == [(10,)]
    assert rows(
        db,
        """select raw_type, interaction_kind, is_auto, count(*) from interactions
           group by all order by 1""",
    ) == [
        ("calendar.event", "meeting", False, 7),
        ("comment", "note", True, 25),
        ("crm.claim", "task", False, 7),
        ("crm.helpdesk", "task", False, 4),
        ("crm.phonecall", "call", False, 6),
        ("email", "email", False, 1),
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param(
            f"""select {NATIVE_ID}, duration_seconds from interactions
                where interaction_kind = 'call' and completed_at is not null order by 1""",
            [
                ("crm.crm_phonecall_1", 138),
                ("crm.crm_phonecall_2", 90),
                ("crm.crm_phonecall_4", 327),
            ],
            id="2.3 minutes are 138 seconds, and open calls have no duration",
        ),
        pytest.param(
            f"""select planned_start_at::varchar, actual_start_at, completed_at::varchar,
                    completed_at_source
                from interactions where {NATIVE_ID} = 'crm.crm_phonecall_4'""",
            [("2014-06-21 14:10:23", None, "2014-06-15 09:00:00", "inferred")],
            id="a call done before its time was completed by the load",
        ),
        pytest.param(
            f"""select duration_seconds, epoch(actual_end_at - actual_start_at)
                from interactions where {NATIVE_ID} = 'calendar.calendar_event_1'""",
            [(22680, 22200)],
            id="stored duration in hours stands beside the end less the start",
        ),
        pytest.param(
            f"""select {NATIVE_ID}, planned_start_at::varchar, planned_end_at::varchar,
                    duration_seconds, deadline_is_date
                from interactions where is_all_day order by 1""",
            [
                (
                    "calendar.calendar_event_5",
                    "2014-06-21 20:00:00",
                    "2014-06-21 20:00:00",
                    None,
                    True,
                ),
                (
                    "calendar.calendar_event_7",
                    "2014-06-15 20:00:00",
                    "2014-06-15 20:00:00",
                    None,
                    True,
                ),
            ],
            id="an all-day meeting is a day of the office, here UTC+4, without a duration",
        ),
        pytest.param(
            f"""select planned_start_at::varchar from interactions
                where {NATIVE_ID} = 'calendar.calendar_event_4'""",
            [("2014-06-20 08:00:00",)],
            id="an hour without its zero",
        ),
        pytest.param(
            f"""select {NATIVE_ID}, completed_at is not null
                from interactions where interaction_kind = 'meeting' order by 1""",
            [(f"calendar.calendar_event_{n}", n <= 3) for n in range(1, 8)],
            id="meetings whose start lies in the past are completed",
        ),
        pytest.param(
            f"""select party_kind, party_id from interaction_parties
                where {NATIVE_ID} = 'calendar.calendar_event_4' order by 1""",
            [("client", "odoo:base.res_partner_6"), ("manager", "odoo:base.user_demo")],
            id="a user's partner takes part as manager",
        ),
        pytest.param(
            f"""select responsible_manager_id, client_id, dangling_client_id
                from interactions where {NATIVE_ID} = 'calendar.calendar_event_3'""",
            [(None, None, "odoo:base.partner_root")],
            id="a meeting without organizer, with a partner that has no usable row",
        ),
        pytest.param(
            f"""select client_id from interactions
                where {NATIVE_ID} = 'calendar.calendar_event_2'""",
            [("odoo:base.res_partner_4",)],
            id="of several participants the first known client is the primary one",
        ),
        pytest.param(
            "select manager_id, full_name, team from managers order by 1",
            [
                ("odoo:base.user_demo", "Demo User", "Indirect Sales"),
                ("odoo:base.user_root", "Pieter Parker", "Indirect Sales"),
            ],
            id="a user who was not delivered is known by its employee",
        ),
        pytest.param(
            """select client_id, client_kind, is_client from clients
               where client_id in ('odoo:base.main_partner', 'odoo:base.partner_demo')""",
            [("odoo:base.main_partner", "organisation", False)],
            id="the own company is no client, a user's partner is none at all",
        ),
        pytest.param(
            """select client_id, is_client, parent_client_id, archived_at is not null
               from clients
               where client_id in (
                   'odoo:base.res_partner_1', 'odoo:base.res_partner_2', 'odoo:base.res_partner_20'
               ) order by 1""",
            [
                ("odoo:base.res_partner_1", False, None, False),
                ("odoo:base.res_partner_2", True, None, False),
                ("odoo:base.res_partner_20", False, "odoo:base.res_partner_19", True),
            ],
            id="customer 0 is none, empty is one; a company below another; active 0",
        ),
        pytest.param(
            "select count(*) from clients where region is not null",
            [(0,)],
            id="a search: reference is no region",
        ),
        pytest.param(
            """select value from client_characteristics
               where client_id = 'odoo:base.res_partner_2' order by 1""",
            [("Components Buyer",), ("IT Services",)],
            id="tags by name",
        ),
        pytest.param(
            """select direction, responsible_manager_id, client_id, dangling_client_id,
                   completed_at::varchar
               from interactions where interaction_kind = 'email'""",
            [
                (
                    "in",
                    "odoo:base.user_demo",
                    None,
                    "odoo:base.partner_root",
                    "2014-06-13 09:00:00",
                )
            ],
            id="author f is a stranger, who writes to us",
        ),
        pytest.param(
            """select result_class, count(*), count(completed_at) from interactions
               where raw_type = 'crm.claim' group by 1 order by 1""",
            [("negative", 1, 1), ("none", 4, 0), ("positive", 2, 2)],
            id="the stage of a claim says whether it is closed, and how",
        ),
    ],
)
def test_oddities(db: duckdb.DuckDBPyConnection, sql: str, expected: list[Row]) -> None:
    assert rows(db, sql) == expected
