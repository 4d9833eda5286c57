"""Kept loads: folders <history_dir>/<source>/<load>/ with `landed.json`, never written again."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from orchestration.settings import Settings

LANDED = "landed.json"
REJECTED = "_rejected_lines"


@dataclass(frozen=True)
class TableCounts:
    """Rows of a table in a load; delivered = unchanged + changed + exact_duplicates + rejected."""

    table_name: str
    delivered: int
    unchanged: int
    changed: int
    exact_duplicates: int
    rejected: int
    gone: int
    unknown_columns: list[str]


@dataclass(frozen=True)
class LandedLoad:
    """What `landed.json` holds; `stamps` are size and time of change (ns) of each file, by name."""

    load_id: str
    source: str
    crm: str
    extracted_at: datetime
    complete: bool
    fingerprint: str
    tables: list[TableCounts]
    stamps: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "LandedLoad":
        """Read a kept load's manifest."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        raw["extracted_at"] = datetime.fromisoformat(raw["extracted_at"])
        raw["tables"] = [TableCounts(**table) for table in raw["tables"]]
        return cls(**raw)

    def write(self, path: Path) -> None:
        """Write a kept load's manifest."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, default=str)
        path.write_text(text, encoding="utf-8")


def landed_loads(settings: Settings) -> list[LandedLoad]:
    """Kept loads of the configured sources, by source and time of extraction.

    A folder whose name begins with a dot is a landing that was killed; it does not count.
    """
    loads = [
        LandedLoad.read(path)
        for source in settings.sources
        for path in kept_files(settings, source, LANDED)
    ]
    return sorted(loads, key=lambda load: (load.source, load.extracted_at))


def kept_files(settings: Settings, source: str, name: str) -> list[Path]:
    """The files of one name in all kept loads of a source."""
    return sorted((settings.history_dir / source).glob(f"[!.]*/{name}"))


def literal(text: str | Path) -> str:
    """SQL literal of a text."""
    quoted = str(text).replace("'", "''")
    return f"'{quoted}'"


def read_parquet(files: list[Path]) -> str:
    """SQL table function over Parquet files whose columns may differ."""
    return f"read_parquet([{', '.join(map(literal, files))}], union_by_name = true)"
