"""The models over packs of random companies give what plain Python gives, cell by cell."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.oracle.compare import Difference, compact, differences
from tests.oracle.marts import all_marts
from tests.oracle.pack import Built, build
from tests.oracle.packs import DEEP_PACKS, PACKS, Pack, filled
from tests.oracle.world import World

COMPANIES = 16  # of a pack; the packs of `make test-deep` have DEEP_COMPANIES each
DEEP_COMPANIES = 20
ALONE = os.environ.get("ORACLE_ALONE")  # the only companies to be built, such as c03 or c03,c07


def check(spec: Pack, count: int, home: Path) -> None:
    """Build a pack and hold every cell against the oracle."""
    settings = spec.settings(home)
    world = filled(spec, settings, count, ALONE)
    built = build(world, settings)
    expected = all_marts(world)
    assert sorted(built) == sorted(expected)
    found = [
        difference
        for name in sorted(expected)
        for difference in differences(built[name], expected[name])
    ]
    assert not found, report(spec, world, found)


def report(spec: Pack, world: World, found: list[Difference]) -> str:
    """The first differences of each mart, rows of one company concerned, how to run it alone."""
    lines = [f"{len(found)} cells differ in pack {spec.name}"]
    for mart in sorted({d.mart for d in found}):
        lines += [str(d) for d in found if d.mart == mart][:5]
    company = min((d.company for d in found if d.company), default=None)
    again = f".venv/bin/pytest tests/test_oracle.py -m 'slow or deep' -k {spec.name}"
    if company:
        lines += [f"rows of {company}:", compact(world.crm, company)]
        lines.append(f"alone: ORACLE_ALONE={company} {again}")
    else:
        lines.append(f"a figure of all companies; of some: ORACLE_ALONE=c00,c01,c02 {again}")
    return "\n".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize("spec", PACKS, ids=lambda spec: spec.name)
def test_every_mart_is_what_the_oracle_says(spec: Pack, tmp_path: Path) -> None:
    check(spec, COMPANIES, tmp_path)


@pytest.mark.deep
@pytest.mark.parametrize("spec", DEEP_PACKS, ids=lambda spec: spec.name)
def test_every_mart_of_two_hundred_companies(spec: Pack, tmp_path: Path) -> None:
    check(spec, DEEP_COMPANIES, tmp_path)


def test_a_planted_difference_is_found(tmp_path: Path) -> None:
    spec = PACKS[0]
    world = filled(spec, spec.settings(tmp_path), 3)
    rows = all_marts(world)["dim_managers"]
    same = Built("dim_managers", ("manager_id",), rows)
    assert not differences(same, rows)
    planted = replace(same, rows=[{**rows[0], "team": "planted"}, *rows[1:]])
    [difference] = differences(planted, rows)
    assert (difference.column, difference.built) == ("team", "planted")
    assert difference.company == "c00"
    told = report(spec, world, [difference])
    assert "managers: manager_id=c00:m1" in told and "ORACLE_ALONE=c00" in told
    missing = replace(same, rows=rows[1:])
    assert [d.column for d in differences(missing, rows)] == ["row"]
    typed = replace(same, rows=[{**rows[0], "is_robot": int(bool(rows[0]["is_robot"]))}, *rows[1:]])
    assert [d.column for d in differences(typed, rows)] == ["is_robot"]
