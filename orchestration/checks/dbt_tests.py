"""dbt tests as checks: which rows failed, by their keys, and what a failing row means."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.checks.result import MAX_FAILING_KEYS, CheckResult
from orchestration.close.marts import marts_of
from orchestration.engines import engine_of
from orchestration.settings import Settings

OUTCOMES = ("pass", "warn", "fail")


def result_of_test(settings: Settings, manifest: Any, node_result: Any, asset: str) -> CheckResult:
    """Outcome of a dbt test that ran; the databases must have been released.

    `node_result` is dbt's own, `manifest` the parsed project.
    """
    node, status = node_result.node, node_result.status
    failed, is_error = status != "pass", node.config.severity.lower() == "error"
    code = node.compiled_code
    return CheckResult(
        asset=asset,
        name=node.name,
        passed=not failed,
        is_blocking=status == "fail" or (not failed and is_error),
        observed=f"{node_result.failures or 0} rows",
        threshold="none",
        failing_keys=_failing_keys(settings, manifest, code) if failed else [],
        remedy=_meaning(settings.dbt_project, manifest, node) if failed else "",
        failing_count=(node_result.failures or 0) if failed else 0,
    )


def _failing_keys(settings: Settings, manifest: Any, code: str) -> list[str]:
    """The first failing rows as `column value, ...`, without what only restricted marts show."""
    hidden = {
        name
        for mart in marts_of(manifest)
        if mart.is_restricted
        for name in mart.columns
        if name not in mart.key
    }
    failing = f"select * from ({code}) as failing limit {MAX_FAILING_KEYS}"
    return [_line(row, hidden) for row in engine_of(settings).rows(settings, failing)]


def _line(row: Mapping[str, Any], hidden: set[str]) -> str:
    return ", ".join(
        f"{name} {value}" for name, value in row.items() if name not in hidden and value is not None
    )


def _meaning(project: Path, manifest: Any, node: Any) -> str:
    """The comment at the head of the test's file."""
    path = node.original_file_path
    if metadata := getattr(node, "test_metadata", None):
        macro = manifest.macros.get(f"macro.{node.package_name}.test_{metadata.name}")
        if macro is None:  # one of dbt's own
            return f"dbt's test {metadata.name}: see the query."
        path = macro.original_file_path
    text = (project / path).read_text(encoding="utf-8")
    comment = re.match(r"\{#-?(.*?)-?#\}|((?:--[^\n]*\n)+)", text, flags=re.DOTALL)
    lines = (comment[1] or comment[2]).splitlines() if comment else []
    return " ".join(line.removeprefix("--").strip() for line in lines).strip()
