"""Rows of JSON documents and JSON Lines, also inside the pages of a web service."""

import json
import re
from typing import Any

from orchestration.errors import CrmMartsError
from orchestration.raw.declared import RawTable
from orchestration.raw.page_totals import PageTotals

ERROR_KEYS = ("error", "odata.error", "error_description")
_HALF_OF_A_PAIR, _NUL = re.compile(r"\\u[dD]"), "\\u0000"


def read_json(text: str) -> Any:
    """Parsed JSON; numbers with a point keep their digits as they stand. Raises ValueError."""
    try:
        return json.loads(text, parse_float=str, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def checked_row(value: Any, may_hold_bad_text: bool) -> dict[str, Any]:
    """Return the value as a row; raises ValueError when it is none or not all of it is text."""
    if not isinstance(value, dict):
        raise ValueError("not an object")
    if may_hold_bad_text:
        _check_text(value)
    return value


def may_hold_bad_text(text: str) -> bool:
    """Whether escapes may stand for what is no text: half of a surrogate pair, or NUL."""
    return _NUL in text or _HALF_OF_A_PAIR.search(text) is not None


def rows_of(value: Any, table: RawTable, totals: PageTotals, place: str) -> list[Any] | None:
    """Rows of a page or of an object that is a row itself; None when it is neither.

    Raises CrmMartsError when a service answered with an error instead of rows.
    """
    if not isinstance(value, dict):
        return None
    if not table.known_names.isdisjoint(value):
        return [value]
    rows = _page_rows(value, table.rows_at)
    if rows is not None:
        totals.add(value, len(rows), place)
        return rows
    errors = [value[name] for name in ERROR_KEYS if value.get(name)]
    if errors:
        told = ": ".join(e if isinstance(e, str) else json.dumps(e)[:500] for e in errors)
        raise CrmMartsError(
            f"it holds an error of the web service instead of rows: {told}",
            place=place,
            remedy="Fetch it again; a load needs all pages of its tables.",
        )
    return None


def document_rows(text: str, table: RawTable, totals: PageTotals, place: str) -> list[Any]:
    """Values that stand where the rows of a document do."""
    try:
        value = read_json(text)
    except ValueError as error:
        raise broken_document(place, str(error)) from None
    rows = value if isinstance(value, list) else rows_of(value, table, totals, place)
    if rows is not None:
        return rows
    where = f"under {' / '.join(table.rows_at)}" if table.rows_at else "in a list"
    keys = ", ".join(value)[:300] if isinstance(value, dict) else ""
    raise CrmMartsError(
        f"the document has no rows {where}",
        place=place,
        remedy=f"It has {f'the keys {keys}' if keys else 'no keys'}. Rows are a list of objects, "
        "or stand where rows_at in the CRM's sources file says.",
    )


def broken_document(place: str, reason: str) -> CrmMartsError:
    """Return the refusal of a document."""
    return CrmMartsError(
        f"the document cannot be read, broken JSON: {reason}",
        place=place,
        remedy="Export it again; as JSON Lines (.jsonl) a broken line costs one row alone.",
    )


def _page_rows(page: dict[str, Any], keys: tuple[str, ...]) -> list[Any] | None:
    found: Any = page if keys else None
    for key in keys:
        if found == []:  # PHP writes an empty record as an empty list
            return []
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    if isinstance(found, dict):
        return [found] if found else []
    return found if isinstance(found, list) else None


def _check_text(value: Any) -> None:
    if isinstance(value, dict):
        _check_text([*value, *value.values()])
    elif isinstance(value, list):
        for item in value:
            _check_text(item)
    elif isinstance(value, str):
        value.encode()
        if "\0" in value:
            raise ValueError("a NUL character")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")
