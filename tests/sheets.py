"""A source of plain files, delivered and landed by tests."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.raw.declared import RawTable
from orchestration.raw.landing import LandedLoad, land
from orchestration.raw.raw_file import RawFile, RejectedLine
from orchestration.settings import Settings, Source

# The table of most tests: absences of the source `sheets`, key (manager_id, absent_from).
COLUMNS = "manager_id,absent_from,absent_to,kind"
ANN, BOB, EVE = "ann,2026-10-01,2026-10-02,ill", "bob,2026-10-01,,", "eve,2026-10-05,,leave"
FIRST, SECOND, THIRD = "20261001T000000Z", "20261101T000000Z", "20261201T000000Z"


@dataclass
class Sheets:
    """One source of plain files."""

    settings: Settings
    reported: list[str] = field(default_factory=list)

    def folder(self, load: str = FIRST, **manifest: Any) -> Path:
        folder = self.settings.raw_dir / "sheets" / load
        folder.mkdir(parents=True, exist_ok=True)
        if manifest:
            (folder / "_load.json").write_text(json.dumps(manifest), encoding="utf-8")
        return folder

    def deliver(self, load: str, *lines: str, **manifest: Any) -> Path:
        """Write absences.csv with its header and these lines."""
        path = self.folder(load, **manifest) / "absences.csv"
        path.write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
        return path

    def deliver_file(self, name: str, content: str | bytes, load: str = FIRST) -> Path:
        path = self.folder(load) / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self) -> list[LandedLoad]:
        return land(self.settings, self.reported.append)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.history_db), read_only=True) as db:
            rows: list[tuple[Any, ...]] = db.execute(sql).fetchall()
            return rows

    def lines(self) -> list[tuple[Any, ...]]:
        return self.query("select _line, manager_id from raw_files.absences order by 1")

    def rejected(self) -> list[tuple[Any, ...]]:
        return self.query(
            "select line_number, reason, raw_row from landing.rejected_lines order by 1"
        )

    def stretches(self) -> list[tuple[Any, ...]]:
        """Row versions as (manager, kind, month first seen, month gone)."""
        return self.query(
            """select manager_id, kind, month(_extracted_at), month(_gone_at)
               from raw_files.absences order by 1, 3"""
        )


def counts(load: LandedLoad) -> dict[str, int]:
    """Counts of the one delivered table; they add up."""
    (table,) = load.tables
    assert table.delivered == (
        table.unchanged + table.changed + table.exact_duplicates + table.rejected
    )
    names = ("delivered", "unchanged", "changed", "exact_duplicates", "rejected", "gone")
    return {name: getattr(table, name) for name in names if getattr(table, name)}


def raw_file(path: Path, table: RawTable, *, rejected: list[RejectedLine] | None = None) -> RawFile:
    """A file of a source with plain settings; its rejected lines go to the list."""
    kept = [] if rejected is None else rejected
    return RawFile(path, table, Source(crm="files"), lambda _, lines: kept.extend(lines))
