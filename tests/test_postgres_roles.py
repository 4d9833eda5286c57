"""Roles of readers on PostgreSQL: each logs in, sees what it may, and is refused the rest."""

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from orchestration.close.release import current_release
from orchestration.errors import CrmMartsError
from orchestration.postgres.publish import RELEASE, publish_release
from orchestration.postgres.roles import (
    ADMIN,
    ANALYST,
    MANAGER,
    NAMES_OF_A_MANAGER,
    ROWS_OF_A_MANAGER,
    access_schema,
    create_roles,
)
from orchestration.settings import Postgres, Settings
from tests.conftest import Installation
from tests.crm_files import project_settings, settings_environment
from tests.postgres_server import running_server
from tests.samples import Rows, write_load
from tests.test_publish_postgres import Server, ask, session

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
NAMES = Postgres(publish=True)
ACCESS = access_schema(NAMES)
SOURCE = '[sources.shop]\ncrm = "plain_files"\n\n'
TEAMS = {"anna": "north", "boris": "north", "vera": "south", "gleb": ""}
# Each client is its manager's; a call of each manager with it. Vera has called Anna's client too.
CALLS = [(name, name) for name in TEAMS] + [("vera", "anna")]
NOT_FOR_MANAGERS = {
    *("rpt_client_growth", "fct_segment_cells", "rpt_segment_sizes", "rpt_contact_persons"),
    *("rpt_named_segments", "rpt_segment_overlap", "rpt_segment_migration", "rpt_restatements"),
    "contact_person_details",
}
LOGINS = {
    "ann": MANAGER,
    "vee": MANAGER,
    "solo": MANAGER,
    "new": MANAGER,
    "ana": ANALYST,
    "adm": ADMIN,
}


def _tables() -> dict[str, Rows]:
    return {
        "managers": [{"manager_id": m, "full_name": m, "team": team} for m, team in TEAMS.items()],
        "clients": [
            {
                **{"client_id": f"client of {name}", "client_name": f"Shop {name}"},
                **{"client_kind": "organisation", "responsible_manager_id": name},
                "registered_at": "2026-01-10",
            }
            for name in TEAMS
        ],
        "contact_persons": [{"person_id": "olga", "full_name": "Olga", "phone": "1"}],
        "client_contact_persons": [{"client_id": "client of anna", "person_id": "olga"}],
        "interactions": [
            {
                **{"interaction_id": f"{manager} with {client}", "interaction_kind": "call"},
                **{"interaction_group": "sales", "status": "completed", "direction": "out"},
                **{"responsible_manager_id": manager, "client_id": f"client of {client}"},
                **{"created_at": "2026-03-05T10:00:00", "actual_start_at": "2026-03-05T10:00:00"},
                **{"completed_at": "2026-03-05T10:05:00", "talk_seconds": "60"},
                "subject": f"Of {manager}",
            }
            for manager, client in CALLS
        ],
    }


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as variables:
        yield variables


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Settings]:
    """March published, the roles created twice, and logins of people."""
    home = tmp_path_factory.mktemp("roles")
    company = Installation(home, {**settings_environment(home, SOURCE), **server})
    write_load(company.raw, "shop", "2026-04-02T10:00:00Z", _tables(), crm="plain_files")
    company.close("2026-03")
    own = {"data_dir": company.data, "postgres": NAMES}
    found: Settings = project_settings().model_copy(update=own)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.items():
            patch.setenv(name, value)
        with pytest.raises(CrmMartsError, match="nothing is published to PostgreSQL yet"):
            create_roles(found)
        release = current_release(found)
        assert release is not None
        with session(server) as cursor:
            cursor.execute("create role bi login password 'bi'")
        publish_release(NAMES, release)
        assert create_roles(found) == create_roles(found)
        with session(server) as cursor:
            for login, role in LOGINS.items():
                cursor.execute(f"create role {login} login password '{login}' in role {role}")
            cursor.execute(
                """grant usage on schema marts to bi;
                   grant select on marts.rpt_interaction_register, marts.dim_clients to bi"""
            )
        with session({**server, "PGUSER": "adm", "PGPASSWORD": "adm"}) as cursor:
            cursor.execute(
                f"""insert into {ACCESS}.manager_logins values
                        ('ann', 'shop:anna'), ('vee', 'shop:vera'), ('solo', 'shop:gleb')"""
            )
        yield found


@pytest.fixture
def of(settings: Settings, server: Server) -> Any:
    """Ask as a login; `settings` have the roles created."""
    assert settings.postgres.publish
    return lambda login, query: ask(server, query, PGUSER=login, PGPASSWORD=login)


def refused(of: Any, login: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        of(login, statement)


def test_every_published_table_is_decided_upon(of: Any) -> None:
    found = of(
        "adm",
        """select tablename::text from pg_tables where schemaname in ('marts', 'restricted')
           order by 1""",
    )
    decided = {*ROWS_OF_A_MANAGER, *NAMES_OF_A_MANAGER, *NOT_FOR_MANAGERS}
    assert {name for (name,) in found} == decided
    assert RELEASE in decided


def test_a_manager_sees_the_rows_of_its_team_in_every_table(of: Any) -> None:
    north = {("shop:anna",), ("shop:boris",)}
    for table, condition in ROWS_OF_A_MANAGER.items():
        if condition.startswith("manager_id in") and table != "rpt_plan_fulfilment":
            found = of("ann", f"select distinct manager_id from marts.{table}")
            every = of("ana", f"select distinct manager_id from marts.{table}")
            assert set(found) == north & set(every), table
    assert ("all",) in of("ana", "select manager_id from marts.rpt_interaction_kpis")
    clients = "select client_id from marts.dim_clients order by 1"
    assert of("ann", clients) == [("shop:client of anna",), ("shop:client of boris",)]
    assert of("solo", clients) == [("shop:client of gleb",)]
    quiet = "select client_id from marts.rpt_no_contact_clients"
    assert set(of("ann", quiet)) <= set(of("ann", clients))


def test_a_manager_sees_its_calls_and_those_with_its_clients(of: Any) -> None:
    for table in (
        *("marts.fct_interactions", "marts.rpt_interaction_register", "marts.dim_interactions"),
        *("serving.interaction_register", "restricted.interaction_subjects"),
    ):
        query = f"select interaction_id from {table} order by 1"
        assert of("ann", query) == [
            ("shop:anna with anna",),
            ("shop:boris with boris",),
            ("shop:vera with anna",),
        ], table
        assert of("vee", query) == [("shop:vera with anna",), ("shop:vera with vera",)], table
        assert len(of("ana" if "restricted" not in table else "adm", query)) == len(CALLS), table
    present = "select is_deleted_now, count(*) from serving.interaction_register group by 1"
    assert of("ann", present) == [(False, 3)]


def test_names_are_for_the_managers_of_the_client_and_for_admins(of: Any) -> None:
    names = "select client_name from restricted.client_names order by 1"
    assert of("ann", names) == [("Shop anna",), ("Shop boris",)]
    assert len(of("adm", names)) == len(TEAMS)
    assert of("adm", "select phone from restricted.contact_person_details") == [("1",)]
    refused(of, "ann", "select * from restricted.contact_person_details")
    for table in ("client_names", "contact_person_details", "interaction_subjects"):
        refused(of, "ana", f"select * from restricted.{table}")


def test_what_is_of_the_company_or_of_others_is_refused(of: Any) -> None:
    for table in sorted(NOT_FOR_MANAGERS - {"contact_person_details"}):
        refused(of, "ann", f"select * from marts.{table}")
        of("ana", f"select count(*) from marts.{table}")
    refused(of, "ann", f"select * from {ACCESS}.manager_logins")
    refused(of, "ana", f"select * from {ACCESS}.manager_logins")
    refused(of, "ana", f"select {ACCESS}.my_team()")
    for login in ("ann", "ana", "adm"):
        refused(of, login, "delete from marts.dim_clients")
        refused(of, login, "set session authorization vee")
        refused(of, login, "alter table marts.dim_clients disable row level security")
    refused(of, "ann", f"create function {ACCESS}.my_team() returns setof text as '' language sql")


def test_a_login_that_is_no_manager_sees_nobodys_rows(of: Any) -> None:
    assert of("new", "select * from marts.dim_clients") == []
    assert of("new", "select * from restricted.client_names") == []
    assert of("new", "select count(*) from marts.dim_periods") != [(0,)]


def test_readers_of_before_see_what_they_saw(of: Any) -> None:
    assert of("bi", "select count(*) from marts.rpt_interaction_register") == [(len(CALLS),)]
    assert of("bi", "select count(*) from marts.dim_clients") == [(len(TEAMS),)]


def test_rights_stay_after_a_publication_of_all_rows(
    of: Any, settings: Settings, server: Server
) -> None:
    release = current_release(settings)
    assert release is not None
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.items():
            patch.setenv(name, value)
        assert publish_release(NAMES, release, all_months=True).rows > 0
    clients = "select client_id from marts.dim_clients order by 1"
    assert of("ann", clients) == [("shop:client of anna",), ("shop:client of boris",)]


def test_policies_that_somebody_sets_decide_once_the_roles_are_brought_up_to_date(
    of: Any, settings: Settings, server: Server
) -> None:
    """The permissive policy for all is not given to a table whose rows are limited already."""
    limited = "marts.rpt_manager_load"
    with session(server) as cursor:
        cursor.execute(
            f"""create policy own on {limited} for select to bi using (manager_id = 'shop:vera');
                grant select on {limited} to bi"""
        )
    create_roles(settings)
    seen = f"select distinct manager_id from {limited} order by 1"
    assert of("bi", seen) == [("shop:vera",)]
    assert of("ann", seen) == [("shop:anna",), ("shop:boris",)]
    assert ("no manager",) in of("ana", seen)
