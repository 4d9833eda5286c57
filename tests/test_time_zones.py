"""Months of the demo closed in three business time zones, against Python's own calendar."""

import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from orchestration.demo import write_demo
from tests.conftest import Installation

pytestmark = pytest.mark.slow
# Zone and the month closed in it: where clocks change, the month in which they do.
MONTHS = {
    "Europe/Moscow": date(2026, 3, 1),
    "America/New_York": date(2026, 3, 1),
    "Pacific/Auckland": date(2026, 4, 1),
}
# The oracle's companies live in all three; closing the demo in each is for `make test-deep`.
FARTHEST = "Pacific/Auckland"
ZONES = [pytest.param(zone, marks=[] if zone == FARTHEST else pytest.mark.deep) for zone in MONTHS]
LOADS_UNTIL = "20260503"


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The demo's loads until May; landing does not depend on the business time zone."""
    installation = Installation(tmp_path_factory.mktemp("zones"))
    write_demo(installation.raw)
    for load in installation.raw.glob("*/*"):
        if load.name > LOADS_UNTIL:
            shutil.rmtree(load)
    return installation


@pytest.fixture(scope="module", params=ZONES)
def closed(landed: Installation, request: pytest.FixtureRequest) -> tuple[str, Path]:
    """Zone and data folder of an installation that closed its month there."""
    zone: str = request.param
    data = landed.home / zone.replace("/", "_")
    done = landed.run(
        *("close", f"{MONTHS[zone]:%Y-%m}"),
        CRM_MARTS_BUSINESS_TIMEZONE=zone,
        CRM_MARTS_DATA_DIR=str(data),
    )
    assert done.returncode == 0, done.stderr
    return zone, data


def _local(moment: datetime, zone: str) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def _starts_at(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def test_periods_begin_at_local_midnight_and_weeks_on_monday(closed: tuple[str, Path]) -> None:
    zone, data = closed
    with duckdb.connect(str(data / "warehouse" / "building.duckdb"), read_only=True) as db:
        periods = db.execute(
            "select period_kind, period_start, period_end, start_at, end_at from marts.dim_periods"
        ).fetchall()
    weeks = [start for kind, start, *_ in periods if kind == "week"]
    month = MONTHS[zone]
    last_days = {start + timedelta(days=6) for start in weeks}
    sundays = {month + timedelta(days=n) for n in range(31)}
    assert last_days == {d for d in sundays if d.month == month.month and d.isoweekday() == 7}
    for _kind, start, end, start_at, end_at in periods:
        assert start_at == _starts_at(start, zone)
        assert end_at == _starts_at(end, zone)


def test_interactions_belong_to_their_local_day(closed: tuple[str, Path]) -> None:
    zone, data = closed
    with duckdb.connect(str(data / "warehouse" / "building.duckdb"), read_only=True) as db:
        facts = db.execute("select event_at, event_date from marts.fct_interactions").fetchall()
    assert facts
    differing = [(at, day) for at, day in facts if _local(at, zone).date() != day]
    assert differing == []


def test_the_month_has_every_interaction_of_its_local_days(closed: tuple[str, Path]) -> None:
    zone, data = closed
    month = MONTHS[zone]
    with duckdb.connect(str(data / "warehouse" / "work.duckdb"), read_only=True) as db:
        events = db.execute(
            "select interaction_id, event_at from intermediate.int_interactions__classified"
            " where event_at is not null"
        ).fetchall()
    expected = {
        key
        for key, at in events
        if (_local(at, zone).year, _local(at, zone).month) == (month.year, month.month)
    }
    with duckdb.connect(str(data / "warehouse" / "building.duckdb"), read_only=True) as db:
        found = {
            key
            for (key,) in db.execute("select interaction_id from marts.fct_interactions").fetchall()
        }
    assert found == expected


def test_a_deadline_that_is_a_day_ends_with_that_local_day(closed: tuple[str, Path]) -> None:
    zone, data = closed
    with duckdb.connect(str(data / "warehouse" / "work.duckdb"), read_only=True) as db:
        deadlines = db.execute(
            """select interactions.deadline_at, timeline.deadline_at
               from canonical.interactions as interactions
               inner join intermediate.int_interactions__timeline as timeline
                   on interactions.interaction_id = timeline.interaction_id
                   and timeline.valid_to is null
               where interactions.deadline_is_date and interactions.deadline_at is not null"""
        ).fetchall()
    assert deadlines
    for stated, effective in deadlines:
        following = _local(stated, zone).date() + timedelta(days=1)
        assert effective == _starts_at(following, zone) - timedelta(microseconds=1)
