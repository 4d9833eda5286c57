"""Replays: an edition computed once more from the kept loads, as it was known and configured."""

import json
import shutil
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from orchestration.close.edition import (
    Edition,
    code_version,
    edition_dir,
    find_edition,
    mart_contents,
    recorded_inputs,
    verify_edition,
)
from orchestration.close.leftovers import scratch_warehouse
from orchestration.close.marts import marts_of
from orchestration.close.period import Month, RunPeriod, write_run_period
from orchestration.dbt import hand_on_parsed_project, parsed_project, run_dbt
from orchestration.engines import warehouse
from orchestration.errors import CrmMartsError
from orchestration.raw.landing import landed_loads, refresh_history
from orchestration.settings import EMBEDDED, Settings, Source


class RecordedSettings(Settings):
    """Settings of an edition: neither the file nor the environment of today has a say."""

    @property
    def dbt_project(self) -> Path:
        """A copy of the project, beside which lie the edition's own lists."""
        return self.warehouse_dir.with_name("dbt_project")

    @property
    def dbt_dir(self) -> Path:
        """The project parsed with other settings lies beside the warehouse of its own."""
        return self.warehouse_dir.with_name("dbt")

    @classmethod
    def settings_customise_sources(  # noqa: D102
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


@dataclass(frozen=True)
class Replay:
    """What a replay found: `differing` names the marts whose rows are not the edition's."""

    edition: Edition
    code_version: str
    differing: list[str]

    @property
    def is_same_code(self) -> bool:
        """The models are those that made the edition, so that any difference is a fault."""
        return self.code_version == self.edition.code_version


@dataclass(frozen=True)
class Filled:
    """A table that dbt filled, and by which SQL; `is_monthly` when it keeps all months."""

    relation: str
    query: str
    is_monthly: bool


def replay(settings: Settings, month: Month, number: int | None) -> Replay:
    """Compute an edition again beside the warehouse and compare all its marts by content hash.

    Raises CrmMartsError when there is no such edition, or its files or loads are not as recorded.
    """
    edition = find_edition(settings, month, number)
    verify_edition(edition_dir(settings, edition), edition)
    _refuse_missing_loads(settings, edition)
    with scratch_warehouse(settings) as folder:
        recorded = recorded_settings(settings, edition, folder)
        refresh_history(recorded)
        compute(recorded, edition.period)
        built = mart_contents(recorded, marts_of(parsed_project(recorded)), month)
    names = sorted(built.keys() | edition.marts.keys())
    differing = [name for name in names if built.get(name) != edition.marts.get(name)]
    return Replay(edition, code_version(), differing)


def compute(settings: Settings, period: RunPeriod, *select: str) -> list[Filled]:
    """Build the models (those that `select` names) for a period, without their tests.

    The tables that were filled, in an order in which they can be filled again.
    """
    write_run_period(settings, period)
    without = [f"--exclude-resource-type={kind}" for kind in ("unit_test", "test")]
    result = run_dbt(settings, ["build", *without, *(["--select", *select] if select else [])])
    if not result.success:
        failed = [f"{r.node.name}: {r.message}" for r in result.result or [] if r.message]
        raise RuntimeError(f"{period.month} cannot be computed: {failed or result.exception}")
    nodes = [done.node for done in result.result]
    return [
        Filled(node.relation_name, node.compiled_code, node.config.materialized == "incremental")
        for node in nodes
        if node.resource_type == "model" and node.config.materialized != "view"
    ]


def compute_again(settings: Settings, period: RunPeriod, tables: list[Filled]) -> None:
    """Fill the tables of an earlier `compute` again: other rows lie beneath, or the period differs.

    Models name neither a month nor a moment, they read run_period: what dbt compiled stays right.
    Of a small company dbt's own work around a model takes longer than the model.
    """
    write_run_period(settings, period)
    with warehouse(settings, read_only=False) as db:
        for table in tables:
            of_month = f" where close_month = date '{period.month.first_day}'"
            try:
                db.execute(f"delete from {table.relation}{of_month if table.is_monthly else ''}")
                db.execute(f"insert into {table.relation} by name {table.query}")
            except duckdb.Error as error:
                message = f"{period.month} cannot be computed: {table.relation}: {error}"
                raise RuntimeError(message) from error


def recorded_settings(settings: Settings, edition: Edition, folder: Path) -> Settings:
    """Settings under which the edition was made, with a warehouse of their own in the folder.

    What the models of today ask for and the edition does not know yet is as it is today; what they
    do not know any more is left out.
    """
    shutil.copytree(settings.dbt_project, folder / "dbt_project")
    lists = folder / "seeds" / "reference"
    shutil.copytree(settings.reference_dir, lists)
    for name, text in edition.reference_lists.items():
        if (lists / name).exists():
            (lists / name).write_text(text, encoding="utf-8")
    today, _ = recorded_inputs(settings)
    recorded = today | edition.configuration | {"engine": EMBEDDED}
    segments = folder / "named_segments.yml"
    segments.write_text(json.dumps(recorded.pop("named_segments")), encoding="utf-8")
    for block in ("close", "rules", "checks"):
        recorded[block] = today[block] | _known(recorded[block], today[block])
    recorded["sources"] = {
        name: _known(source, Source.model_fields) for name, source in recorded["sources"].items()
    }
    copy = RecordedSettings(
        **{key: value for key, value in recorded.items() if key in Settings.model_fields},
        raw_dir=settings.raw_dir,
        data_dir=settings.data_dir,
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        named_segments_file=segments,
        scratch_dir=folder,
    )
    hand_on_parsed_project(settings.beside(folder), copy)
    return copy


def _known(block: dict[str, Any], known: Container[str]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if key in known}


def _refuse_missing_loads(settings: Settings, edition: Edition) -> None:
    kept = {load.load_id for load in landed_loads(settings)}
    missing = [load_id for load_id in edition.load_ids if load_id not in kept]
    if missing:
        raise CrmMartsError(
            f"edition {edition.number} of {edition.month} was made from loads that are not kept "
            f"any more: {', '.join(missing)}",
            place=str(settings.history_dir),
            remedy="Put them back from a backup of the data folder.",
        )
