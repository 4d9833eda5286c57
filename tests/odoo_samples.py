"""The vendor's demo data of Odoo 8, delivered as one source."""

from pathlib import Path

from tests.conftest import Installation
from tests.samples import sample_folder, sample_tables, write_config, write_load

AS_OF = "2014-06-15T09:00:00Z"  # the moment of truth.json
SOURCE = '[sources.odoo]\ncrm = "odoo"\ntimezone = "UTC"\n'
# Nine messages of the demo lack the date that Odoo itself gives to every message.
UNDATED = {"CRM_MARTS_CHECKS__QUARANTINE_BLOCK_ROWS": "9"}


def odoo_installation(home: Path, more: str = "", **texts: str) -> Installation:
    """One Odoo source below `home`; `more` are further lines of its settings."""
    config = write_config(home, f"{SOURCE}{more}\n", **texts)
    return Installation(home, {"CRM_MARTS_CONFIG": str(config), **UNDATED})


def deliver(raw_dir: Path, extracted_at: str) -> Path:
    """Copy the declared files of the demo into a load's folder."""
    files = sample_tables("odoo", sample_folder("odoo8") / "csv")
    return write_load(raw_dir, "odoo", extracted_at, files)
