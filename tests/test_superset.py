"""docs/superset/ is what its tool writes, and names columns that the marts have."""

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import yaml

from tools.write_catalogue import mart_models
from tools.write_superset import FOLDER, bundle

FILES: dict[str, Any] = {
    str(path.relative_to(FOLDER)): path.read_text(encoding="utf-8")
    for path in FOLDER.rglob("*")
    if path.is_file()
}
DATASETS = [yaml.safe_load(text) for name, text in FILES.items() if name.startswith("datasets/")]
CHARTS = [yaml.safe_load(text) for name, text in FILES.items() if name.startswith("charts/")]
[DASHBOARD] = [yaml.safe_load(text) for name, text in FILES.items() if "dashboards/" in name]
BY_UUID = {dataset["uuid"]: dataset for dataset in DATASETS}


@pytest.fixture(scope="module")
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty marts with the columns and types of the models' YAML."""
    with duckdb.connect() as db:
        db.execute("create schema marts")
        for model, _ in mart_models():
            columns = [f"{one['name']} {one['data_type']}" for one in model["columns"]]
            db.execute(f"create table marts.{model['name']} ({', '.join(columns)})")
        yield db


def test_the_folder_is_what_the_tool_writes() -> None:
    assert bundle() == FILES, "run make catalogue"


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: str(dataset["table_name"]))
def test_columns_and_sums_of_a_dataset_are_those_of_its_sql(
    dataset: dict[str, Any], marts: duckdb.DuckDBPyConnection
) -> None:
    found = marts.execute(f"describe {dataset['sql']}").fetchall()
    names = [row[0] for row in found]
    assert len(names) == len(set(names)), "Superset takes no two columns of a name"
    named = {column["column_name"] for column in dataset["columns"]}
    assert named <= set(names), named - set(names)
    for metric in dataset["metrics"]:
        marts.execute(f"select {metric['expression']} from ({dataset['sql']})")


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: str(chart["slice_name"]))
def test_a_chart_names_what_its_dataset_has(
    chart: dict[str, Any], marts: duckdb.DuckDBPyConnection
) -> None:
    dataset, params = BY_UUID[chart["dataset_uuid"]], chart["params"]
    columns = {column["column_name"] for column in dataset["columns"]}
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    orders = {name for text in params.get("order_by_cols", []) for name in re.findall(r"\w+", text)}
    named = {params["x_axis"]} if "x_axis" in params else set()
    named |= {*params.get("groupby", []), *params.get("all_columns", []), *orders - {"true"}}
    assert named <= columns, named - columns
    assert set(params["metrics"]) <= metrics
    assert params.get("x_axis_sort", params.get("x_axis")) in {*metrics, *columns, None}
    for rows in params.get("adhoc_filters", []):
        marts.execute(f"select 1 from ({dataset['sql']}) where {rows['sqlExpression']}")


def test_filters_reach_only_charts_that_have_their_column() -> None:
    shown = {
        part["meta"]["chartId"]: BY_UUID[chart["dataset_uuid"]]
        for part in DASHBOARD["position"].values()
        for chart in CHARTS
        if isinstance(part, dict) and part["meta"].get("uuid") == chart["uuid"]
    }
    assert len(shown) == len(CHARTS)
    for chosen in DASHBOARD["metadata"]["native_filter_configuration"]:
        [target] = chosen["targets"]
        reached = shown.keys() - set(chosen["scope"]["excluded"])
        for dataset in (BY_UUID[target["datasetUuid"]], *(shown[number] for number in reached)):
            columns = {column["column_name"] for column in dataset["columns"]}
            assert target["column"]["name"] in columns, dataset["table_name"]
