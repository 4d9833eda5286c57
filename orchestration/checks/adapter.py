"""The one place that runs Great Expectations: an expectation over a small relation, as SQL.

The rows to be judged are computed once by DuckDB into `scratch()`; Great Expectations then asks
them its questions in SQL as often as it likes, and never touches a raw table.
"""

import importlib.util
import logging
import os
import sys
from collections.abc import Mapping
from functools import cache
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import duckdb

from orchestration.checks.expectations import Expectation
from orchestration.checks.result import MAX_FAILING_KEYS, CheckResult

SCRATCH = ":memory:crm_marts_checks"
# Each judged relation has this column: what is named when its row fails.
SUBJECT = "subject"


@cache
def scratch() -> duckdb.DuckDBPyConnection:
    """The process's in-memory database of judged relations; its files are only attached."""
    return duckdb.connect(SCRATCH)


class _LoadedWhenUsed(ModuleType):
    """Stands for a module until one of its names is looked at.

    importlib's LazyLoader is woken by any look: dbt asks every module for its file.
    """

    def __init__(self, spec: ModuleSpec) -> None:
        """Know what can be told of the module without loading it."""
        super().__init__(spec.name)
        self.__spec__, self.__file__ = spec, spec.origin

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            sys.modules.pop(self.__name__, None)
        return getattr(importlib.import_module(self.__name__), name)


def _load_when_used(name: str) -> None:
    """Let a module be loaded by the first look at one of its names."""
    spec = importlib.util.find_spec(name)
    if name not in sys.modules and spec:
        sys.modules[name] = later = _LoadedWhenUsed(spec)
        package, _, module = name.rpartition(".")
        if package:
            setattr(sys.modules[package], module, later)


@cache
def _datasource() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # Great Expectations imports them for expectations about distributions, and their pictures: a
    # third of its start.
    for module in ("scipy.stats", "altair"):
        _load_when_used(module)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from orchestration.checks.engine import DRIVER

    # It tells of each temporary folder, which nobody asked for.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)

    scratch()  # lives as long as one connection is open
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context.data_sources.add_sql("scratch", connection_string=f"{DRIVER}:///{SCRATCH}")


@cache
def _batch_definition(relation: str) -> Any:
    # A table asset would be reflected through pg_catalog, which costs more than the check itself.
    asset = _datasource().add_query_asset(relation, f"select * from {relation}")
    return asset.add_batch_definition_whole_table("all")


def failing_subjects(
    relation: str, expectation: str, kwargs: Mapping[str, Any], parameters: Mapping[str, Any]
) -> list[str] | None:
    """Judge a relation of `scratch()`; None when it is as expected, else the rows that are not.

    `expectation` is a class of great_expectations.expectations that judges row by row; a value
    {"$PARAMETER": name} in `kwargs` is looked up in `parameters`. Raises RuntimeError when the
    expectation could not be computed, which Great Expectations reports as a plain failure.
    """
    batch = _batch_definition(relation).get_batch()
    from great_expectations import expectations

    validation = batch.validate(
        getattr(expectations, expectation)(**kwargs),
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": [SUBJECT],
        },
        expectation_parameters=dict(parameters),
    )
    if crash := _crash(validation.exception_info or {}):
        raise RuntimeError(f"{expectation} over {relation} could not be computed: {crash}")
    if validation.success:
        return None
    return [str(row[SUBJECT]) for row in validation.result["unexpected_index_list"]]


def _crash(exception_info: Mapping[str, Any]) -> str:
    """Message of the exception; one flat record, or one record by metric."""
    flat = "raised_exception" in exception_info
    for record in [exception_info] if flat else exception_info.values():
        if record["raised_exception"]:
            return str(record["exception_message"])
    return ""


def judge(relation: str, line: Expectation, asset: str, limits: Mapping[str, float]) -> CheckResult:
    """Judge a relation of `scratch()` that holds the rows of an expectation, worst first."""
    failing = failing_subjects(relation, line.expectation, line.kwargs, limits)
    worst = scratch().execute(f"select observed from {relation} order by rowid limit 1").fetchall()
    return CheckResult(
        asset=asset,
        name=line.name,
        passed=failing is None,
        is_blocking=line.is_blocking,
        observed=str(worst[0][0]) if worst else "nothing to judge",
        threshold=line.threshold.format(**limits),
        failing_keys=(failing or [])[:MAX_FAILING_KEYS],
        remedy=line.remedy,
        failing_count=len(failing or []),
    )
