"""The vendor's demo company of Dolibarr: sample dumps, their deliveries and the answers to them."""

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestration.raw.declared import declared_tables
from orchestration.settings import PROJECT_DIR

SAMPLES = PROJECT_DIR / os.environ.get("CRM_SAMPLES", "../shared/data") / "dolibarr"
SHOP = '[sources.shop]\ncrm = "dolibarr"\ntimezone = "UTC"\n\n'

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Question:
    """How our tables answer one question of truth.json."""

    sql: str
    # Where our definition gives another number: rows of the truth to take out and put in.
    difference: str = ""
    takes_out: tuple[Row, ...] = ()
    puts_in: tuple[Row, ...] = ()

    def expected(self, truth: list[Row]) -> list[Row]:
        """Rows of the truth as our definition has them."""
        assert self.difference or not (self.takes_out or self.puts_in)
        assert set(self.takes_out) <= set(truth)
        return sorted([*(row for row in truth if row not in self.takes_out), *self.puts_in])


def need_samples() -> None:
    """Skip without sample data; in CI they have to be there."""
    if not SAMPLES.is_dir():
        absent = f"no sample data at {SAMPLES}; CRM_SAMPLES names their folder"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)


def answers() -> dict[str, list[Row]]:
    """Answers of truth.json by question."""
    need_samples()
    raw = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    return {answer["id"]: [tuple(row) for row in answer["answer"]] for answer in raw["answers"]}


def load_folder(raw_dir: Path, extracted_at: str) -> Path:
    """Create a complete load's folder with its manifest."""
    folder = raw_dir / "shop" / extracted_at.replace("-", "").replace(":", "")
    folder.mkdir(parents=True)
    manifest = {"extracted_at": extracted_at, "complete": True}
    (folder / "_load.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def deliver(raw_dir: Path, dump: str, extracted_at: str) -> Path:
    """Copy the declared files of one dump into a load folder."""
    folder = load_folder(raw_dir, extracted_at)
    for table in declared_tables("dolibarr"):
        file = SAMPLES / dump / f"{table}.csv"
        if file.exists():
            shutil.copy(file, folder)
    return folder


def write_config(home: Path, sources: str, **texts: str) -> Path:
    """Write the project's settings file with these sources, and these texts under their keys."""
    text = (PROJECT_DIR / "crm_marts.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?ms)^\[sources\..*?(?=^\[close\])", sources, text)
    for key, value in texts.items():
        text, count = re.subn(rf'(?m)^{key} = "[^"]*"', f'{key} = "{value}"', text)
        assert count == 1, key
    home.mkdir(parents=True, exist_ok=True)
    config = home / "crm_marts.toml"
    config.write_text(text, encoding="utf-8")
    return config
