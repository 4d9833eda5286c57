"""Published relations: as a release holds them, and as tables of the server."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import duckdb

from orchestration.postgres.server import PostgresError

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

# Types of the marts, and their names as PostgreSQL spells them; decimals are called numeric.
TYPES = {
    "VARCHAR": "text",
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
}
RELEASED = """
    with relations as (
        select database_name, schema_name, table_name as name, comment from duckdb_tables()
        union all
        select database_name, schema_name, view_name, comment from duckdb_views()
    )

    select relations.name, coalesce(relations.comment, ''),
        columns.column_name, columns.data_type, coalesce(columns.comment, '')
    from relations
    inner join duckdb_columns() as columns
        on columns.database_name = relations.database_name
            and columns.schema_name = relations.schema_name
            and columns.table_name = relations.name
    where relations.database_name = ? and relations.schema_name = ?
    order by relations.name, columns.column_index"""
PRESENT = """
    select schemas.nspname, relations.relname,
        coalesce(obj_description(relations.oid, 'pg_class'), ''),
        columns.attname, format_type(columns.atttypid, columns.atttypmod),
        coalesce(col_description(relations.oid, columns.attnum), '')
    from pg_class as relations
    inner join pg_namespace as schemas on schemas.oid = relations.relnamespace
    inner join pg_attribute as columns on columns.attrelid = relations.oid
    where schemas.nspname = any(%s) and relations.relkind in ('r', 'p', 'v')
        and columns.attnum > 0 and not columns.attisdropped
    order by schemas.nspname, relations.relname, columns.attnum"""


@dataclass(frozen=True)
class Column:
    """A column, its type by PostgreSQL's name and what it holds."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Relation:
    """A table or view of the server, and what the release calls it (`source`)."""

    schema: str
    name: str
    description: str
    columns: tuple[Column, ...]
    source: str = ""

    @property
    def target(self) -> str:
        """Its name on the server."""
        return f'"{self.schema}"."{self.name}"'

    @property
    def is_monthly(self) -> bool:
        """Its rows are of months: each stands by its close_month, and may go to a later one."""
        return any(column.name == "close_month" for column in self.columns)

    @property
    def column_list(self) -> str:
        """Its columns, quoted, in order."""
        return ", ".join(f'"{column.name}"' for column in self.columns)


def released(
    db: duckdb.DuckDBPyConnection, database: str, schema: str, target_schema: str
) -> list[Relation]:
    """Tables and views of one schema of an attached release, by name."""
    found: dict[str, Relation] = {}
    for name, description, column, kind, text in db.execute(
        RELEASED, [database, schema]
    ).fetchall():
        source = f'"{database}"."{schema}"."{name}"'
        known = found.get(name, Relation(target_schema, name, description, (), source))
        added = Column(column, _postgres_type(kind, f"{schema}.{name}, column {column}"), text)
        found[name] = replace(known, columns=(*known.columns, added))
    return list(found.values())


def _postgres_type(kind: str, place: str) -> str:
    if decimal := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind):
        return f"numeric({decimal[1]},{decimal[2]})"
    if kind not in TYPES:
        raise PostgresError(
            f"the type {kind} is none that PostgreSQL is given",
            place=place,
            remedy="Cast it in the model.",
        )
    return TYPES[kind]


def duckdb_type(kind: str, place: str) -> str:
    """The type of DuckDB that holds the same values as one of PostgreSQL's."""
    if numeric := re.fullmatch(r"numeric\((\d+),(\d+)\)", kind):
        return f"DECIMAL({numeric[1]},{numeric[2]})"
    for name, known in TYPES.items():
        if known == kind:
            return name
    raise PostgresError(
        f"the type {kind} is none that DuckDB is given", place=place, remedy="Cast it in the model."
    )


def present(cursor: "cursor", relations: Iterable[Relation]) -> dict[str, Relation]:
    """What the server has in the schemas of these relations, by quoted name with its schema."""
    cursor.execute(PRESENT, [sorted({relation.schema for relation in relations})])
    found: dict[str, Relation] = {}
    for schema, name, description, *column in cursor.fetchall():
        bare = Relation(schema, name, description, ())
        known = found.get(bare.target, bare)
        found[bare.target] = replace(known, columns=(*known.columns, Column(*column)))
    return found


def create_schema(cursor: "cursor", schema: str) -> None:
    """Make a schema, unless somebody has: that takes no right to create schemas."""
    cursor.execute("select to_regnamespace(%s) is null", [f'"{schema}"'])
    if cursor.fetchall() == [(True,)]:
        cursor.execute(f'create schema "{schema}"')


def create_table(cursor: "cursor", relation: Relation) -> None:
    """Make a table, with an index by which readers and publications choose months."""
    columns = ", ".join(f'"{column.name}" {column.type}' for column in relation.columns)
    cursor.execute(f"create table {relation.target} ({columns})")
    if relation.is_monthly:
        cursor.execute(f"create index on {relation.target} (close_month)")


def missing_columns(relation: Relation, existing: Relation) -> list[Column]:
    """Columns that a later version of the models added.

    Raises PostgresError where a type is another: rewriting a table would hide its rows from
    readers who began before. Columns that the models have no more stay, and become empty.
    """
    types = {column.name: column.type for column in existing.columns}
    for column in relation.columns:
        if types.get(column.name, column.type) != column.type:
            raise PostgresError(
                f"column {column.name} is {types[column.name]} there and {column.type} in the "
                "release",
                place=relation.target,
                remedy="When nobody reads, run: "
                f'alter table {relation.target} alter column "{column.name}" type {column.type}.',
            )
    return [column for column in relation.columns if column.name not in types]


def describe(cursor: "cursor", relation: Relation, existing: Relation | None, kind: str) -> None:
    """Bring comments up to date where they differ; `kind` is table or view."""
    if relation.description != (existing.description if existing else ""):
        cursor.execute(f"comment on {kind} {relation.target} is %s", [relation.description])
    known = {column.name: column.description for column in existing.columns} if existing else {}
    for column in relation.columns:
        if known.get(column.name, "") != column.description:
            name = f'{relation.target}."{column.name}"'
            cursor.execute(f"comment on column {name} is %s", [column.description])
