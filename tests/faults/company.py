"""A tiny company for faults: March is closed, April waits, and its load changes a call of March."""

from pathlib import Path

from tests.conftest import Installation
from tests.crm_files import CALLS, PARTNERS, USERS, settings_environment, write_onec_load
from tests.test_restatements import (
    APRIL_CALLS,
    EDITED,
    MARCH_CALLS,
    PARTNER_ROWS,
    SOURCE,
    USERS_ROWS,
)

MARCH, APRIL = "2026-03", "2026-04"
LOAD_OF_APRIL = "20260502T000000Z"
PEOPLE = {USERS: USERS_ROWS, PARTNERS: PARTNER_ROWS}


def delivered_company(home: Path) -> Installation:
    """The company with its load of April, from which March is closed."""
    company = Installation(home, settings_environment(home, SOURCE))
    write_onec_load(company.raw / "demo" / "20260402T000000Z", PEOPLE | {CALLS: MARCH_CALLS})
    return company


def deliver_may(company: Installation) -> None:
    """Deliver the load from which April is closed."""
    calls = [MARCH_CALLS[0], EDITED, *MARCH_CALLS[2:], *APRIL_CALLS]
    write_onec_load(company.raw / "demo" / LOAD_OF_APRIL, PEOPLE | {CALLS: calls})
