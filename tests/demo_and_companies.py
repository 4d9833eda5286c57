"""The demo CRM and, as a second CRM beside it, random companies in plain files."""

from pathlib import Path

from tests.histories import OFFICE, PLANS, deliveries
from tests.oracle.world import World
from tests.samples import write_demo_loads

SOURCES = f"""[sources.demo]
crm = "onec"
timezone = "Europe/Moscow"

[sources.plans]
crm = "files"

[sources.{OFFICE}]
crm = "plain_files"

[sources.{OFFICE}_{PLANS}]
crm = "files"
"""


def deliver(raw: Path, demo_loads: tuple[str, ...], companies: World, closed: int) -> None:
    """Deliver the demo's loads that begin so, and the companies' of so many months."""
    write_demo_loads(raw, demo_loads)
    aside = raw.with_name("random")
    for load in deliveries(companies, seed=1, closed=closed):
        load.write(aside)
    (aside / OFFICE).rename(raw / OFFICE)
    (aside / PLANS).rename(raw / f"{OFFICE}_{PLANS}")
