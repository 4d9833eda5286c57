"""Rows of the marts as tables of a page, and as files to take along."""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import Any

import pandas as pd
import streamlit as st

from orchestration.delivery.published_month import PublishedMonth, Selection, Table
from orchestration.delivery.words import Words

# A browser stays quick with so many rows; the export has all.
MOST_ROWS = 2000
# Text that begins so is a formula to spreadsheets. An apostrophe before it makes it text to them,
# on the page too: Streamlit's own tables can be saved as CSV, as they are.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def show_rows(
    month: PublishedMonth, asked: Selection, words: Words, key: str, *, is_choice: bool = False
) -> list[int]:
    """Draw the first rows that are asked for; numbers of the rows that are chosen in them."""
    count = month.count(asked)
    rows = month.rows(replace(asked, most=MOST_ROWS))
    return show(rows, words, key, is_choice=is_choice, count=count)


def show(
    table: Table, words: Words, key: str, *, is_choice: bool = False, count: int | None = None
) -> list[int]:
    """Draw a table, and say how many rows there are; numbers of the rows that are chosen in it.

    `count` is how many there are where the table has not all of them.
    """
    rows = table.rows()
    shown = [_plain(row, table.kinds, words) for row in islice(rows, MOST_ROWS)]
    if count is None:
        count = len(shown) + sum(1 for _ in rows)
    labels = _labels(table, words)
    configuration = {
        label: configured
        for label, kind in zip(labels, table.kinds, strict=True)
        if (configured := _column(kind, words))
    }
    chosen: Any = st.dataframe(
        pd.DataFrame(shown, columns=labels),
        column_config=configuration,
        hide_index=True,
        placeholder="",
        key=key,
        on_select="rerun" if is_choice else "ignore",
        selection_mode="single-row",
    )
    total = words.number(count)
    if count > len(shown):
        st.markdown(words.page("rows_shown", count=total, shown=words.number(len(shown))))
    else:
        st.markdown(words.page("rows_found", count=total))
    return list(chosen.selection.rows) if is_choice else []


def as_csv(table: Table, words: Words) -> bytes:
    """All rows as CSV that Excel opens."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_labels(table, words))
    for row in table.rows():
        writer.writerow(_plain(row, table.kinds, words))
    return file.getvalue().encode("utf-8-sig")


def _labels(table: Table, words: Words) -> list[str]:
    """Headings; one that stands twice is told apart by its column's own name."""
    found: list[str] = []
    for column in table.columns:
        label = words.any_column(column)
        found.append(f"{label} ({column})" if label in found else label)
    return found


def _plain(row: Iterable[Any], kinds: list[str], words: Words) -> list[Any]:
    return [_value(value, kind, words) for value, kind in zip(row, kinds, strict=True)]


def _value(value: Any, kind: str, words: Words) -> Any:
    if value is None:
        return None
    if kind in ("text", "characteristic"):
        text = words.value(value) if kind == "text" else words.characteristic(value)
        return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
    return float(value) if isinstance(value, Decimal) else value


def _column(kind: str, words: Words) -> Any:
    is_russian = words.language == "ru"
    day, month = ("DD.MM.YYYY", "MM.YYYY") if is_russian else ("YYYY-MM-DD", "MMM YYYY")
    if kind == "moment":
        return st.column_config.DatetimeColumn(format=f"{day} HH:mm")
    if kind in ("day", "month"):
        return st.column_config.DateColumn(format=day if kind == "day" else month)
    formats = {"count": "localized", "amount": "%.1f", "share": "percent", "score": "%.3f"}
    return st.column_config.NumberColumn(format=formats[kind]) if kind in formats else None
