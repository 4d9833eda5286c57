"""Compares marts row by row between two engines, through the same SQL on both, and files."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.close.marts import Mart

Cells = tuple[str | None, ...]


@dataclass(frozen=True)
class Engine:
    """Where a set of marts was built: its name, how to query it, and what text is called there."""

    name: str
    query: Callable[[str], list[tuple[Any, ...]]]
    text: str = "varchar"


def differences(mart: Mart, left: Engine, right: Engine) -> Iterator[str]:
    """Each differing row of a mart, by key and column, with the values of both engines as text."""
    if _hashed_rows(mart, left) == _hashed_rows(mart, right):
        return
    left_rows, right_rows = (
        _rows(mart, engine, [_as_text(column, engine) for column in mart.columns])
        for engine in (left, right)
    )
    for key in sorted(left_rows.keys() | right_rows.keys(), key=str):
        row = f"{mart.name} ({', '.join(map(str, key))})"
        for engine, rows in ((left, right_rows), (right, left_rows)):
            if key not in rows:
                yield f"{row} stands on {engine.name} alone"
        for column, a, b in zip(
            mart.columns, left_rows.get(key, ()), right_rows.get(key, ()), strict=False
        ):
            if a != b:
                yield f"{row}: {column} is {a!r} on {left.name}, {b!r} on {right.name}"


def _rows(mart: Mart, engine: Engine, cells: Sequence[str]) -> dict[Cells, Cells]:
    """Cells of each row by its key; keys are unique, as a dbt test says."""
    keys = [_as_text(column, engine) for column in mart.key]
    found = engine.query(f'select {", ".join([*keys, *cells])} from "{mart.schema}"."{mart.name}"')
    rows = {row[: len(keys)]: row[len(keys) :] for row in found}
    assert len(rows) == len(found), f"{mart.name} repeats keys on {engine.name}"
    return rows


def _hashed_rows(mart: Mart, engine: Engine) -> dict[Cells, Cells]:
    """A hash of each row by its key, in which a null is told from an empty text."""
    cells = (f"coalesce({_as_text(column, engine)}, '~')" for column in mart.columns)
    return _rows(mart, engine, [f"md5(concat_ws(chr(31), {', '.join(cells)}))"])


def _as_text(column: str, engine: Engine) -> str:
    return f'cast("{column}" as {engine.text})'


def differing_relations(left: Path, right: Path, schema: str = "%") -> dict[str, int]:
    """Rows of each table and view of two files of DuckDB that stand in one of them alone.

    -1 where columns or types differ, or one file lacks it.
    """
    with duckdb.connect() as db:
        for name, path in (("one", left), ("other", right)):
            db.execute(f"attach '{path}' as {name} (read_only)")
        columns = {
            name: db.execute(
                """select schema_name || '.' || table_name, list((column_name, data_type)
                       order by column_index)
                   from duckdb_columns()
                   where database_name = ? and schema_name like ? and not internal
                   group by all""",
                [name, schema],
            ).fetchall()
            for name in ("one", "other")
        }
        one, other = dict(columns["one"]), dict(columns["other"])
        found = {name: -1 for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
        for name in one.keys() - found.keys():
            [(count,)] = db.execute(
                f"""select count(*) from (
                        (from one.{name} except all from other.{name})
                        union all (from other.{name} except all from one.{name}))"""
            ).fetchall()
            if count:
                found[name] = count
        assert one, f"{left} has no relations"
        return found
