"""What the contract's tables said at two moments, which entities changed between, and why.

An entity is what changes as one: an interaction with its parties and changes, a client, a client's
assignments. Each changed entity has one cause, the first of `DATA_CAUSES` that holds for it.
"""

from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from orchestration.close.contract_copy import is_of_interactions

DATA_CAUSES = ("late entry", "deletion", "merge", "owner change", "reclassification", "edit")
# Bookkeeping of loads, and personal data that no monthly mart shows.
UNCOMPARED = {
    *("source_updated_at", "loaded_at", "last_changed_at", "client_name", "tax_id", "custom"),
    *("full_name", "email", "phone", "subject"),
}
ALWAYS = "timestamp '1970-01-01'"  # a change that moves figures of every month


def _differs(*columns: str) -> str:
    return " or ".join(f"new.{name} is distinct from old.{name}" for name in columns)


def _earliest(*columns: str) -> str:
    sides = [f"cast({side}.{name} as timestamp)" for name in columns for side in ("old", "new")]
    return f"least({', '.join(sides)})"


def _validity(key: str, unless_dated: str = ALWAYS) -> str:
    """A validity that begins or is gone counts from its start, one that ends from its end."""
    return f"""case when old.{key} is null or new.{key} is null
        then coalesce({_earliest("valid_from")}, {unless_dated}) else {_earliest("valid_to")} end"""


# A person without a history matters from the first interaction with it, or since its client does.
FIRST_WITH_PERSON = """(
    select min(least(
        seen.created_at, seen.planned_start_at, seen.actual_start_at, seen.completed_at))
    from now.interaction_parties as parties
    inner join now.interactions as seen on parties.interaction_id = seen.interaction_id
    where parties.party_kind = 'person'
        and parties.party_id = coalesce(new.person_id, old.person_id))"""
SINCE_CLIENT = f"""(
    select case when min(clients.registered_at) is null then {ALWAYS}
        else least(min(clients.registered_at), {FIRST_WITH_PERSON}) end
    from now.clients as clients where clients.client_id = coalesce(new.client_id, old.client_id))"""


@dataclass(frozen=True)
class Ending:
    """Columns of a table in which a row can end without another past: from when it counts.

    `ended_at` is for what the scheduled close sees of it, which is after the month's end.
    """

    columns: tuple[str, ...]
    counts_at: str
    ended_at: str = "null"


def _if_open(moment: str) -> str:
    return f"case when old.completed_at is null and old.cancelled_at is null then {moment} end"


ENDINGS = {
    "interactions": Ending(
        columns=(
            *("completed_at", "completed_at_source", "cancelled_at", "result", "result_class"),
            *("answered", "talk_seconds", "duration_seconds", "duration_source"),
            *("actual_start_at", "actual_end_at"),
        ),
        # Dated in a month, it counts there, whenever it was ticked off.
        counts_at=_if_open("least(new.completed_at, new.cancelled_at, new.actual_start_at)"),
        ended_at=_if_open("least(new.completed_at, new.cancelled_at)"),
    ),
    "client_versions": Ending(columns=("known_to", "is_latest"), counts_at=_earliest("known_to")),
}


@dataclass(frozen=True)
class Entity:
    """Tables whose rows with the same `id` change together.

    `tables` says, as SQL over `old` and `new` (a row of before and of now), from which moment on a
    changed row can move figures; the first table's is asked where a changed row has no answer.
    `known_by` has a row per id: an id that it did not have is a late entry, one that it has not any
    more, or only as deleted, a deletion. `causes` are asked in order of the first table's rows.
    """

    id: str
    tables: dict[str, str]
    known_by: str | None = None
    causes: dict[str, str] = field(default_factory=dict)
    otherwise: str = "edit"


ENTITIES = (
    Entity(
        id="interaction_id",
        tables={
            "interactions": _earliest(
                *("created_at", "planned_start_at", "planned_end_at", "actual_start_at"),
                *("actual_end_at", "completed_at", "cancelled_at", "deadline_at"),
            ),
            "interaction_parties": "null",
            "interaction_changes": _earliest("changed_at"),
        },
        known_by="interactions",
        causes={
            "owner change": _differs("responsible_manager_id"),
            "reclassification": _differs("raw_type", "interaction_kind", "interaction_group"),
        },
    ),
    Entity(
        id="client_id",
        tables={
            "clients": f"""case
                when {_differs("registered_at", "is_client", "is_test", "is_migrated")}
                    or {_differs("do_not_contact", "client_kind", "parent_client_id")}
                    then {_earliest("registered_at")}
                when {_differs("archived_at", "is_deleted", "deleted_at")}
                    then {_earliest("archived_at", "deleted_at")} end""",
            "client_versions": _earliest("known_from"),
        },
        known_by="clients",
        causes={
            "owner change": _differs("responsible_manager_id"),
            "reclassification": _differs(
                *("is_client", "client_kind", "client_class", "region", "city", "industry"),
                "source_channel",
            ),
        },
    ),
    Entity(
        id="losing_client_id",
        tables={"client_merges": _earliest("merged_at")},
        otherwise="merge",
    ),
    Entity(
        id="client_id",
        tables={"client_assignments": _validity("client_id")},
        known_by="clients",
        otherwise="owner change",
    ),
    Entity(
        id="client_id",
        tables={"client_characteristics": _validity("client_id")},
        known_by="clients",
        otherwise="reclassification",
    ),
    Entity(
        id="person_id",
        tables={"client_contact_persons": _validity("person_id", SINCE_CLIENT)},
        known_by="contact_persons",
    ),
    Entity(
        id="person_id",
        tables={
            "contact_persons": f"""case
                when old.person_id is null then {FIRST_WITH_PERSON} else {ALWAYS} end"""
        },
        known_by="contact_persons",
    ),
    Entity(id="manager_id", tables={"managers": ALWAYS}, known_by="managers"),
    Entity(id="plan_id", tables={"contact_plans": _earliest("period_start")}),
    Entity(id="manager_id", tables={"absences": _earliest("absent_from")}),
)


def changing_tables(db: duckdb.DuckDBPyConnection) -> set[str]:
    """Tables of the contract of which a row may be in `changed`, by its entity."""
    found = db.execute("select distinct entity from changed").fetchall()
    return {table for (number,) in found for table in ENTITIES[number].tables}


def find_changes(
    db: duckdb.DuckDBPyConnection,
    keys: dict[str, tuple[str, ...]],
    changed_interactions: str | None = None,
) -> None:
    """Fill the table `changed` (number of the entity, id, cause, touched_at, ended_at).

    `keys` has the key columns of each table; the tables lie in the schemas `before` and `now`.
    Of interactions only those in the relation `changed_interactions` are compared, if it is given.
    touched_at is the earliest moment of which a figure can differ; ended_at when an interaction
    ended of which nothing else changed: what it was until then stays as it was.
    """
    db.execute(
        """create or replace table changed (entity integer, id varchar, cause varchar,
               touched_at timestamp, ended_at timestamp)"""
    )
    for number, entity in enumerate(ENTITIES):
        rows = " union all ".join(
            _changed_rows(db, entity, table, keys[table], _among(table, changed_interactions))
            for table in entity.tables
        )
        first = next(iter(entity.tables))
        whole = entity.tables[first] if len(entity.tables) > 1 else "null"
        db.execute(
            f"""
            insert into changed
            with rows as ({rows}),
            ids as (
                select id, min(touched_at) as touched_at, max(ended_at) as ended_at,
                    bool_or(touched_at is null) as is_undated
                from rows group by id
            )
            select {number}, ids.id, {_cause(entity, first)},
                min(case when is_undated then least(ids.touched_at, {whole})
                    else ids.touched_at end),
                min(case when not is_undated then ids.ended_at end)
            from ids
            left join before.{first} as old on ids.id = cast(old.{entity.id} as varchar)
            left join now.{first} as new on ids.id = cast(new.{entity.id} as varchar)
            group by all"""
        )


def _cause(entity: Entity, first: str) -> str:
    known = f"(select {entity.id} from before.{entity.known_by})"
    still = f"(select {entity.id} from now.{entity.known_by} where not is_deleted)"
    deleted = f"(select {entity.id} from before.{entity.known_by} where is_deleted)"
    conditions = {**entity.causes}
    if entity.known_by:
        conditions = {
            "late entry": f"ids.id not in {known}",
            "deletion": f"ids.id not in {still} and ids.id not in {deleted}",
            **conditions,
        }
    whens = " ".join(f"when {sql} then '{cause}'" for cause, sql in conditions.items())
    return f"case {whens} else '{entity.otherwise}' end" if whens else f"'{entity.otherwise}'"


def _among(table: str, changed_interactions: str | None) -> str:
    if changed_interactions and is_of_interactions(table):
        return f"where interaction_id in (from {changed_interactions})"
    return ""


def _changed_rows(
    db: duckdb.DuckDBPyConnection, entity: Entity, table: str, key: tuple[str, ...], among: str
) -> str:
    """Rows of a table that are not the same before and now: id and touched_at."""
    names = [name for name, *_ in db.execute(f"describe now.{table}").fetchall()]
    compared = [name for name in names if name not in UNCOMPARED]
    touched, ended_at = entity.tables[table], "null"
    if ending := ENDINGS.get(table):
        others = _differs(*(name for name in compared if name not in ending.columns))
        touched = f"case when {others} then {touched} else {ending.counts_at} end"
        ended_at = f"case when not ({others}) then {ending.ended_at} end"
    return f"""
        select cast(coalesce(new.{entity.id}, old.{entity.id}) as varchar) as id,
            {touched} as touched_at, {ended_at} as ended_at
        from (from before.{table} select *, {_key(key)} as row_key {among}) as old
        full join (from now.{table} select *, {_key(key)} as row_key {among}) as new
            on old.row_key = new.row_key
        where {_differs(*compared)}"""


def _key(columns: tuple[str, ...]) -> str:
    cells = [f"coalesce(cast({name} as varchar), chr(0))" for name in columns]
    return f"concat_ws(chr(31), {', '.join(cells)})"


def touches(end: datetime, scheduled_close_at: datetime) -> str:
    """SQL: whether a change can move a figure of a month, by its end and its scheduled close."""
    return f"(touched_at < timestamp '{end}' or ended_at < timestamp '{scheduled_close_at}')"


def causes_of(db: duckdb.DuckDBPyConnection, touching: str) -> list[str]:
    """Causes of the changes that touch a month (SQL of `touches`), in their order."""
    found = db.execute(f"select distinct cause from changed where {touching}").fetchall()
    return [cause for cause in DATA_CAUSES if (cause,) in found]


def rows_without(table: str, later: list[str]) -> str:
    """Rows of a table as of now, but of before where the entity's cause is one of `later`."""
    [(number, entity)] = [
        (number, entity) for number, entity in enumerate(ENTITIES) if table in entity.tables
    ]
    causes = ", ".join(f"'{cause}'" for cause in later)
    held = f"(select id from changed where entity = {number} and cause in ({causes}))"
    return f"""
        select * from now.{table} where cast({entity.id} as varchar) not in {held}
        union all by name
        select * from before.{table} where cast({entity.id} as varchar) in {held}"""
