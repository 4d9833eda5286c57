"""Loads in the drop folder: <raw_dir>/<source>/<load>/ with one file per table."""

import hashlib
import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestration.errors import CrmMartsError
from orchestration.raw.declared import RawTable, declared_tables
from orchestration.raw.manifest import MANIFEST, LoadManifest, extracted_at, read_manifest
from orchestration.raw.settled import Waiting, waiting
from orchestration.raw.table_files import plain_name, table_files
from orchestration.settings import Settings, Source

_PLAIN_NAME = re.compile(r"[\w.+: -]+")


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
        partial = {load.folder for load in unfinished}
        whole = [
            _read_load(name, source, path) for path in load_folders(folder) if path not in partial
        ]
        behind = {
            load.load_id: _behind(load, unfinished) for load in whole if load.load_id not in landed
        }
        held += [*unfinished, *(waits for waits in behind.values() if waits)]
        free = [load for load in whole if not behind.get(load.load_id)]
        loads += sorted(free, key=lambda load: load.extracted_at)
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


def _behind(load: Load, unfinished: list[Waiting]) -> Waiting | None:
    """Why a whole load waits: for one that is older, or does not say its time yet."""
    for other in unfinished:
        try:
            at = extracted_at(other.folder, read_manifest(other.folder))
        except CrmMartsError:
            at = load.extracted_at
        if at <= load.extracted_at:
            reason = f"{other.load_id} comes before it and is not whole yet"
            return Waiting(load.load_id, load.folder, reason, None)
    return None


def _read_load(source_name: str, source: Source, folder: Path) -> Load:
    if not _PLAIN_NAME.fullmatch(folder.name):
        raise CrmMartsError(
            "the name of the load is not plain",
            place=str(folder),
            remedy="Rename the folder to letters, digits and - _ . + :, best the UTC time of the "
            "extract, such as 20261102T001000Z.",
        )
    manifest = read_manifest(folder)
    tables = declared_tables(source.crm)
    files = table_files(folder, tables)
    _refuse_missing_tables(folder, files, tables, manifest)
    return Load(
        source_name=source_name,
        source=source,
        folder=folder,
        extracted_at=extracted_at(folder, manifest),
        complete=manifest.complete,
        files=files,
    )


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
