"""What the contract's tables said at two moments, which entities changed between, and why.

An entity is what changes as one: an interaction with its parties and changes, a client, a client's
assignments. Each changed entity has one cause, the first of `DATA_CAUSES` that holds for it.
"""

from dataclasses import dataclass, field
from datetime import datetime

import duckdb

DATA_CAUSES = ("late entry", "deletion", "merge", "owner change", "reclassification", "edit")
# Bookkeeping of loads, and personal data that no monthly mart shows.
UNCOMPARED = {
    *("source_updated_at", "loaded_at", "client_name", "tax_id", "custom"),
    *("full_name", "email", "phone", "subject"),
}
ALWAYS = "timestamp '1970-01-01'"  # a change that moves figures of every month
# What comes with the end of an open interaction, and says nothing before it.
ENDING = (
    *("completed_at", "completed_at_source", "cancelled_at", "result", "result_class"),
    *("answered", "talk_seconds", "duration_seconds", "duration_source"),
    *("actual_start_at", "actual_end_at"),
)


def _differs(*columns: str) -> str:
    return " or ".join(f"new.{name} is distinct from old.{name}" for name in columns)


def _earliest(*columns: str) -> str:
    sides = [f"cast({side}.{name} as timestamp)" for name in columns for side in ("old", "new")]
    return f"least({', '.join(sides)})"


def _validity(key: str) -> str:
    """A validity that begins or is gone counts from its start, one that ends from its end."""
    return f"""case when old.{key} is null or new.{key} is null
        then coalesce({_earliest("valid_from")}, {ALWAYS}) else {_earliest("valid_to")} end"""


@dataclass(frozen=True)
class Entity:
    """Tables whose rows with the same `id` change together.

    `tables` says, as SQL over `old` and `new` (a row of before and of now), from which moment on a
    changed row can move figures; the first table's is asked for all changed entities. Where that is
    all that changed, `ends` says so of a row that ended and of which only `ENDING` differs.
    `known_by` has a row per id: an id that it did not have is a late entry, one that it has not any
    more, or only as deleted, a deletion. `causes` are asked in order of the first table's rows.
    """

    id: str
    tables: dict[str, str]
    known_by: str | None = None
    causes: dict[str, str] = field(default_factory=dict)
    otherwise: str = "edit"
    ends: bool = False


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
        ends=True,
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
            "client_versions": _earliest("known_from", "known_to"),
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
        tables={"client_contact_persons": _validity("person_id")},
        known_by="contact_persons",
    ),
    Entity(id="person_id", tables={"contact_persons": ALWAYS}, known_by="contact_persons"),
    Entity(id="manager_id", tables={"managers": ALWAYS}, known_by="managers"),
    Entity(id="plan_id", tables={"contact_plans": _earliest("period_start")}),
    Entity(id="manager_id", tables={"absences": _earliest("absent_from")}),
)


def changing_tables() -> set[str]:
    """Tables of the contract whose rows belong to an entity."""
    return {table for entity in ENTITIES for table in entity.tables}


def find_changes(db: duckdb.DuckDBPyConnection, keys: dict[str, tuple[str, ...]]) -> None:
    """Fill the table `changed` (number of the entity, id, cause, touched_at, ended_at).

    `keys` has the key columns of each table; the tables lie in the schemas `before` and `now`.
    touched_at is the earliest moment of which a figure can differ; ended_at when an interaction
    ended of which nothing else changed: what it was until then stays as it was.
    """
    db.execute(
        """create or replace table changed (entity integer, id varchar, cause varchar,
               touched_at timestamp, ended_at timestamp)"""
    )
    for number, entity in enumerate(ENTITIES):
        rows = " union all ".join(
            _changed_rows(db, entity, table, touched, keys[table])
            for table, touched in entity.tables.items()
        )
        first = next(iter(entity.tables))
        touched, ended = "ids.touched_at", "null"
        if len(entity.tables) > 1:
            touched = f"least({touched}, {entity.tables[first]})"
        if entity.ends:
            ended = _ended(db, first)
            # It counts where it is dated, which may be before it was ticked off.
            dated = f"least({ended}, new.actual_start_at)"
            touched = f"case when {ended} is null then {touched} else {dated} end"
        db.execute(
            f"""
            insert into changed
            with rows as ({rows}),
            ids as (
                select id, min(touched_at) as touched_at, bool_and(is_first) as is_first_alone
                from rows group by id
            )
            select {number}, ids.id, {_cause(entity, first)}, min({touched}), min({ended})
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


def _changed_rows(
    db: duckdb.DuckDBPyConnection, entity: Entity, table: str, touched: str, key: tuple[str, ...]
) -> str:
    """Rows of a table that are not the same before and now: id and touched_at."""
    is_first = table == next(iter(entity.tables))
    return f"""
        select cast(coalesce(new.{entity.id}, old.{entity.id}) as varchar) as id,
            {"null" if is_first and len(entity.tables) > 1 else touched} as touched_at,
            {str(is_first).lower()} as is_first
        from (from before.{table} select *, {_key(key)} as row_key) as old
        full join (from now.{table} select *, {_key(key)} as row_key) as new
            on old.row_key = new.row_key
        where {_differs(*_compared(db, table))}"""


def _compared(db: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    names = [name for name, *_ in db.execute(f"describe now.{table}").fetchall()]
    return [name for name in names if name not in UNCOMPARED]


def _ended(db: duckdb.DuckDBPyConnection, table: str) -> str:
    """When an open row ended of which nothing else changed; null for all others."""
    others = [name for name in _compared(db, table) if name not in ENDING]
    return f"""case
        when ids.is_first_alone and old.completed_at is null and old.cancelled_at is null
            and not ({_differs(*others)})
            then least(new.completed_at, new.cancelled_at) end"""


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
