"""Salesforce as Fivetran's connector writes it: its sample rows, and a company made up."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from orchestration.settings import PROJECT_DIR
from tests.conftest import Installation
from tests.salesforce_company import FORCE, deliver
from tests.samples import Row, sample_folder, sample_tables, write_config, write_load

LOADED_AT = "2020-08-01T00:00:00Z"


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def force_installation(home: Any) -> Installation:
    """One Salesforce source below `home`."""
    return Installation(home, {"CRM_MARTS_CONFIG": str(write_config(home, FORCE))})


def delivered(table: str) -> list[dict[str, str]]:
    """Rows of a sample file as they are."""
    path = sample_folder("salesforce_fivetran") / "csv" / f"sf_{table}_data.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Canonical tables of the connector's sample, taken as one load."""
    folder = sample_folder("salesforce_fivetran") / "csv"
    installation = force_installation(tmp_path_factory.mktemp("salesforce"))
    files = sample_tables("salesforce", folder, "sf_", "_data")
    write_load(installation.raw, "force", LOADED_AT, files)
    installation.build("2020-07")
    with installation.canonical() as connection:
        yield connection


def staged_tables() -> dict[str, str]:
    """Raw table of each staging model."""
    folder = PROJECT_DIR / "dbt_project/models/staging/salesforce"
    tables = {}
    for path in folder.glob("stg_*.sql"):
        match = re.search(r"raw_versions\('salesforce', '(\w+)'\)", path.read_text("utf-8"))
        assert match, path
        tables[path.stem] = match[1]
    return tables


def test_every_delivered_row_is_accounted_for(sample: duckdb.DuckDBPyConnection) -> None:
    found = {
        table: rows(sample, f"select count(*), count(quarantine_reason) from work.staging.{model}")
        for model, table in staged_tables().items()
    }
    expected = {table: len(delivered(table)) for table in found if table != "event_relation"}
    assert found == {
        **{table: [(count, 0)] for table, count in expected.items()},
        "event_relation": [(0, 0)],
    }
    assert sum(expected.values()) == 68
    assert rows(sample, "select * from quarantine") == []


def test_no_row_is_multiplied_on_the_way_to_the_contract(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    counts = {
        table: rows(sample, f"select count(*) from {table}")[0][0]
        for table in (
            *("clients", "client_merges", "client_assignments", "contact_persons"),
            *("client_contact_persons", "managers", "interactions"),
        )
    }
    assert counts == {
        "clients": 10,
        "client_merges": 1,
        "client_assignments": 10,
        "contact_persons": 4,
        "client_contact_persons": 3,  # one contact is nobody's
        "managers": 10,
        "interactions": 20,
    }
    activities = [*delivered("task"), *delivered("event")]
    expected = {
        "client": sum(bool(row["account_id"]) for row in activities),
        "person": sum(row["who_id"].startswith("003") for row in activities),
    }
    assert expected == {"client": 19, "person": 19}  # one task is a lead's
    assert dict(
        rows(sample, "select party_kind, count(*) from interaction_parties group by 1")
    ) == (expected)


def test_rows_that_join_to_nothing_live_on(sample: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        sample,
        """select count(dangling_client_id), count(client_id),
               count(dangling_responsible_manager_id), count(responsible_manager_id)
           from interactions where not is_deleted""",
    ) == [(19, 0, 20, 0)]
    assert rows(sample, "select count(*), count(dangling_responsible_manager_id) from clients") == [
        (10, 10)
    ]
    assert rows(sample, "select count(*), count(team), count(head_manager_id) from managers") == [
        (10, 0, 6)
    ]


def test_the_last_day_of_time_is_no_end(sample: duckdb.DuckDBPyConnection) -> None:
    # Three rows of the history lasted one second; all others are open.
    assert rows(
        sample,
        """select epoch(valid_to - valid_from), is_inferred, count(*) from client_assignments
           group by all order by 1 nulls last""",
    ) == [(1, False, 3), (None, False, 7)]
    assert rows(sample, "select count(*), count(valid_to) from client_contact_persons") == [(3, 0)]


def test_the_recycle_bin_holds_what_is_deleted(sample: duckdb.DuckDBPyConnection) -> None:
    accounts = delivered("account")
    assert Counter(row["is_deleted"] for row in accounts) == {"true": 9, "false": 1}
    deleted = {
        f"force:{row['id']}"
        for row in accounts
        if row["is_deleted"] == "true" and not row["master_record_id"]
    }
    assert len(deleted) == 8
    assert {r[0] for r in rows(sample, "select client_id from clients where is_deleted")} == deleted
    # FALSE in events, nothing at all in contacts.
    assert {row["is_deleted"] for row in delivered("event")} == {"FALSE"}
    assert {row["is_deleted"] for row in delivered("contact")} == {""}
    for table in ("interactions", "contact_persons"):
        assert rows(sample, f"select * from {table} where is_deleted") == []


def test_users_that_the_connector_no_longer_finds_have_left(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    gone = {
        f"force:{row['id']}"
        for row in delivered("user")
        if row["_fivetran_deleted"] == "true" or row["_fivetran_active"] == "false"
    }
    assert len(gone) == 6
    found = rows(sample, "select manager_id, left_on::varchar from managers where is_deleted")
    assert dict(found) == dict.fromkeys(gone, "2020-08-01")
    assert rows(sample, "select * from managers where not is_deleted and left_on is not null") == []


def test_a_merge_is_dated_by_the_history_that_first_shows_it(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    [merged] = [row for row in delivered("account_history") if row["master_record_id"]]
    assert rows(
        sample,
        "select losing_client_id, surviving_client_id, merged_at::varchar from client_merges",
    ) == [
        (
            f"force:{merged['id']}",
            f"force:{merged['master_record_id']}",
            merged["_fivetran_start"],
        )
    ]


def test_minutes_are_those_of_the_event_though_it_ends_as_it_starts(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    events = delivered("event")
    assert all(row["start_date_time"] == row["end_date_time"] for row in events)
    expected = Counter[str]()
    for row in events:
        expected[row["type"].lower()] += 60 * int(row["duration_in_minutes"])
    assert expected == {"call": 6300, "meeting": 6300}
    assert (
        dict(
            rows(
                sample,
                """select interaction_kind, sum(duration_seconds)::int from interactions
               where interaction_id like 'force:00U%' and completed_at_source = 'inferred'
                   and actual_end_at is null and not is_all_day
               group by 1""",
            )
        )
        == expected
    )


def test_the_date_of_a_task_is_a_day(sample: duckdb.DuckDBPyConnection) -> None:
    assert {row["activity_date"] for row in delivered("task")} == {"2019-11-11 17:23:34"}
    assert rows(
        sample, "select distinct due_on::varchar from work.staging.stg_salesforce__tasks"
    ) == [("2019-11-11",)]


def test_types_that_nobody_mapped_are_unclassified(sample: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        sample,
        """select raw_type, interaction_kind, interaction_group, count(*) from interactions
           where interaction_id like 'force:00T%' group by all order by 1""",
    )
    assert found == [("Task", "task", "other", 3), ("X", "task", None, 7)]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Canonical tables of the company made up, March 2026."""
    installation = force_installation(tmp_path_factory.mktemp("company"))
    deliver(installation.raw)
    installation.build("2026-03")
    with installation.canonical() as connection:
        yield connection


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param(
            """select manager_id, valid_from::varchar, valid_to::varchar, is_inferred
               from client_assignments where client_id = 'force:001A' order by 2""",
            [
                ("force:005B", "2026-01-10 09:00:00", "2026-02-01 09:00:00", True),
                ("force:005B", "2026-02-01 09:00:00", "2026-03-10 09:00:00", False),
                ("force:005H", "2026-03-10 09:00:00", "2026-03-10 09:00:01", False),
                ("force:005A", "2026-03-10 09:00:01", None, False),
            ],
            id="owners by the history: rows of one owner are one, a second is a second",
        ),
        pytest.param(
            """select manager_id, valid_from::varchar, valid_to::varchar, is_inferred
               from client_assignments where client_id = 'force:001B' order by 2""",
            [
                ("force:005B", "2026-01-10 09:00:00", "2026-03-20 00:10:00", True),
                ("force:005A", "2026-03-20 00:10:00", None, True),
            ],
            id="owners of an account without history as the loads showed them",
        ),
        pytest.param(
            """select surviving_client_id, merged_at::varchar, is_deleted
               from client_merges where losing_client_id = 'force:001G'""",
            [("force:001A", "2026-03-12 10:00:00", False)],
            id="a merge happened when the history first shows it",
        ),
        pytest.param(
            """select client_id, client_kind, is_client, do_not_contact, region, client_class,
                   deleted_at::varchar
               from clients order by 1""",
            [
                ("force:001A", "organisation", True, False, None, None, None),
                ("force:001B", "organisation", True, False, None, "Hot", None),
                ("force:001D", "organisation", False, False, None, None, None),
                ("force:001E", "person", True, True, None, "Cold", None),
                ("force:001G", "organisation", True, False, None, None, None),
                ("force:001S", "organisation", True, False, "Omsk", None, "2026-04-02 00:10:00"),
                ("force:001T", "organisation", True, False, "France", None, "2026-04-02 00:10:00"),
            ],
            id="partners are no clients; what the load no longer shows alive is deleted",
        ),
        pytest.param(
            """select manager_id, full_name, team, head_manager_id, left_on::varchar, is_robot
               from managers order by 1""",
            [
                ("force:005A", "Ann", "Sales North", "force:005H", None, False),
                ("force:005B", "Bob", "Sales North", "force:005H", "2026-03-20", False),
                ("force:005H", "Hugo", "Heads", None, None, False),
                ("force:005R", "robot@example.com", None, None, None, True),
            ],
            id="an inactive user left with the load that first shows it",
        ),
        pytest.param(
            """select person_id, client_id, valid_from::varchar, valid_to::varchar
               from client_contact_persons where person_id in ('force:003M', 'force:003R')
               order by 1, 3 nulls first""",
            [
                ("force:003M", "force:001B", "2026-01-10 09:00:00", "2026-03-15 12:00:00"),
                ("force:003M", "force:001A", "2026-03-15 12:00:00", None),
                ("force:003R", "force:001B", None, "2026-03-20 00:10:00"),
                ("force:003R", "force:001A", "2026-03-20 00:10:00", None),
            ],
            id="a contact changes the account by its history, else by the loads",
        ),
        pytest.param(
            "select person_id from contact_persons where is_deleted or not is_active order by 1",
            [("force:003B",), ("force:003Y",)],
            id="a merged contact is no contact any more",
        ),
        pytest.param(
            """select party_id from interaction_parties
               where interaction_id = 'force:00Told' and party_kind = 'person'""",
            [("force:003P",)],
            id="what a contact took part in goes along the chain of merges",
        ),
        pytest.param(
            """select completed_at::varchar, completed_at_source, deadline_at::varchar,
                   deadline_source, deadline_is_date, actual_start_at
               from interactions where interaction_id = 'force:00Treport'""",
            [("2026-03-31 20:30:00", "field", "2026-03-30 21:00:00", "field", True, None)],
            id="a due date is the business day, not a moment that a time zone moves",
        ),
        pytest.param(
            """select interaction_id, known_from::varchar, state
               from interaction_versions
               where interaction_id = 'force:00Tundated' order by 2""",
            [
                ("force:00Tundated", "2026-03-01 00:10:00", "open"),
                ("force:00Tundated", "2026-03-20 00:10:00", "completed"),
                ("force:00Tundated", "2026-04-02 00:10:00", "completed"),
            ],
            id="versions of a task",
        ),
        pytest.param(
            """select completed_at::varchar, completed_at_source from interactions
               where interaction_id = 'force:00Tundated'""",
            [("2026-03-20 00:10:00", "load")],
            id="without a time of completion the load gives it, and a later edit does not move it",
        ),
        pytest.param(
            """select interaction_id, completed_at::varchar, actual_start_at::varchar, deadline_at
               from interactions
               where interaction_id in ('force:00Tlate', 'force:00Tcall') order by 1""",
            [
                ("force:00Tcall", "2026-03-05 12:00:00", None, None),
                ("force:00Tlate", "2026-04-01 08:00:00", "2026-03-30 21:00:00", None),
            ],
            id="a logged call has no deadline and took place on its day",
        ),
        pytest.param(
            """select interaction_id, cancelled_at::varchar, is_deleted from interactions
               where is_deleted or cancelled_at is not null order by 1""",
            [
                ("force:00Tdropped", "2026-03-20 00:10:00", False),
                ("force:00Tnoneed", "2026-04-02 00:10:00", False),
                ("force:00Tstale", None, True),
                ("force:00Ubinned", None, True),
                ("force:00Uoff", "2026-03-20 00:10:00", False),
            ],
            id="in the bin before its start is cancelled, later deleted; so is a mapped status",
        ),
        pytest.param(
            """select interaction_id, state from interaction_versions
               where interaction_id like 'force:00Tparked' and is_latest""",
            [("force:00Tparked", "completed")],
            id="of a status that nobody mapped is_closed knows best",
        ),
        pytest.param(
            "select table_name, reason, count(*) from quarantine group by all order by 2",
            [
                ("task", "activity_date is not a date", 1),
                ("task", "status is unknown and is_closed is empty", 1),
            ],
            id="a task of unknown state or day is quarantined",
        ),
        pytest.param(
            """select raw_type, interaction_kind, direction, talk_seconds, result_class, is_mass,
                   client_id
               from interactions
               where interaction_id in ('force:00Tcall', 'force:00Tlead', 'force:00Tinner',
                   'force:00Tmail', 'force:00Tmass')
               order by created_at""",
            [
                ("Call", "call", "in", 300, "neutral", False, "force:001A"),
                ("Call", "call", None, None, "none", False, None),
                ("Internal call", "task", None, None, "none", False, "force:001A"),
                ("Email", "email", None, None, "none", False, "force:001A"),
                ("ListEmail", "mailing", None, None, "none", True, "force:001A"),
            ],
            id="kinds of tasks; a lead is no client, the account of a contact is one",
        ),
        pytest.param(
            """select interaction_id from interactions
               where interaction_id like 'force:00U%' order by 1""",
            [
                (f"force:00U{key}",)
                for key in ("binned", "call", "day", "fair", "next", "off", "orphan1")
            ],
            id="copies and patterns of series are no interactions of their own",
        ),
        pytest.param(
            "select count(*) from interactions where interaction_id = 'force:00Tseries'",
            [(0,)],
            id="nor is the pattern of a series of tasks",
        ),
        pytest.param(
            """select interaction_id, party_id, attended from interaction_parties
               where party_kind = 'manager' order by 1, 2""",
            [
                ("force:00Ufair", "force:005B", None),
                ("force:00Ufair", "force:005H", False),
                ("force:00Uorphan1", "force:005H", None),
            ],
            id="the owners of the copies attend, but for those who declined",
        ),
        pytest.param(
            """select party_kind, party_id from interaction_parties
               where interaction_id = 'force:00Ufair' and party_kind <> 'manager' order by 1, 2""",
            [("client", "force:001A"), ("person", "force:003P"), ("person", "force:003R")],
            id="and the contacts that were invited",
        ),
        pytest.param(
            """select group_id, planned_start_at::varchar, is_all_day, duration_seconds,
                   completed_at is not null
               from interactions
               where interaction_id in ('force:00Ufair', 'force:00Uday', 'force:00Unext')
               order by 2""",
            [
                ("force:00Ufair", "2026-03-10 10:00:00", False, 3600, True),
                (None, "2026-03-12 21:00:00", True, None, True),
                (None, "2026-04-20 10:00:00", False, None, False),
            ],
            id="an all-day event is a business day without minutes; what is to come is open",
        ),
        pytest.param(
            """select state, known_from::varchar, known_to::varchar from interaction_versions
               where interaction_id = 'force:00Ucall' order by 2""",
            [
                ("open", "2026-03-01 00:10:00", "2026-03-20 00:10:00"),
                ("completed", "2026-03-20 00:10:00", None),
            ],
            id="time completes an event that nobody touched",
        ),
    ],
)
def test_rules_that_the_sample_never_shows(
    company: duckdb.DuckDBPyConnection, sql: str, expected: list[Row]
) -> None:
    assert rows(company, sql) == expected
