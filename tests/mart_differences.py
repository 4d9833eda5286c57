"""Compares marts row by row between two engines, through the same SQL on both."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.close.marts import Mart

Cells = tuple[str | None, ...]


@dataclass(frozen=True)
class Engine:
    """Where a set of marts was built: its name and how to query it."""

    name: str
    query: Callable[[str], list[tuple[Any, ...]]]


def differences(mart: Mart, left: Engine, right: Engine) -> Iterator[str]:
    """Each differing row of a mart, by key and column, with the values of both engines as text."""
    row_hash = [f"md5(concat_ws(chr(31), {', '.join(_shown(mart.columns))}))"]
    if _rows(mart, left, row_hash) == _rows(mart, right, row_hash):
        return
    cells = [_as_text(column) for column in mart.columns]
    left_rows, right_rows = _rows(mart, left, cells), _rows(mart, right, cells)
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
    keys = [_as_text(column) for column in mart.key]
    found = engine.query(f'select {", ".join([*keys, *cells])} from "{mart.schema}"."{mart.name}"')
    rows = {row[: len(keys)]: row[len(keys) :] for row in found}
    assert len(rows) == len(found), f"{mart.name} repeats keys on {engine.name}"
    return rows


def _as_text(column: str) -> str:
    return f'cast("{column}" as varchar)'


def _shown(columns: Iterable[str]) -> list[str]:
    """Columns as text that tells a null from an empty one."""
    return [f"coalesce({_as_text(column)}, '~')" for column in columns]
