"""Up to which knowledge, and by which code and inputs, each closed month was last computed."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestration.close.edition import Edition, code_version, recorded_inputs
from orchestration.durable import write_text
from orchestration.raw.kept import landed_loads
from orchestration.settings import EMBEDDED, Settings

FILE = "examined.json"
# Settings of the close and of sources that do not make a closed month worth computing again.
DECIDES_NO_FIGURE = (
    *("max_load_age_days", "max_recomputed_months", "kept_releases", "grace_days", "closes_on"),
)


@dataclass(frozen=True)
class Examined:
    """One computation of a month: `as_of` in ISO, `inputs` a digest of settings and lists.

    `loads` is a digest of the loads known then: one can come late that was taken before as_of.
    """

    as_of: str
    code_version: str
    inputs: str
    loads: str = ""


NEVER = Examined("", "", "")


def present_stamp(settings: Settings, as_of: datetime) -> Examined:
    """The stamp of a month that is computed now, as known at a moment."""
    known = [load.load_id for load in landed_loads(settings) if load.extracted_at <= as_of]
    inputs = _digest(recorded_inputs(settings))
    return Examined(as_of.isoformat(), code_version(), inputs, _digest_of_loads(known))


def stamp_of(edition: Edition) -> Examined:
    """The stamp under which an edition was made."""
    inputs = (edition.configuration, edition.reference_lists)
    loads = _digest_of_loads(edition.load_ids)
    return Examined(edition.as_of.isoformat(), edition.code_version, _digest(inputs), loads)


def _digest_of_loads(load_ids: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(load_ids)).encode()).hexdigest()[:16]


def _digest(inputs: tuple[dict[str, Any], dict[str, str]]) -> str:
    configuration, lists = inputs
    close = {k: v for k, v in configuration["close"].items() if k not in DECIDES_NO_FIGURE}
    sources = {
        name: {k: v for k, v in source.items() if k not in DECIDES_NO_FIGURE}
        for name, source in configuration["sources"].items()
    }
    # All engines give the same rows: which of them made a month decides nothing.
    same = {"checks": None, "engine": EMBEDDED}
    deciding = [configuration | {"close": close, "sources": sources} | same, lists]
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:16]


def read_stamps(settings: Settings) -> dict[str, Examined]:
    """Stamps by month of the months that were examined since they were closed."""
    path = settings.restatements_dir / FILE
    if not path.is_file():
        return {}
    raw = json.loads(path.read_text(encoding="utf-8"))
    return {month: Examined(**stamp) for month, stamp in raw.items()}


def write_stamps(settings: Settings, stamps: dict[str, Examined]) -> None:
    """Replace the file of stamps by one rename."""
    settings.restatements_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps({month: vars(stamp) for month, stamp in stamps.items()}, indent=1)
    write_text(settings.restatements_dir / FILE, text)
