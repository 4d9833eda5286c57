"""Runs sqlfluff over the dbt project with the variables that a close of all CRMs hands to dbt."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from orchestration.dbt import prepare_databases
from orchestration.raw.history import refresh_history
from orchestration.settings import DBT_DIR, PROJECT_DIR, Settings, Source, known_crms

CORES = 2


def main() -> int:
    """Lint or fix (the first argument) the given files, or all models and tests; exit code."""
    verb, *paths = sys.argv[1:]
    files = paths or [str(path) for top in ("models", "tests") for path in _sql_files(top)]
    # sqlfluff reads dbt's files one by one: each core has a part of them.
    parts = [part for core in range(CORES) if (part := files[core::CORES])]
    running = [_start(verb, part, f"lint-{number}") for number, part in enumerate(parts)]
    return max(process.wait() for process in running)


def _start(verb: str, files: list[str], folder: str) -> subprocess.Popen[bytes]:
    """Start sqlfluff; a folder of its own, as only one process can open a warehouse."""
    settings = _settings(folder)
    prepare_databases(settings)
    refresh_history(settings)
    # sqlfluff takes nested variables from TOML alone, and that from a file of this name alone.
    config = settings.data_dir / "dbt" / "sqlfluff" / "pyproject.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("\n".join(_toml("tool.sqlfluff.templater.dbt", _templater(settings))))
    command = [str(Path(sys.executable).with_name("sqlfluff")), verb, "--config", str(config)]
    command.append("--disable-progress-bar")
    environment = {**os.environ, "DBT_TARGET_PATH": str(config.parents[1] / "target")}
    return subprocess.Popen([*command, *files], cwd=PROJECT_DIR, env=environment)


def _sql_files(top: str) -> list[Path]:
    """Models or singular tests; generic tests are macros, which sqlfluff leaves out."""
    found = sorted((DBT_DIR / top).rglob("*.sql"))
    return [path for path in found if path.parent.name != "generic"]


def _settings(folder: str) -> Settings:
    """The project's settings with a source of each CRM: no folder is left out."""
    settings = Settings()  # type: ignore[call-arg]  # filled from crm_marts.toml
    sources = {crm: Source(crm=crm) for crm in known_crms()}
    update = {"sources": sources, "data_dir": settings.data_dir / folder}
    return settings.model_copy(update=update)


def _templater(settings: Settings) -> dict[str, Any]:
    return {
        "project_dir": str(DBT_DIR),
        "profiles_dir": str(DBT_DIR),
        "context": settings.dbt_vars(),
    }


def _toml(table: str, values: dict[str, Any]) -> list[str]:
    """Lines of a TOML table and its nested tables."""
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    lines = [
        f"[{table}]",
        *(f"{json.dumps(key)} = {_inline(value)}" for key, value in plain.items()),
    ]
    for key, value in values.items():
        if isinstance(value, dict):
            lines += _toml(f"{table}.{json.dumps(key)}", value)
    return lines


def _inline(value: Any) -> str:
    """A value as TOML has it on one line; scalars are those of JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
