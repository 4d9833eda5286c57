"""Writes docs/superset/: a dashboard over the marts as files that Apache Superset imports.

Rows are those of the pack's sections, columns those of the models' YAML, words the pack's labels.
"""

import shutil
from functools import cache
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import yaml

from orchestration.delivery.sections import SECTIONS
from orchestration.delivery.words import Words
from orchestration.settings import PROJECT_DIR
from tools.write_catalogue import mart_models

FOLDER = PROJECT_DIR / "docs" / "superset"
URI = "postgresql+psycopg2://bi@localhost:5432/crm"
WORDS, SECTION = Words("en"), {section.name: section for section in SECTIONS}
SQL = """\
select report.*, periods.period_label{names}
from (
    select *, row_number() over (partition by close_month order by {order}) as row_place
    from marts.{mart}
    where period_kind = 'month' and ({where})
) as report
left join marts.dim_periods as periods using (period_kind, period_start)
"""
NAMES = ", coalesce(managers.manager_name, report.{owner}, 'no manager') as manager_name, team"
# Namesakes are told apart: a chart would add them up.
OF_MANAGERS = """\
left join (
    select manager_id, team, manager_name || case when count(*) over (partition by manager_name) > 1
        then ' (' || manager_id || ')' else '' end as manager_name
    from marts.dim_managers
) as managers on managers.manager_id = report.{owner}
"""
Content = dict[str, Any]


class Chart(NamedTuple):
    """Sums of a section's columns over `by`, or its own rows; `more` is handed on to Superset."""

    section: str
    title: str
    kind: str = "table"
    by: str = ""
    sums: tuple[str, ...] = ()
    more: Content | None = None


LINE, BARS = "echarts_timeseries_line", "echarts_timeseries_bar"
MONTH, MANAGER, TEAM = "period_label", "manager_name", "team"
PLACE: Content = {"column_name": "row_place", "type": "BIGINT"}
AGES = tuple(f"overdue_{age}_days_count" for age in ("1_to_7", "8_to_30", "31_to_90", "over_90"))
DONE = ("completed_on_time_count", "completed_late_count", "cancelled_count", "overdue_count")
ALL = {"expressionType": "SQL", "clause": "WHERE", "sqlExpression": "characteristic = 'all'"}
COMPANY, STACKED = {"adhoc_filters": [ALL]}, {"stack": "Stack", "show_legend": True}
KINDS = STACKED | {"groupby": ["interaction_kind"]}
CHARTS = {
    1: Chart("growth", "growth_chart", LINE, MONTH, ("closing_client_count",), COMPANY),
    2: Chart("activity", "kinds_chart", BARS, MONTH, ("interaction_count",), KINDS),
    3: Chart("segments", "segments_title", BARS, "segment_title", ("client_count",)),
    4: Chart("load", "load_chart", BARS, MANAGER, ("main_client_count",)),
    5: Chart("outcomes", "ageing_chart", BARS, MANAGER, AGES, STACKED),
    6: Chart("plan", "plan_chart", BARS, MANAGER, ("fulfilled_count", "planned_count")),
    7: Chart("outcomes", "outcomes_title", "table", MANAGER, DONE),
    8: Chart("deadlines", "deadlines_title"),
    9: Chart("ranking", "ranking_title"),
    10: Chart("no_contact", "no_contact_title"),
}
ROWS = ((1, 2), (3, 4), (5, 6), (7, 8), (9,), (10,))


class _Yaml(yaml.SafeDumper):  # lists are indented, SQL stands as it is
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, "|" if "\n" in text else None)


_Yaml.add_representer(str, _Yaml.text)


def bundle() -> dict[str, str]:
    """Texts of the files by their paths in the folder."""
    database = {"database_name": "CRM marts", "sqlalchemy_uri": URI, "extra": {}}
    files = {"databases/crm_marts": database, "dashboards/crm_reports": _dashboard()}
    files |= {f"charts/{chart.title}": _chart(chart) for chart in CHARTS.values()}
    files |= {f"datasets/crm_marts/{c.section}": _dataset(c.section) for c in CHARTS.values()}
    texts = {f"{name}.yaml": _text(file | {"uuid": _uuid(name)}) for name, file in files.items()}
    return texts | {"metadata.yaml": _text({"type": "Dashboard"})}


def _text(file: Content) -> str:
    return str(yaml.dump(file | {"version": "1.0.0"}, Dumper=_Yaml, allow_unicode=True))


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"crm-marts/superset/{name}"))


@cache
def _columns() -> dict[str, dict[str, Content]]:
    """Columns of each mart by name, as the models' YAML has them."""
    return {
        mart["name"]: {one["name"]: one for one in mart["columns"]} for mart, _ in mart_models()
    }


def _column(column: Content) -> Content:
    name, kind, text = column["name"], column["data_type"], " ".join(column["description"].split())
    shown = {"column_name": name, "verbose_name": WORDS.column(name), "description": text}
    return shown | {"type": kind.upper(), "is_dttm": kind in ("date", "timestamp")}


def _metrics(chart: Chart) -> list[Content]:
    """A chart's sums; Superset draws them in the order of their names."""
    return [
        {"metric_name": f"sum_{place}_{column}", "expression": f"sum({column})"}
        | {"verbose_name": WORDS.column(column), "d3format": ",d"}
        for place, column in enumerate(chart.sums, 1)
    ]


def _dataset(name: str) -> Content:
    section, names, managers = SECTION[name], "", ""
    columns = _columns()[section.mart] | {MONTH: _columns()["dim_periods"][MONTH]}
    if owner := section.owner:
        names, managers = NAMES.format(owner=owner), OF_MANAGERS.format(owner=owner)
        columns |= {key: _columns()["dim_managers"][key] for key in (MANAGER, TEAM)}
    where, order = (" ".join(part.split()) for part in (section.where, section.order))
    place = {"database_uuid": _uuid("databases/crm_marts"), "schema": "marts"}
    return place | {
        "table_name": f"crm_{name}",
        "description": WORDS.meaning(section.mart),
        "sql": SQL.format(mart=section.mart, where=where, order=order, names=names) + managers,
        "columns": [_column(columns[key]) for key in columns if key != owner] + [PLACE],
        "metrics": [one for c in CHARTS.values() if c.section == name for one in _metrics(c)],
    }


def _chart(chart: Chart) -> Content:
    section, sums = SECTION[chart.section], [one["metric_name"] for one in _metrics(chart)]
    params: Content = {"viz_type": chart.kind, "metrics": sums, "show_cell_bars": False}
    if chart.kind != "table":
        sort, side = (MONTH, "vertical") if chart.by == MONTH else (sums[-1], "horizontal")
        params |= {"x_axis": chart.by, "x_axis_sort": sort, "orientation": side}
        params |= {"x_axis_sort_asc": True, "y_axis_format": ",d", "show_legend": len(sums) > 1}
        params |= {"sort_series_type": "name", "sort_series_ascending": True}
    elif chart.by:
        params |= {"query_mode": "aggregate", "groupby": [chart.by]}
    else:
        shown = [MANAGER if name == section.owner else name for name in section.columns]
        formats = {name: ".0%" if name.endswith("_share") else ",.2~f" for name in shown}
        params |= {"column_config": {name: {"d3NumberFormat": formats[name]} for name in shown}}
        params |= {"query_mode": "raw", "all_columns": shown, "table_timestamp_format": "%Y-%m-%d"}
        params |= {"order_by_cols": ['["row_place", true]']}
    words = {"slice_name": WORDS.text(chart.title), "description": WORDS.meaning(section.mart)}
    data = {"dataset_uuid": _uuid(f"datasets/crm_marts/{chart.section}")}
    return words | data | {"viz_type": chart.kind, "params": params | (chart.more or {})}


def _dashboard() -> Content:
    position = _part("ROOT_ID", ["GRID_ID"]) | _part("GRID_ID", [f"ROW-{row[0]}" for row in ROWS])
    for row in ROWS:
        position |= _part(f"ROW-{row[0]}", [f"CHART-{number}" for number in row])
        for number in row:
            place = {"chartId": number, "uuid": _uuid(f"charts/{CHARTS[number].title}")}
            position |= _part(f"CHART-{number}", [], **place, width=12 // len(row), height=50)
    filters = [_filter("this_month", MONTH), _filter("team", TEAM), _filter("manager", MANAGER)]
    shown = {"dashboard_title": "CRM reports", "slug": "crm-reports", "published": True}
    shown |= {"metadata": {"native_filter_configuration": filters}}
    return shown | {"position": {"DASHBOARD_VERSION_KEY": "v2"} | position}


def _part(name: str, children: list[str], **meta: object) -> Content:
    kind = name.replace("_", "-").split("-")[0]
    return {name: {"type": kind, "id": name, "children": children, "meta": meta}}


def _filter(label: str, column: str) -> Content:
    """A choice of managers, or of the month: charts of the company, or over time, go without."""
    is_month = column == MONTH
    company = [n for n, chart in CHARTS.items() if not SECTION[chart.section].owner]
    months = [n for n, chart in CHARTS.items() if chart.by == MONTH]
    target = {"column": {"name": column}, "datasetUuid": _uuid("datasets/crm_marts/load")}
    scope = {"rootPath": ["ROOT_ID"], "excluded": months if is_month else company}
    choice = {"multiSelect": not is_month, "sortAscending": not is_month}
    choice |= {"defaultToFirstItem": is_month, "enableEmptyFilter": is_month}
    kind = {"type": "NATIVE_FILTER", "filterType": "filter_select", "name": WORDS.text(label)}
    shown = {"targets": [target], "scope": scope, "controlValues": choice, "defaultDataMask": {}}
    return kind | shown | {"id": f"NATIVE_FILTER-{column}", "requiredFirst": is_month}


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, text in bundle().items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(text, encoding="utf-8")
