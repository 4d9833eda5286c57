"""Compares marts row by row between two engines, through the same SQL on both."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

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
