"""What the warehouse holds of its last build, and whether the next one can start from there."""

import json
from dataclasses import asdict, dataclass

from orchestration.close.edition import code_version
from orchestration.close.examined import Examined, present_stamp
from orchestration.close.period import RunPeriod
from orchestration.durable import write_text
from orchestration.raw.kept import LandedLoad
from orchestration.settings import Settings, contract_tables, tells_changes


@dataclass(frozen=True)
class Built:
    """A finished build: by which knowledge, code and inputs, from which loads (by id).

    `base` is the stamp of the build that it brought up to date, None where all was built anew.
    """

    stamp: Examined
    load_ids: list[str]
    base: Examined | None


def forget_other_code(settings: Settings) -> None:
    """Remove marts that another version of the models built; editions hold what they showed.

    Their tables keep that version's columns, types and constraints, which would round or refuse
    the rows of the present one.
    """
    built = settings.building_db
    stamp, version = built.with_suffix(".version"), code_version()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == version:
        return
    for path in (built, built.with_suffix(".duckdb.wal")):
        path.unlink(missing_ok=True)
    built.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(version, encoding="utf-8")


def new_since_built(
    settings: Settings, period: RunPeriod, loads: list[LandedLoad]
) -> list[LandedLoad] | None:
    """Loads by which an update brings the last build up to the period's knowledge.

    None where all has to be built anew: the last build was not finished, was made by other code,
    settings or lists, knows loads that the period does not, or a CRM's folder does not tell which
    interactions a load changes (int_<crm>__changed_interactions).
    """
    built = _read(settings)
    if built is None or not all(map(_is_updated, settings.crms)):
        return None
    present = present_stamp(settings, period.as_of)
    if (built.stamp.code_version, built.stamp.inputs) != (present.code_version, present.inputs):
        return None
    known = {load.load_id for load in loads if load.extracted_at <= period.as_of}
    if not known.issuperset(built.load_ids):
        return None
    new = known.difference(built.load_ids)
    return [load for load in loads if load.load_id in new]


def forget_built(settings: Settings) -> Examined | None:
    """Say that the warehouse is between two builds: a killed one leaves nothing to start from.

    Returns the stamp of the build that it held.
    """
    built = _read(settings)
    settings.built_note.unlink(missing_ok=True)
    return built.stamp if built else None


def note_built(
    settings: Settings, period: RunPeriod, loads: list[LandedLoad], base: Examined | None
) -> None:
    """Say what a finished build holds, and which one it started from."""
    known = [load.load_id for load in loads if load.extracted_at <= period.as_of]
    built = Built(present_stamp(settings, period.as_of), known, base)
    write_text(settings.built_note, json.dumps(asdict(built), indent=1))


def base_of_build(settings: Settings) -> Examined | None:
    """The stamp of the build that the last one brought up to date, None where it did not."""
    built = _read(settings)
    return built.base if built else None


def _read(settings: Settings) -> Built | None:
    note = settings.built_note
    if not (note.is_file() and settings.work_db.is_file()):
        return None
    raw = json.loads(note.read_text(encoding="utf-8"))
    base = raw["base"] and Examined(**raw["base"])
    return Built(Examined(**raw["stamp"]), raw["load_ids"], base)


def _is_updated(crm: str) -> bool:
    has_interactions = any(name.startswith("interaction") for name in contract_tables(crm))
    return tells_changes(crm) or not has_interactions
