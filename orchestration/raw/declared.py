"""What a CRM's extract has to hold, as declared in models/staging/<crm>/_<crm>__sources.yml."""

from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import STAGING_DIR, Settings


@dataclass(frozen=True)
class RawTable:
    """One declared raw table; all columns are text.

    `aliases` are other names of columns in delivered files. `rows_at` are keys under which a JSON
    document may keep its rows, as pages of a web service do, such as ("result", "tasks").
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    required: frozenset[str]
    optional: bool
    ignores_other_columns: bool
    has_client_characteristics: bool = False
    aliases: dict[str, str] = field(default_factory=dict, hash=False)
    rows_at: tuple[str, ...] = ()

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Columns and aliases."""
        return frozenset([*self.columns, *self.aliases])

    def column(self, name: str) -> str:
        """The declared column that a delivered name stands for; other names stay as they are."""
        return name if name in self.columns else self.aliases.get(name, name)


def sources_file(crm: str) -> Path:
    """Path of the YAML that declares a CRM's raw tables."""
    return STAGING_DIR / crm / f"_{crm}__sources.yml"


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = node.get("config", {}).get("meta", {})
    return meta


@cache
def declared_tables(crm: str) -> dict[str, RawTable]:
    """Declared raw tables of a CRM by name.

    Source of truth is the dbt sources file, so that landing, staging and docs cannot drift.
    """
    declared = yaml.safe_load(sources_file(crm).read_text(encoding="utf-8"))
    return {node["name"]: declared_table(crm, node) for node in declared["sources"][0]["tables"]}


def declared_table(crm: str, node: dict[str, Any]) -> RawTable:
    """The table that a node of a sources file declares."""
    meta = _meta(node)
    columns = tuple(column["name"] for column in node["columns"])
    unknown_key = set(meta["key"]) - set(columns)
    if unknown_key:
        raise ValueError(f"{sources_file(crm)}: key of {node['name']} names {unknown_key}")
    aliases = [(alias, c["name"]) for c in node["columns"] for alias in _meta(c).get("aliases", [])]
    names = [*columns, *(alias for alias, _ in aliases)]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"{sources_file(crm)}: {node['name']} has two columns of name {doubled}")
    return RawTable(
        name=node["name"],
        columns=columns,
        key=tuple(meta["key"]),
        required=frozenset(c["name"] for c in node["columns"] if not _meta(c).get("optional")),
        optional=bool(meta.get("optional")),
        ignores_other_columns=bool(meta.get("ignores_other_columns")),
        has_client_characteristics=bool(meta.get("client_characteristics")),
        aliases=dict(aliases),
        rows_at=tuple(meta.get("rows_at", [])),
    )


def tables_in_use(settings: Settings, crm: str) -> dict[str, RawTable]:
    """Declared tables of a CRM, those of clients with the further columns that settings name."""
    further = {
        characteristic.column: None
        for source in settings.sources.values()
        if source.crm == crm
        for characteristic in source.characteristics.values()
    }
    return {
        name: replace(table, columns=tuple(dict.fromkeys([*table.columns, *further])))
        if table.has_client_characteristics
        else table
        for name, table in declared_tables(crm).items()
    }
