"""Cells of a month's marts, as they were and as they came out, and the causes between the two.

A database of stages: a schema for each way in which the month was computed, with a table for each
mart. Between two stages lies one cause; its moves are the cells that differ.
"""

from collections.abc import Iterator

import duckdb

from orchestration.close.marts import Mart

# Stands for the row itself where a whole row came or went.
ROW = "(row)"
ADDITIVE_ENDINGS = ("_count", "_minutes", "_seconds")
STATISTICS = ("mean_", "median_", "p90_", "max_", "min_")
NUMBERS = ("BIGINT", "INTEGER", "DECIMAL")

MOVES = """
    mart varchar, row_key varchar, column_name varchar, cause varchar, delta decimal(38, 6)
"""
# Sums of the causes of a cell; where its causes cannot be told apart, the cause is `derived`.
CHANGES = """
    with sums as (
        select mart, row_key, column_name, cause, sum(delta) as delta
        from moves where delta is not null
        group by mart, row_key, column_name, cause
        having sum(delta) <> 0
    ),
    single as (
        select mart, row_key, column_name, min(cause) as cause,
            bool_or(delta is not null) as is_sum  -- a sum that was null and is 0, or the reverse
        from moves where coalesce(delta, 0) = 0
        group by mart, row_key, column_name
        having count(distinct cause) = 1
    )
    select cells.mart, cells.row_key, cells.column_name, cells.old_value, cells.new_value,
        coalesce(
            sums.cause,
            case when single.is_sum or not cells.is_number then single.cause end,
            'derived'
        ) as cause,
        sums.delta
    from cells
    left join sums using (mart, row_key, column_name)
    left join single using (mart, row_key, column_name)
    order by cells.mart, cells.row_key, cells.column_name, cause
"""


def compared(marts: list[Mart]) -> list[Mart]:
    """Marts whose rows belong to a month; the others show what is known now."""
    return [mart for mart in marts if mart.is_monthly]


def keep_stage(
    db: duckdb.DuckDBPyConnection, stage: str, marts: list[Mart], rows_of: dict[str, str]
) -> None:
    """Copy the rows of each mart (SQL by its name; a mart without any is empty) into a stage."""
    new_schema(db, stage)
    for mart in marts:
        if mart.name in rows_of:
            db.execute(f"create table {stage}.{mart.name} as {rows_of[mart.name]}")


def new_schema(db: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make a schema anew, without what it held."""
    db.execute(f"drop schema if exists {name} cascade; create schema {name}")


def differing_marts(
    db: duckdb.DuckDBPyConnection, old: str, new: str, marts: list[Mart]
) -> list[Mart]:
    """Marts of which two stages do not have the same cells."""
    return [
        mart
        for mart, cells in _cells(db, old, new, marts)
        if db.execute(f"select 1 from ({cells}) limit 1").fetchall()
    ]


def add_moves(
    db: duckdb.DuckDBPyConnection, old: str, new: str, marts: list[Mart], cause: str
) -> None:
    """Add the differences of two stages to the table `moves`, under one cause."""
    db.execute(f"create table if not exists moves ({MOVES})")
    for _, cells in _cells(db, old, new, marts):
        db.execute(
            f"""insert into moves
                select mart, row_key, column_name, ?, delta from ({cells})""",
            [cause],
        )


def write_changes(
    db: duckdb.DuckDBPyConnection, old: str, new: str, marts: list[Mart], path: str
) -> None:
    """Write the cells in which two stages differ, with their causes from `moves`, as Parquet."""
    parts = [f"from ({cells})" for _, cells in _cells(db, old, new, marts)]
    db.execute(f"create or replace temp table cells as {' union all '.join(parts)}")
    db.execute(f"copy ({CHANGES}) to '{path}' (format parquet)")


def _cells(
    db: duckdb.DuckDBPyConnection, old: str, new: str, marts: list[Mart]
) -> Iterator[tuple[Mart, str]]:
    """Each mart of one of the stages, and SQL of its differing cells."""
    before, after = _stage_columns(db, old), _stage_columns(db, new)
    for mart in marts:
        columns = (before.get(mart.name, {}), after.get(mart.name, {}))
        compared = [
            # Neither keys nor the moment of knowledge itself.
            {name: kind for name, kind in side.items() if name not in (*mart.key, "as_of")}
            for side in columns
        ]
        if types := _shared_types(db, *compared):
            sides = [
                _side(stage, mart, types, present)
                for stage, present in zip((old, new), columns, strict=True)
            ]
            yield mart, _differing(mart.name, types, *sides)


def _differing(mart: str, types: dict[str, str], old: str, new: str) -> str:
    """SQL of the differing cells of two sides: old and new as text, delta of additive columns.

    Of a row that is on one side only: the row itself, and what it adds to additive columns.
    """
    found = [
        f"""select '{mart}' as mart, row_key, '{ROW}' as column_name, false as is_number,
                case when old.present then 'present' end as old_value,
                case when new.present then 'present' end as new_value,
                cast(null as decimal(38, 6)) as delta
            from joined where old.present is null or new.present is null"""
    ]
    for name, kind in types.items():
        is_number = kind.startswith(NUMBERS)
        delta, condition = "null", "old.present and new.present"
        if is_additive(name, kind):
            delta = f'coalesce(new."{name}", 0) - coalesce(old."{name}", 0)'
            condition = f"(({condition}) or {delta} <> 0)"
        found.append(
            f"""select '{mart}', row_key, '{name}', {str(is_number).lower()},
                    cast(old."{name}" as varchar), cast(new."{name}" as varchar),
                    cast({delta} as decimal(38, 6))
                from joined
                where old."{name}" is distinct from new."{name}" and {condition}"""
        )
    return f"""
        with joined as (
            select coalesce(old.row_key, new.row_key) as row_key, old, new
            from ({old}) as old full join ({new}) as new on old.row_key = new.row_key
        )
        {" union all ".join(found)}"""


def _shared_types(
    db: duckdb.DuckDBPyConnection, old: dict[str, str], new: dict[str, str]
) -> dict[str, str]:
    """Types in which the columns of both stages are compared: other kinds of values as text."""
    shared = new | old
    for name in new.keys() & old.keys():
        kinds = (old[name], new[name])
        if kinds[0] != kinds[1]:
            nulls = (f"select cast(null as {kind}) as kind" for kind in kinds)
            described = db.execute(f"describe {' union all '.join(nulls)}").fetchall()
            are_numbers = all(kind.startswith(NUMBERS) for kind in kinds)
            shared[name] = described[0][1] if are_numbers else "VARCHAR"
    return shared


def _stage_columns(db: duckdb.DuckDBPyConnection, stage: str) -> dict[str, dict[str, str]]:
    """Columns of a stage's marts and their types, in order."""
    found: dict[str, dict[str, str]] = {}
    rows = db.execute(
        """select table_name, column_name, data_type from duckdb_columns()
           where database_name = current_database() and schema_name = ?
           order by table_name, column_index""",
        [stage],
    ).fetchall()
    for mart, column, kind in rows:
        found.setdefault(mart, {})[column] = kind
    return found


def _side(stage: str, mart: Mart, types: dict[str, str], present: dict[str, str]) -> str:
    """Rows of a mart in one stage, with null for what that stage does not have."""
    cells = [f'cast({_cell(name, present)} as {kind}) as "{name}"' for name, kind in types.items()]
    keys = ", ".join(f'"{name}" := {_cell(name, present)}' for name in mart.key)
    if not present:
        nothing = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in types.items())
        return f"select '' as row_key, true as present, {nothing} where false"
    row_key = f"cast(to_json(struct_pack({keys})) as varchar) as row_key"
    return f"select {row_key}, true as present, {', '.join(cells)} from {stage}.{mart.name}"


def _cell(name: str, present: dict[str, str]) -> str:
    """A column, or null where a stage is of a version of the models without it."""
    return f'"{name}"' if name in present else "null"


def is_additive(name: str, kind: str) -> bool:
    """Whether the cells of a column (DuckDB's type) can be added up: counts, minutes, seconds."""
    return (
        kind.startswith(NUMBERS)
        and name.endswith(ADDITIVE_ENDINGS)
        and not name.startswith(STATISTICS)
    )
