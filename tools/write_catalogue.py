"""Writes docs/catalogue.md: every mart with its grain, key and columns, in both languages.

The words are those of the models' YAML and of the pack's labels; a test finds a page that is old.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from orchestration.delivery.words import Words
from orchestration.settings import DBT_DIR, PROJECT_DIR

PAGE = PROJECT_DIR / "docs" / "catalogue.md"
MARTS_DIR = DBT_DIR / "models" / "marts"
INTRODUCTION = """\
# Catalogue of the marts

Written from the models by `make catalogue`. All marts stand in schema `marts`; the headings of
columns are those of the monthly pack, in English and Russian.
"""


def catalogue() -> str:
    """The page as the models and labels have it now."""
    models = sorted(
        mart_models(), key=lambda found: (not found[0]["name"].startswith("rpt"), found[1])
    )
    index = "\n".join(
        f"- [`{model['name']}`](#{model['name']}): {Words('en').mart(model['name'])}"
        for model, _ in models
    )
    return "\n".join([INTRODUCTION, index, "", *(_section(model, sql) for model, sql in models)])


def mart_models() -> Iterator[tuple[dict[str, Any], Path]]:
    """YAML and SQL file of each mart that everybody may read."""
    for path in sorted(MARTS_DIR.glob("*/_*__models.yml")):
        if path.parent.name == "restricted":
            continue
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            yield model, path.parent / f"{model['name']}.sql"


def _section(model: dict[str, Any], sql: Path) -> str:
    name, english, russian = model["name"], Words("en"), Words("ru")
    lines = [
        f"## {name}",
        "",
        f"**{english.mart(name)}** · **{russian.mart(name)}**",
        "",
        _one_line(model["description"]),
        "",
    ]
    grain = re.match(r"-- grain: (.+)", sql.read_text(encoding="utf-8"))
    if grain:
        lines += [f"Grain: {grain[1]}.", ""]
    lines += [f"Key: {', '.join(f'`{column}`' for column in _key(model))}.", ""]
    lines += ["| column | type | English | Russian | meaning |", "|---|---|---|---|---|"]
    lines += [
        f"| `{column['name']}` | {column['data_type']} | {english.column(column['name'])} | "
        f"{russian.column(column['name'])} | {_one_line(column['description'])} |"
        for column in model["columns"]
    ]
    return "\n".join([*lines, ""])


def _key(model: dict[str, Any]) -> list[str]:
    for test in model.get("data_tests", []):
        if isinstance(test, dict) and "unique_key" in test:
            columns: list[str] = test["unique_key"]["arguments"]["columns"]
            return columns
    return [
        column["name"]
        for column in model["columns"]
        if {"type": "primary_key"} in column.get("constraints", [])
        or "unique" in column.get("data_tests", [])
    ]


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(catalogue(), encoding="utf-8")
