"""Roles of readers on the PostgreSQL server: who may read which tables, and which rows of them.

crm_analyst reads marts and views, without names, phones or subjects of people. crm_manager reads of
them the rows of its own team and its clients, and their clients' names. crm_admin reads all, and
says which login is which manager. People's logins are made members of one of them.
"""

from typing import TYPE_CHECKING

from orchestration.close.views import VIEWS_DIR
from orchestration.errors import CrmMartsError
from orchestration.postgres.publish import RELEASE, shown_release
from orchestration.postgres.relations import create_schema
from orchestration.postgres.server import connected, transaction
from orchestration.settings import Postgres, Settings

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

ANALYST, MANAGER, ADMIN = "crm_analyst", "crm_manager", "crm_admin"
ALL_ROWS = "true"


def _in_team(*columns: str) -> str:
    """A row whose managers are of the reader's team; `all` and `no manager` are nobody's."""
    return " or ".join(f"{name} in (select {{access}}.my_team())" for name in columns)


IN_REGISTER = "interaction_id in (select interaction_id from {marts}.rpt_interaction_register)"
# Rows of the marts that a manager sees; a mart that is not named, such as one of the company's
# totals, is not for managers. {marts} and {access} stand for schemas.
ROWS_OF_A_MANAGER = {
    "dim_periods": ALL_ROWS,
    "dim_managers": ALL_ROWS,
    "editions": ALL_ROWS,
    RELEASE: ALL_ROWS,
    "dim_clients": _in_team("owner_now_id"),
    "dim_interactions": IN_REGISTER,
    "fct_interactions": _in_team("performer_id", "owner_at_event_id", "owner_at_period_end_id"),
    "rpt_interaction_register": _in_team(
        *("performer_id", "holder_at_end_id", "responsible_at_deadline_id"),
        *("owner_at_event_id", "owner_at_period_end_id"),
    ),
    "rpt_no_contact_clients": _in_team("owner_manager_id"),
    **dict.fromkeys(
        (
            *("rpt_deadline_compliance", "rpt_interaction_groups", "rpt_interaction_kpis"),
            *("rpt_interaction_outcomes", "rpt_late_entries", "rpt_manager_load"),
            *("rpt_manager_ranking", "rpt_plan_fulfilment", "rpt_planned_activity"),
        ),
        _in_team("manager_id"),
    ),
}
# Of personal data: through the rows of the marts that the manager sees.
NAMES_OF_A_MANAGER = {
    "client_names": "client_id in (select client_id from {marts}.dim_clients)",
    "interaction_subjects": IN_REGISTER,
}

# Definer's rights: a reader sees neither the logins of others nor all of dim_managers by it.
MY_TEAM = """
    create or replace function {access}.my_team() returns setof text
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
        select colleagues.manager_id
        from {access}.manager_logins as logins
        inner join {marts}.dim_managers as own on logins.manager_id = own.manager_id
        inner join {marts}.dim_managers as colleagues
            on own.manager_id = colleagues.manager_id or own.team = colleagues.team
        where logins.login = session_user
    $$"""


def access_schema(names: Postgres) -> str:
    """Where logins stand beside managers; each installation of a server has its own."""
    return f"{names.marts_schema}_access"


def create_roles(settings: Settings) -> list[str]:
    """Create the roles, their rights and row policies, or bring them up to date; what was done.

    Raises CrmMartsError when publication to PostgreSQL is off, or nothing is published there;
    PostgresError when the server refuses.
    """
    names = settings.postgres
    if not names.publish:
        raise CrmMartsError(
            "publication to PostgreSQL is off",
            place="[postgres] in crm_marts.toml",
            remedy="Set publish = true.",
        )
    if shown_release(names) is None:
        raise CrmMartsError(
            "nothing is published to PostgreSQL yet", remedy="Close a month, or publish-postgres."
        )
    with connected() as server, transaction(server, names.marts_schema) as cursor:
        for role in (ANALYST, MANAGER, ADMIN):
            _create_role(cursor, role)
        _grant_access(cursor, names)
        _grant_reading(cursor, names)
        shown = _limit(cursor, names, names.marts_schema, ROWS_OF_A_MANAGER)
        if names.restricted_schema:
            shown += _limit(cursor, names, names.restricted_schema, NAMES_OF_A_MANAGER)
    return [
        f"{ANALYST} reads {names.marts_schema} and {names.serving_schema}",
        f"{MANAGER} reads the rows of its team in {len(shown)} tables",
        f"{ADMIN} reads all, and writes {access_schema(names)}.manager_logins",
    ]


def _create_role(cursor: "cursor", role: str) -> None:
    cursor.execute("select 1 from pg_roles where rolname = %s", [role])
    if not cursor.fetchall():
        cursor.execute(f"create role {role} nologin")


def _grant_access(cursor: "cursor", names: Postgres) -> None:
    """Which login is which manager, and the function by which policies ask for its team."""
    access = access_schema(names)
    create_schema(cursor, access)
    cursor.execute(
        f"""create table if not exists {access}.manager_logins (
                login name primary key, manager_id text not null);
            comment on table {access}.manager_logins is
                'Which login is which manager of dim_managers; written by {ADMIN}.'"""
    )
    cursor.execute(MY_TEAM.format(access=access, marts=f'"{names.marts_schema}"'))
    cursor.execute(
        f"""revoke all on function {access}.my_team() from public;
            grant usage on schema {access} to {MANAGER}, {ADMIN};
            grant execute on function {access}.my_team() to {MANAGER};
            grant select, insert, update, delete on {access}.manager_logins to {ADMIN}"""
    )


def _grant_reading(cursor: "cursor", names: Postgres) -> None:
    """Whole schemas to those who read whole schemas, also of marts that come later."""
    readers = {names.marts_schema: [ANALYST, ADMIN], names.serving_schema: [ANALYST, ADMIN]}
    if names.restricted_schema:
        readers[names.restricted_schema] = [ADMIN]
    for schema, roles in readers.items():
        for role in roles:
            cursor.execute(
                f"""grant usage on schema "{schema}" to {role};
                    grant select on all tables in schema "{schema}" to {role};
                    alter default privileges in schema "{schema}"
                        grant select on tables to {role}"""
            )
    cursor.execute(f'grant usage on schema "{names.serving_schema}" to {MANAGER}')
    for view in sorted(path.stem for path in VIEWS_DIR.glob("*.sql")):
        cursor.execute(f'grant select on "{names.serving_schema}"."{view}" to {MANAGER}')


def _limit(cursor: "cursor", names: Postgres, schema: str, rows: dict[str, str]) -> list[str]:
    """Let managers read their rows of a schema's tables; everybody else sees what they saw.

    Policies narrow the rows of managers alone. Where somebody has set policies before, those go on
    to decide for other roles.
    """
    cursor.execute(f'grant usage on schema "{schema}" to {MANAGER}')
    limited = [table for table in _tables(cursor, schema) if table in rows]
    for table in limited:
        target = f'"{schema}"."{table}"'
        condition = rows[table].format(marts=f'"{names.marts_schema}"', access=access_schema(names))
        readers = f"{ANALYST}, {MANAGER}, {ADMIN}" if _has_policies(cursor, target) else "public"
        cursor.execute(
            f"""alter table {target} enable row level security;
                drop policy if exists crm_all_rows on {target};
                drop policy if exists crm_rows_of_a_manager on {target};
                create policy crm_all_rows on {target} to {readers} using (true);
                create policy crm_rows_of_a_manager on {target} as restrictive for select
                    to {MANAGER} using ({condition});
                grant select on {target} to {MANAGER}"""
        )
    return limited


def _has_policies(cursor: "cursor", target: str) -> bool:
    """Whether somebody else has limited the table's rows: by policies, or by their absence."""
    cursor.execute(
        """select 1 from pg_class
           where oid = %s::regclass and (
               exists (
                   select 1 from pg_policy
                   where polrelid = pg_class.oid
                       and polname not in ('crm_all_rows', 'crm_rows_of_a_manager'))
               or relrowsecurity and not exists (
                   select 1 from pg_policy
                   where polrelid = pg_class.oid and polname = 'crm_all_rows'))""",
        [target],
    )
    return bool(cursor.fetchall())


def _tables(cursor: "cursor", schema: str) -> list[str]:
    cursor.execute(
        "select tablename::text from pg_tables where schemaname = %s order by 1", [schema]
    )
    return [name for (name,) in cursor.fetchall()]
