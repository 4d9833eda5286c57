"""Loads in the drop folder: <raw_dir>/<source>/<load>/ with one file per table."""

import hashlib
import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.errors import CrmMartsError
from orchestration.raw.declared import RawTable, declared_tables
from orchestration.raw.settled import MANIFEST, Waiting, waiting
from orchestration.raw.table_files import plain_name, table_files
from orchestration.settings import Settings, Source

_PLAIN_NAME = re.compile(r"[\w.+: -]+")
_FOLDER_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T_ -]?(\d\d)[:-]?(\d\d)(?:[:-]?(\d\d))?)?Z?")


class LoadManifest(BaseModel):
    """`_load.json`, all keys optional: when the extract was taken and what it holds."""

    model_config = ConfigDict(extra="forbid")

    extracted_at: datetime | None = None
    complete: bool | None = None
    tables: list[str] | None = None


@dataclass(frozen=True)
class Load:
    """One extract of one source: `extracted_at` is UTC; `complete` None means: judge by size."""

    source_name: str
    source: Source
    folder: Path
    extracted_at: datetime
    complete: bool | None
    files: dict[str, list[Path]]

    @property
    def load_id(self) -> str:
        """`<source>/<folder name>`."""
        return f"{self.source_name}/{self.folder.name}"

    def paths(self) -> list[Path]:
        """All files; a workbook may hold several tables."""
        files = [path for _, paths in sorted(self.files.items()) for path in paths]
        return list(dict.fromkeys(files))

    def fingerprint(self) -> str:
        """SHA-256 over names and bytes of all files: the same load delivered twice is seen."""
        digest = hashlib.sha256()
        for path in self.paths():
            digest.update(f"{plain_name(path)}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def stamps(self) -> dict[Path, tuple[int, int]]:
        """Size and time of change of every file."""
        stats = ((path, path.stat()) for path in self.paths())
        return {path: (stat.st_size, stat.st_mtime_ns) for path, stat in stats}


def find_loads(settings: Settings, landed: Container[str]) -> tuple[list[Load], list[Waiting]]:
    """Loads in the drop folder by source and time of extraction, and those that have to wait.

    A load that is still being delivered keeps later ones of its source waiting; `landed` ones wait
    for nothing. Raises CrmMartsError when a source has no folder, a load no time, or a file no
    declaration.
    """
    loads: list[Load] = []
    held: list[Waiting] = []
    for name, source in settings.sources.items():
        folder = settings.raw_dir / name
        if not folder.is_dir():
            raise CrmMartsError(
                f"source {name} has no folder {folder}",
                remedy="Deliver its loads there, or take [sources."
                f"{name}] out of crm_marts.toml. `make run` writes the demo's.",
            )
        unfinished = waiting_loads(settings, name, landed)
        held.extend(unfinished)
        found = [
            _read_load(name, source, path)
            for path in load_folders(folder)
            if f"{name}/{path.name}" not in [load.load_id for load in unfinished]
        ]
        for load in sorted(found, key=lambda load: load.extracted_at):
            ahead = next((w for w in unfinished if _is_before(w, load)), None)
            if ahead and load.load_id not in landed:
                reason = f"{ahead.load_id} comes before it and is not whole yet"
                held.append(Waiting(load.load_id, load.folder, reason, None))
            else:
                loads.append(load)
    return loads, held


def load_folders(folder: Path) -> list[Path]:
    """Folders of a source's loads."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith((".", "_"))
    ]


def waiting_loads(settings: Settings, source: str, landed: Container[str]) -> list[Waiting]:
    """Loads of a source that are not whole yet."""
    folder = settings.raw_dir / source
    found = (
        waiting(f"{source}/{path.name}", path, settings.settle_seconds)
        for path in (load_folders(folder) if folder.is_dir() else [])
        if f"{source}/{path.name}" not in landed
    )
    return [load for load in found if load]


def _is_before(unfinished: Waiting, load: Load) -> bool:
    """Whether a load has to wait for another, which may not say its time yet."""
    try:
        at = _extracted_at(unfinished.folder, _read_manifest(unfinished.folder))
    except CrmMartsError:
        return True
    return at <= load.extracted_at


def _read_load(source_name: str, source: Source, folder: Path) -> Load:
    if not _PLAIN_NAME.fullmatch(folder.name):
        raise CrmMartsError(
            "the name of the load is not plain",
            place=str(folder),
            remedy="Rename the folder to letters, digits and - _ . + :, best the UTC time of the "
            "extract, such as 20261102T001000Z.",
        )
    manifest = _read_manifest(folder)
    tables = declared_tables(source.crm)
    files = table_files(folder, tables)
    _refuse_missing_tables(folder, files, tables, manifest)
    return Load(
        source_name=source_name,
        source=source,
        folder=folder,
        extracted_at=_extracted_at(folder, manifest),
        complete=manifest.complete,
        files=files,
    )


def _read_manifest(folder: Path) -> LoadManifest:
    path = folder / MANIFEST
    if not path.exists():
        return LoadManifest()
    try:
        return LoadManifest.model_validate_json(path.read_text(encoding="utf-8-sig"))
    except ValidationError as error:
        first = error.errors()[0]
        reason = ": ".join([*map(str, first["loc"]), first["msg"]])
        raise CrmMartsError(
            f"the manifest cannot be read: {reason}",
            place=str(path),
            remedy='It looks like {"extracted_at": "2026-11-02T00:10:00Z", "complete": true, '
            '"tables": ["..."]}; each key is optional.',
        ) from None
    except UnicodeDecodeError:
        raise CrmMartsError(
            "the manifest is not UTF-8", place=str(path), remedy="Write it as UTF-8."
        ) from None


def _extracted_at(folder: Path, manifest: LoadManifest) -> datetime:
    moment = manifest.extracted_at or _time_of_name(folder.name)
    if moment is None:
        raise CrmMartsError(
            "the load says nowhere when it was extracted",
            place=str(folder),
            remedy="Name the folder by the UTC time, such as 20261102T001000Z, or write "
            f"extracted_at into {MANIFEST}.",
        )
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _time_of_name(name: str) -> datetime | None:
    match = _FOLDER_TIME.fullmatch(name)
    if match is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]
    except ValueError:  # such as a month 13
        return None


def _refuse_missing_tables(
    folder: Path, files: dict[str, list[Path]], tables: dict[str, RawTable], manifest: LoadManifest
) -> None:
    expected = set(manifest.tables or [])
    if manifest.tables is None or manifest.complete is not False:
        expected |= {table.name for table in tables.values() if not table.optional}
    missing = expected - set(files)
    if missing:
        raise CrmMartsError(
            f"table {', '.join(sorted(missing))} is missing",
            place=str(folder),
            remedy="A complete load holds every table that is not optional. Export it again; or, "
            f'when only a part was extracted, say "complete": false in {MANIFEST}, with "tables".',
        )
