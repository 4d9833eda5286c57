"""Editions: the immutable result of closing a month.

An edition is a folder <editions_dir>/<month>/<number>/ with one Parquet file per mart and
`manifest.json`; it appears by one rename and is never written again.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.close.marts import Mart, mart_rows
from orchestration.close.period import Month, RunPeriod
from orchestration.durable import new_folder
from orchestration.errors import CrmMartsError
from orchestration.raw.kept import LandedLoad, literal
from orchestration.settings import DBT_DIR, Settings

MANIFEST = "manifest.json"
# Where things lie and go decides no figure; the named segments themselves are recorded.
NOT_RECORDED = {
    *("raw_dir", "data_dir", "settle_seconds", "memory_limit", "threads", "named_segments_file"),
    *("alerts", "postgres", "pack"),
}


@dataclass(frozen=True)
class MartContent:
    """Number of rows and hash over the rows in order of their hashes."""

    rows: int
    content_hash: str


@dataclass(frozen=True)
class Edition:
    """What `manifest.json` holds; moments are UTC."""

    month: str
    number: int
    as_of: datetime
    scheduled_close_at: datetime
    is_reconstructed: bool
    load_ids: list[str]
    code_version: str
    configuration: dict[str, Any]
    reference_lists: dict[str, str]
    marts: dict[str, MartContent]

    @classmethod
    def read(cls, path: Path) -> "Edition":
        """Read an edition's manifest; CrmMartsError when it is not as it was written."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            raw["as_of"] = datetime.fromisoformat(raw["as_of"])
            raw["scheduled_close_at"] = datetime.fromisoformat(raw["scheduled_close_at"])
            raw["marts"] = {name: MartContent(**content) for name, content in raw["marts"].items()}
            return cls(**raw)
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(path, f"{type(error).__name__} {error}") from None

    @property
    def period(self) -> RunPeriod:
        """The month and moment of knowledge under which it was made."""
        return RunPeriod(
            Month.parse(self.month), self.as_of, self.scheduled_close_at, self.is_reconstructed
        )


def editions(settings: Settings) -> list[Edition]:
    """All editions by month and number."""
    folders = sorted(settings.editions_dir.glob("[!.]*/[!.]*"))
    return [Edition.read(folder / MANIFEST) for folder in folders]


def latest_edition(settings: Settings, month: Month) -> Edition | None:
    """The edition of a month that readers see, None while it is open."""
    numbered = [edition for edition in editions(settings) if edition.month == str(month)]
    return max(numbered, key=lambda edition: edition.number, default=None)


def find_edition(settings: Settings, month: Month, number: int | None = None) -> Edition:
    """An edition by its number, the latest without one; CrmMartsError when there is none."""
    numbered = {
        edition.number: edition for edition in editions(settings) if edition.month == str(month)
    }
    wanted = max(numbered, default=None) if number is None else number
    if wanted not in numbered:
        have = ", ".join(map(str, numbered)) or "none"
        raise CrmMartsError(
            f"{month} has no edition {number}" if number else f"{month} is not closed",
            place=str(settings.editions_dir),
            remedy=f"Its editions are: {have}.",
        )
    return numbered[wanted]


def edition_dir(settings: Settings, edition: Edition) -> Path:
    """Folder of an edition."""
    return settings.editions_dir / edition.month / f"{edition.number:03d}"


def code_version() -> str:
    """SHA-256 over the SQL, YAML and macros that decide the figures, shortened."""
    digest = hashlib.sha256()
    for path in sorted(DBT_DIR.rglob("*")):
        if path.suffix in (".sql", ".yml") and not {"target", "logs"} & set(path.parts):
            digest.update(f"{path.relative_to(DBT_DIR)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def mart_contents(settings: Settings, marts: list[Mart], month: Month) -> dict[str, MartContent]:
    """Rows and content hash of each built mart, monthly ones cut to the month."""
    with duckdb.connect(str(settings.building_db), read_only=True) as db:
        return {mart.name: _content(db, mart_rows(mart, month)) for mart in marts}


def _content(db: duckdb.DuckDBPyConnection, rows: str) -> MartContent:
    names = [name for name, *_ in db.execute(f"describe {rows}").fetchall()]
    cells = ", ".join(f"coalesce(cast(\"{name}\" as varchar), '~')" for name in names)
    [(count, content_hash)] = db.execute(
        f"""select count(*), coalesce(md5(string_agg(row_hash, '' order by row_hash)), '')
            from (select md5(concat_ws(chr(31), {cells})) as row_hash from ({rows}))"""
    ).fetchall()
    return MartContent(count, content_hash)


def verify_edition(folder: Path, edition: Edition) -> None:
    """Raise CrmMartsError unless every file of a folder holds the rows that were recorded."""
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        for name, content in edition.marts.items():
            path = folder / f"{name}.parquet"
            try:
                found: object = _content(db, f"select * from read_parquet({literal(path)})")
            except duckdb.Error as error:
                found = str(error).splitlines()[0]
            if found != content:
                raise _damaged(path, found)


def verify_footers(folder: Path, edition: Edition) -> None:
    """Raise CrmMartsError unless every file is there with as many rows as were recorded."""
    with duckdb.connect() as db:
        for name, content in edition.marts.items():
            path = folder / f"{name}.parquet"
            query = f"select num_rows from parquet_file_metadata({literal(path)})"
            try:
                [(found,)] = db.execute(query).fetchall()
            except duckdb.Error as error:
                raise _damaged(path, str(error).splitlines()[0]) from None
            if found != content.rows:
                raise _damaged(path, f"{found} rows, not {content.rows}")


def _damaged(path: Path, found: object) -> CrmMartsError:
    return CrmMartsError(
        f"the edition's file is not as it was written: {found}",
        place=str(path),
        remedy="Editions are never written again: put the folder back from a backup. "
        "Nothing was published.",
    )


def recorded_inputs(settings: Settings) -> tuple[dict[str, Any], dict[str, str]]:
    """Configuration and reference lists, as they stand in an edition's manifest."""
    configuration = settings.model_dump(mode="json", exclude=NOT_RECORDED)
    configuration["named_segments"] = settings.dbt_vars()["named_segments"]
    lists = sorted(settings.reference_dir.glob("*.csv"))
    return configuration, {path.name: path.read_text(encoding="utf-8") for path in lists}


def built_edition(
    settings: Settings, period: RunPeriod, loads: list[LandedLoad], marts: list[Mart]
) -> Edition:
    """Describe the built month as its next edition."""
    previous = latest_edition(settings, period.month)
    configuration, reference_lists = recorded_inputs(settings)
    return Edition(
        month=str(period.month),
        number=previous.number + 1 if previous else 1,
        as_of=period.as_of,
        scheduled_close_at=period.scheduled_close_at,
        is_reconstructed=period.is_reconstructed,
        load_ids=[load.load_id for load in loads if load.extracted_at <= period.as_of],
        code_version=code_version(),
        configuration=configuration,
        reference_lists=reference_lists,
        marts=mart_contents(settings, marts, period.month),
    )


def write_edition(
    settings: Settings, period: RunPeriod, loads: list[LandedLoad], marts: list[Mart]
) -> Edition:
    """Write the built month as its next edition and return it."""
    edition = built_edition(settings, period, loads, marts)
    with new_folder(edition_dir(settings, edition)) as folder:
        write_files(settings, edition, marts, folder)
    return edition


def write_files(settings: Settings, edition: Edition, marts: list[Mart], folder: Path) -> None:
    """Write the built rows of an edition and its manifest into a folder."""
    month = edition.period.month
    with duckdb.connect(str(settings.building_db), read_only=True) as db:
        for mart in marts:
            path = folder / f"{mart.name}.parquet"
            order = ", ".join(f'"{name}" nulls last' for name in mart.order)
            db.execute(
                f"copy ({mart_rows(mart, month)} order by {order}) "
                f"to {literal(path)} (format parquet)"
            )
            if mart.is_restricted:
                path.chmod(0o600)
    text = json.dumps(asdict(edition), ensure_ascii=False, indent=1, default=str)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
