"""`_load.json` of a load, and when the load was extracted."""

import re
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.errors import CrmMartsError

MANIFEST = "_load.json"
_FOLDER_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T_ -]?(\d\d)[:-]?(\d\d)(?:[:-]?(\d\d))?)?Z?")


class LoadManifest(BaseModel):
    """`_load.json`, all keys optional: when the extract was taken and what it holds."""

    model_config = ConfigDict(extra="forbid")

    extracted_at: datetime | None = None
    complete: bool | None = None
    tables: list[str] | None = None


def read_manifest(folder: Path) -> LoadManifest:
    """What the manifest says; without one, nothing. Raises CrmMartsError when it is malformed."""
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


def extracted_at(folder: Path, manifest: LoadManifest) -> datetime:
    """Time of the extract, UTC. Raises CrmMartsError when neither manifest nor name says."""
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
