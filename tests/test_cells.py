"""What staging's macros make of a raw cell, the same on every engine."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import Installation
from tests.crm_files import settings_environment

SOURCES = """
[sources.office]
crm = "onec"
timezone = "Europe/Moscow"

[sources.server]
crm = "onec"
timezone = "Europe/Moscow"
year_offset = 2000

"""
# What is written in a cell, its local time and its UTC instant in a source of Moscow's clock.
MOMENTS = [
    ("2026-03-05", "2026-03-05 00:00:00", "2026-03-04 21:00:00"),
    ("2026-03-05T14:30:00", "2026-03-05 14:30:00", "2026-03-05 11:30:00"),
    ("2026-03-05 8:00:00", "2026-03-05 08:00:00", "2026-03-05 05:00:00"),
    ("05.03.2026", "2026-03-05 00:00:00", "2026-03-04 21:00:00"),
    ("5.3.2026 8:05", "2026-03-05 08:05:00", "2026-03-05 05:05:00"),
    ("05.03.2026 23:59:59", "2026-03-05 23:59:59", "2026-03-05 20:59:59"),
    ("2026-03-05T14:30:00Z", "2026-03-05 14:30:00", "2026-03-05 14:30:00"),
    ("2026-03-05 14:30:00.5 UTC", "2026-03-05 14:30:00.5", "2026-03-05 14:30:00.5"),
    ("2026-03-05T14:30:00+05:30", "2026-03-05 14:30:00", "2026-03-05 09:00:00"),
    ("2026-03-05 14:30:00-0800", "2026-03-05 14:30:00", "2026-03-05 22:30:00"),
    ("2026-03-05 14:30:00.25+00", "2026-03-05 14:30:00.25", "2026-03-05 14:30:00.25"),
    ("01.01.0001 0:00:00", None, None),
    ("0001-01-01T00:00:00", None, None),
    ("0000-00-00", None, None),
    ("03/05/2026", None, None),
    ("2026-02-30T14:30:00+03:00", None, None),
    ("31.02.2026", None, None),
    ("05.03.0000", None, None),
    ("5.3.2026 8:05Z", None, None),
    ("5.3.2026 8:5", None, None),
    ("2026-3-5", None, None),
    ("2026-03-05T14:30:00+03:00 or so", None, None),
    ("tomorrow", None, None),
    ("  ", None, None),
]
SHIFTED = [
    ("4026-03-05 14:30:00", "2026-03-05 14:30:00", "2026-03-05 11:30:00"),
    ("2026-03-05 14:30:00", "2026-03-05 14:30:00", "2026-03-05 11:30:00"),
    ("05.03.4026", "2026-03-05 00:00:00", "2026-03-04 21:00:00"),
    ("2001-01-01 00:00:00", None, None),
]
NUMBERS = [
    ("3", 3, 3),
    ("-3,0", -3, -3),
    ("3.0", 3, 3),
    ("1 234,5", None, 1234.5),
    ("1\u00a0234,50", None, 1234.5),
    ("1,234.50", None, None),
    ("2.3", None, 2.3),
    ("", None, None),
    ("12 h", None, None),
    ("9" * 30, None, None),
]


def read_cells(
    installation: Installation, source: str, cells: Sequence[str], *expressions: str
) -> list[list[object]]:
    """Expressions over a column `cell` of a source's rows, one list a cell."""
    rows = ", ".join(f"({n}, '{source}', '{cell}')" for n, cell in enumerate(cells))
    selected = ", ".join(f"{text} as value_{n}" for n, text in enumerate(expressions))
    query = f"select {selected} from (values {rows}) as cells (n, _source, cell) order by n"
    done = installation.run(
        *("dbt", "show", "--inline", query, "--output", "json", "--limit", "100", "--quiet")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [list(row.values()) for row in json.loads(done.stdout)["show"]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    home: Path = tmp_path_factory.mktemp("cells")
    found = Installation(home, settings_environment(home, SOURCES))
    prepared = found.run("prepare")
    assert prepared.returncode == 0, prepared.stderr
    return found


@pytest.mark.parametrize(("source", "moments"), [("office", MOMENTS), ("server", SHIFTED)])
def test_moments(
    office: Installation, source: str, moments: list[tuple[str, str | None, str | None]]
) -> None:
    assert read_cells(
        office,
        source,
        [written for written, *_ in moments],
        "cast({{ local_time('cell') }} as varchar)",
        "cast({{ instant('cell', 'onec') }} as varchar)",
    ) == [list(read_as) for _, *read_as in moments]


def test_a_shifted_year_needs_the_setting(office: Installation) -> None:
    [[year]] = read_cells(office, "office", ["4026-03-05"], "{{ local_time('cell') }}")
    assert str(year).startswith("4026-03-05")


def test_numbers(office: Installation) -> None:
    found = read_cells(
        office,
        "office",
        [written for written, *_ in NUMBERS],
        "{{ whole_number('cell') }}",
        "{{ decimal_number('cell') }}",
    )
    assert found == [[whole, number] for _, whole, number in NUMBERS]


def test_lists(office: Installation) -> None:
    def items(cell: str, expression: str) -> list[object]:
        return [value for [value] in read_cells(office, "office", [cell], expression)]

    assert items("a;b;;c", "{{ split_list('cell', ';') }}") == ["a", "b", "", "c"]
    assert items('["C_627", "CO_591"]', "{{ json_items('cell') }}") == ["C_627", "CO_591"]
    assert items('[{"ID": "1"}]', "{{ json_value(json_items('cell'), 'ID') }}") in (["1"], [])
    assert items("no list", "{{ json_items('cell') }}") == []
    assert items('{"a b": "x"}', "{{ json_value('cell', 'a b') }}") == ["x"]
    assert items("no record", "{{ json_value('cell', 'a') }}") == [None]
