"""Real CRMs' sample data, and loads of them or of rows that a test makes up."""

import csv
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.demo import write_demo
from orchestration.raw.declared import declared_tables
from orchestration.settings import PROJECT_DIR

SAMPLES = PROJECT_DIR / os.environ.get("CRM_SAMPLES", "../shared/data")

Row = tuple[Any, ...]
Rows = Sequence[Mapping[str, Any]]


def write_demo_loads(raw_dir: Path, beginnings: tuple[str, ...]) -> None:
    """Deliver the demo's loads whose names, times of extraction, begin so."""
    write_demo(raw_dir)
    for load in raw_dir.glob("*/*"):
        if not load.name.startswith(beginnings):
            shutil.rmtree(load)


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


def sample_folder(name: str) -> Path:
    """A CRM's folder of sample data; skips without it, and in CI fails."""
    if not SAMPLES.is_dir():
        absent = f"no sample data at {SAMPLES}; CRM_SAMPLES names their folder"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    return SAMPLES / name


def truth(name: str) -> dict[str, list[Row]]:
    """Answers of a CRM's truth.json by question."""
    raw = json.loads((sample_folder(name) / "truth.json").read_text(encoding="utf-8"))
    return {answer["id"]: [tuple(row) for row in answer["answer"]] for answer in raw["answers"]}


def write_load(  # noqa: PLR0913
    raw_dir: Path,
    source: str,
    extracted_at: str,
    tables: Mapping[str, Path | Rows],
    *,
    crm: str | None = None,
    complete: bool = True,
) -> Path:
    """Write a load's folder: files are copied under the tables' names, rows are written as CSV.

    With `crm`, rows have all its declared columns, and its other tables that are not optional get a
    file with the header alone.
    """
    folder = raw_dir / source / extracted_at.replace("-", "").replace(":", "")
    folder.mkdir(parents=True)
    declared = declared_tables(crm) if crm else {}
    rest: dict[str, Path | Rows] = {
        name: [] for name, table in declared.items() if not table.optional
    }
    for name, content in {**rest, **tables}.items():
        if isinstance(content, Path):
            shutil.copy(content, folder / f"{name}{content.suffix}")
        else:
            columns = [*declared[name].columns] if crm else []
            columns = [*dict.fromkeys([*columns, *(cell for row in content for cell in row)])]
            write_csv(folder / f"{name}.csv", columns, content)
    # The manifest comes last: with it the load is whole.
    manifest = {"extracted_at": extracted_at, "complete": complete}
    (folder / "_load.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def empty_marts(db: duckdb.DuckDBPyConnection) -> set[str]:
    """Published marts without rows; restatements fill rpt_restatements, no rows of a CRM do."""
    found = db.execute("select table_name from duckdb_tables() where schema_name = 'marts'")
    marts = {name for (name,) in found.fetchall()} - {"rpt_restatements"}
    assert len(marts) >= 20
    return {name for name in marts if not db.execute(f"from marts.{name} limit 1").fetchall()}


def write_csv(path: Path, columns: Sequence[str], rows: Rows) -> None:
    """Write a header and rows; columns that a row lacks are empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def sample_tables(crm: str, folder: Path, prefix: str = "", suffix: str = "") -> dict[str, Path]:
    """Sample files `<prefix><table><suffix>.csv` of those declared tables that the folder has."""
    files = {table: folder / f"{prefix}{table}{suffix}.csv" for table in declared_tables(crm)}
    return {table: path for table, path in files.items() if path.exists()}


def write_config(home: Path, sources: str, **texts: str) -> Path:
    """Write the project's settings file with these sources, and these texts under their keys."""
    text = (PROJECT_DIR / "crm_marts.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?ms)^\[sources\..*?(?=^\[close\])", lambda _: sources, text)
    for key, value in texts.items():
        text, count = re.subn(rf'(?m)^{key} = "[^"]*"', f'{key} = "{value}"', text)
        assert count == 1, key
    home.mkdir(parents=True, exist_ok=True)
    config = home / "crm_marts.toml"
    config.write_text(text, encoding="utf-8")
    return config
