"""The vendor's demo company of Dolibarr, delivered dump by dump."""

from pathlib import Path

from tests.samples import Row, sample_folder, sample_tables, truth, write_load

SHOP = '[sources.shop]\ncrm = "dolibarr"\ntimezone = "UTC"\n\n'


def answers() -> dict[str, list[Row]]:
    """Answers of truth.json by question."""
    return truth("dolibarr")


def dump_folder(dump: str) -> Path:
    """Folder of one dump's files."""
    return sample_folder("dolibarr") / dump


def deliver(raw_dir: Path, dump: str, extracted_at: str) -> Path:
    """Copy the declared files of one dump into a load's folder."""
    return write_load(raw_dir, "shop", extracted_at, sample_tables("dolibarr", dump_folder(dump)))
