"""Rows: which months of a table differ from a release, and putting the release's in their place.

Plain deletes and inserts in one transaction: PostgreSQL keeps the old rows for whoever reads them,
so that no reader waits or sees a part, and tables, with all rights on them, stay what they are.
"""

import io
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from orchestration.postgres.relations import Relation
from orchestration.postgres.server import PostgresError

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

BATCH_ROWS = 50_000
# Rows by close_month; of a relation without months all of them, and rows that had none, by None.
Counts = dict[date | None, int]


def released_counts(db: duckdb.DuckDBPyConnection, relation: Relation) -> Counts:
    """Rows of the release."""
    return dict(db.execute(_counting(relation, relation.source)).fetchall())


def present_counts(cursor: "cursor", relation: Relation) -> Counts:
    """Rows of the server's table."""
    cursor.execute(_counting(relation, relation.target))
    return dict(cursor.fetchall())


def _counting(relation: Relation, name: str) -> str:
    if relation.is_monthly:
        return f"select close_month, count(*) from {name} group by close_month"
    return f"select null, count(*) from {name}"


def replace_rows(
    cursor: "cursor",
    db: duckdb.DuckDBPyConnection,
    relation: Relation,
    changed: Collection[str] | None,
) -> int:
    """Put the release's rows in place and return their number.

    Monthly tables keep the months that are neither `changed` (such as 2026-10; None: all are) nor
    differ in their number of rows. Raises PostgresError when the outcome has other numbers.
    """
    wanted, counts = released_counts(db, relation), present_counts(cursor, relation)
    replaced = [
        month
        for month in wanted.keys() | counts.keys()
        if month is None
        or changed is None
        or f"{month:%Y-%m}" in changed
        or wanted.get(month) != counts.get(month)
    ]
    if not replaced:
        return 0
    where = ""
    if relation.is_monthly:
        listed = ", ".join(f"date '{month}'" for month in replaced if month)
        where = f" where close_month is null or close_month in ({listed or 'null'})"
    cursor.execute(f"delete from {relation.target}{where}")
    _copy(cursor, db, relation, where)
    cursor.execute(f"analyze {relation.target}")
    counts = present_counts(cursor, relation)
    if counts != wanted:
        raise PostgresError(
            f"it has {sum(counts.values())} rows after copying, the release {sum(wanted.values())}",
            place=relation.target,
            remedy="A trigger or rule of the table may change what is written.",
        )
    return sum(wanted.get(month, 0) for month in replaced)


def _copy(cursor: "cursor", db: duckdb.DuckDBPyConnection, relation: Relation, where: str) -> None:
    command = f"copy {relation.target} ({relation.column_list}) from stdin (format csv)"
    rows = db.sql(f"select {relation.column_list} from {relation.source}{where}")
    for batch in rows.to_arrow_reader(BATCH_ROWS):
        cursor.copy_expert(command, _as_csv(relation, batch))


def _as_csv(relation: Relation, batch: pa.RecordBatch) -> io.BytesIO:
    """A null is an empty cell and an empty text a quoted one, as COPY takes them."""
    buffer = io.BytesIO()
    csv.write_csv(batch, buffer, csv.WriteOptions(include_header=False))
    if b"\0" in buffer.getvalue():
        raise PostgresError(
            "a text holds the character NUL, which PostgreSQL cannot store",
            place=f"{relation.target}, column {_column_with_nul(batch)}",
            remedy="Mend it in the CRM, and deliver the row again.",
        )
    buffer.seek(0)
    return buffer


def _column_with_nul(batch: pa.RecordBatch) -> str:
    texts = (name for name in batch.schema.names if pa.types.is_string(batch.column(name).type))
    found = (n for n in texts if pc.any(pc.match_substring(batch.column(n), "\0")).as_py())
    return str(next(found))
