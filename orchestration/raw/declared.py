"""What a CRM's extract has to hold, as declared in models/staging/<crm>/_<crm>__sources.yml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import STAGING_DIR


@dataclass(frozen=True)
class RawTable:
    """One declared raw table; all columns are text."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    required: frozenset[str]
    optional: bool
    ignores_other_columns: bool


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
    tables = {}
    for node in declared["sources"][0]["tables"]:
        meta = _meta(node)
        columns = tuple(column["name"] for column in node["columns"])
        unknown_key = set(meta["key"]) - set(columns)
        if unknown_key:
            raise ValueError(f"{sources_file(crm)}: key of {node['name']} names {unknown_key}")
        tables[node["name"]] = RawTable(
            name=node["name"],
            columns=columns,
            key=tuple(meta["key"]),
            required=frozenset(c["name"] for c in node["columns"] if not _meta(c).get("optional")),
            optional=bool(meta.get("optional")),
            ignores_other_columns=bool(meta.get("ignores_other_columns")),
        )
    return tables
