"""Cells of any kind in every column of every CRM: nothing breaks or is lost, keys stay keys."""

import random
import string
from pathlib import Path

import pytest

from orchestration.raw.declared import RawTable, declared_tables
from orchestration.settings import known_crms
from tests.conftest import Installation
from tests.crm_files import settings_environment
from tests.samples import write_load

# Cells that have broken pipelines before, beside plausible ones.
ODD = [
    *("", " ", "\t", "null", "NULL", "None", "NaN", "-", "0", "-1", "1e308", "9" * 40, "0x00"),
    *("0001-01-01", "0001-01-01T00:00:00", "9999-12-31 23:59:59", "0000-00-00 00:00:00"),
    *("2026-02-30", "2026-13-01T10:00:00", "31.12.2026 24:00", "32.01.2026", "4026-03-05"),
    *("2026-03-05T14:30:00+99:00", "2026-03-29 02:30:00", "-2026-01-01", "12:30", "1970-01-19"),
    *('{"a":', "[1, 2", "[]", "{}", '[{"ID": 1}]', '["C_1", null, 3]', '{"a": {"b": []}}', "[[]]"),
    *("'; drop table clients; --", "<script>alert(1)</script>", "=1+1", "it's", '"quoted"', "\\"),
    *("a:b:c", ";;", "a;b;;c", "%", "_", "100%", "\u202etxet", "ёЁ", "ß", "🙂", "a\u0301"),
    *("line\nbreak", "carriage\rreturn", "unit\x1fseparator", "x" * 5_000, "\u00a0", "1 234,50"),
    *("00000000-0000-0000-0000-000000000000", "0x" + "0" * 32, "0x" + "8F" * 16, "F" * 32),
]
PLAUSIBLE = [
    *map(str, range(1, 9)),
    *("true", "false", "Y", "N", "1", "0", "100", "50"),
    *("2026-03-05 14:30:00", "2026-03-05", "2026-03-05T14:30:00+03:00", "05.03.2026 8:00"),
    *("2026-04-20 10:00:00", "2025-12-31T21:00:00Z", "15", "3600", "2,5"),
]


def row(dice: random.Random, table: RawTable) -> dict[str, str]:
    """A row with cells of any kind; keys meet those of other rows and tables now and then."""
    cells = {}
    for column in table.columns:
        kind = dice.random()
        if column in table.key and kind < 0.8:
            cells[column] = str(dice.randint(1, 200))
        elif kind < 0.6:
            cells[column] = dice.choice(PLAUSIBLE)
        elif kind < 0.9:
            cells[column] = dice.choice(ODD)
        else:
            cells[column] = "".join(dice.choices(string.printable[:-5] + "жЖ\u2028", k=12))
    return cells


def build(home: Path, seed: int, cases: int) -> Installation:
    """Two loads for a source of each CRM, `cases` rows in all, built up to the contract."""
    sources = "".join(
        f'[sources.s_{crm}]\ncrm = "{crm}"\ntimezone = "Europe/Moscow"\n\n' for crm in known_crms()
    )
    found = Installation(home, settings_environment(home, sources))
    # Whatever the share of unusable rows is, it is no fault here.
    found.variables["CRM_MARTS_CHECKS__QUARANTINE_BLOCK_SHARE"] = "1"
    found.variables["CRM_MARTS_CHECKS__QUARANTINE_BLOCK_ROWS"] = str(cases)
    dice = random.Random(seed)
    tables = [(crm, table) for crm in known_crms() for table in declared_tables(crm).values()]
    share = max(1, cases // (2 * len(tables)))
    for extracted_at in ("2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z"):
        for crm in known_crms():
            rows = {
                table.name: [row(dice, table) for _ in range(share)]
                for owner, table in tables
                if owner == crm
            }
            write_load(found.raw, f"s_{crm}", extracted_at, rows, crm=crm)
    found.build("2026-03")  # with its tests: the delivery identity, keys, accepted values
    return found


def check(found: Installation) -> None:
    with found.canonical() as db:
        [(delivered, rejected)] = db.execute(
            "select sum(delivered_count), sum(rejected_count) from work.staging.stg_landing__loads"
        ).fetchall()
        [(quarantined,)] = db.execute("select count(*) from quarantine").fetchall()
        [(clients, interactions)] = db.execute(
            "select (select count(*) from clients), (select count(*) from interactions)"
        ).fetchall()
    assert rejected < quarantined < delivered
    assert clients > 0
    assert interactions > 0


@pytest.mark.slow
def test_cells_of_any_kind(tmp_path: Path) -> None:
    check(build(tmp_path, seed=1, cases=600))


@pytest.mark.deep
def test_five_thousand_cases(tmp_path: Path) -> None:
    check(build(tmp_path, seed=2, cases=5_000))
