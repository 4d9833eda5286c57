"""Published relations: as a release holds them, and as tables of the server."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
COLUMNS = """
    select relations.relname, coalesce(obj_description(relations.oid, 'pg_class'), ''),
        columns.attname, format_type(columns.atttypid, columns.atttypmod),
        coalesce(col_description(relations.oid, columns.attnum), '')
    from pg_class as relations
    inner join pg_attribute as columns on columns.attrelid = relations.oid
    where relations.relnamespace = to_regnamespace(%s) and relations.relkind in ('r', 'p', 'v')
        and columns.attnum > 0 and not columns.attisdropped
    order by relations.relname, columns.attnum"""


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
        """Keeps the rows of all months, each by its close_month."""
        return any(column.name == "close_month" for column in self.columns)

    @property
    def column_list(self) -> str:
        """Its columns, quoted, in order."""
        return ", ".join(f'"{column.name}"' for column in self.columns)


def released(
    db: duckdb.DuckDBPyConnection, database: str, schema: str, target_schema: str
) -> list[Relation]:
    """Tables and views of one schema of an attached release, by name."""
    described = db.execute(
        """select table_name, comment from duckdb_tables()
           where database_name = $database and schema_name = $schema
           union all
           select view_name, comment from duckdb_views()
           where database_name = $database and schema_name = $schema
           order by all""",
        {"database": database, "schema": schema},
    ).fetchall()
    return [
        Relation(
            schema=target_schema,
            name=name,
            description=description or "",
            columns=tuple(_released_columns(db, database, schema, name)),
            source=f'"{database}"."{schema}"."{name}"',
        )
        for name, description in described
    ]


def _released_columns(
    db: duckdb.DuckDBPyConnection, database: str, schema: str, relation: str
) -> Iterator[Column]:
    for name, kind, description in db.execute(
        """select column_name, data_type, comment from duckdb_columns()
           where database_name = ? and schema_name = ? and table_name = ?
           order by column_index""",
        [database, schema, relation],
    ).fetchall():
        decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
        if kind not in TYPES and not decimal:
            raise PostgresError(
                f"the type {kind} is none that PostgreSQL is given",
                place=f"{schema}.{relation}, column {name}",
                remedy="Cast it in the model.",
            )
        spelled = f"numeric({decimal[1]},{decimal[2]})" if decimal else TYPES[kind]
        yield Column(name, spelled, description or "")


def present(cursor: "cursor", schema: str) -> dict[str, Relation]:
    """Tables and views that the server has in a schema, by name; none without the schema."""
    cursor.execute(COLUMNS, [f'"{schema}"'])
    found: dict[str, Relation] = {}
    for name, description, *column in cursor.fetchall():
        known = found.get(name, Relation(schema, name, description, ()))
        found[name] = Relation(schema, name, description, (*known.columns, Column(*column)))
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


def describe(cursor: "cursor", relation: Relation, existing: Relation, kind: str) -> None:
    """Bring comments up to date where they differ; `kind` is table or view."""
    if relation.description != existing.description:
        cursor.execute(f"comment on {kind} {relation.target} is %s", [relation.description])
    known = {column.name: column.description for column in existing.columns}
    for column in relation.columns:
        if known.get(column.name) != column.description:
            name = f'{relation.target}."{column.name}"'
            cursor.execute(f"comment on column {name} is %s", [column.description])
