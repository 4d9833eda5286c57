"""Rules for the dbt project that no linter knows: layers, portable constructs, descriptions."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from orchestration.settings import DBT_DIR, known_crms

# What engines.md bans, with what to use instead. Macros in macros/engines may know their engine.
BANNED = {
    r"\bqualify\b": "a window function in a step of its own",
    r"\bgroup by all\b": "name the columns",
    r"::\s*[a-z]": "cast(... as ...)",
    r"\btry_cast\b": "a pattern guard, such as parse_timestamp",
    r"\bmedian\s*\(": "the macro percentile",
    r"\bilike\b": "lower(...) like ...",
    r"\b(max_by|min_by|arg_max|arg_min)\s*\(": "row_number()",
    r"\bdbt\.(datediff|dateadd|safe_cast|listagg|type_float|last_day|date_spine)\b": "own macros",
    r"\bas numeric\b(?!\s*\()": "decimal(p, s)",
    r"\b(current_date|current_timestamp|now\(\)|today\(\)|localtimestamp)": "run_period.as_of",
    r"\bselect\s+\*\s+(exclude|except|replace)\b": "name the columns",
    r"\bstrftime\s*\(": "a range or date_trunc",
    r"\b(run_query|run_started_at|is_incremental)\b": "run_period (compiled once, run for months)",
    r"\btarget\.type\b": "a dispatched macro in macros/engines",
    r"\brange\s*\(|\bgenerate_series\s*\(|\bunnest\s*\(": "the macro day_series",
    r"\binterval\s+[\d(]": "interval '1' day",
    r"'\s*(milli|micro)second": "interval '0.001' second",
    r"\bextract\((epoch|dow|isodow|week|isoyear)\b": "seconds_between, iso_weekday, iso_week",
    r"\b(date_diff|datediff|date_add|date_sub|age|epoch)\s*\(": "days_between, seconds_between",
    r"\b(string_agg|listagg|group_concat|array_agg|list)\s*\(": "the macro sorted_list",
    r"\b(regexp_\w+|similar to|glob)\b": "the macro matches",
    r"\b(any_value|first|last)\s*\(": "min(), or row_number() and a step of its own",
    r"\b(ifnull|nvl|iif)\s*\(": "coalesce or case",
    r"\bas (double|float|real|hugeint)\b": "decimal(p, s), or the macro double_type",
    r"\bcount\(distinct [^()]*,": "count(distinct) of one key",
    r"//": "the macro ratio, or a division that is rounded",
    r"\b(asof|positional|anti|semi) join\b": "a plain join; not exists",
    r"\bunion (all )?by name\b": "name the columns",
    r"\bsource\((?!'(run|landing)')": "raw_table, whose name fits every engine",
    r"\\": "no backslashes: engines read them differently",
}
MODELS = DBT_DIR / "models"


def _sql_files() -> list[Path]:
    outside_engines = [p for p in (DBT_DIR / "macros").rglob("*.sql") if "engines" not in p.parts]
    return sorted([*MODELS.rglob("*.sql"), *(DBT_DIR / "tests").rglob("*.sql"), *outside_engines])


def _code(path: Path) -> str:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"--.*", "", text).lower()


@cache
def _fixtures() -> dict[str, str]:
    """SQL that unit tests are given as inputs and macros, by test."""
    found = {}
    for path in MODELS.rglob("_*_unit_tests.yml"):
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["unit_tests"]:
            macros = test.get("overrides", {}).get("macros", {}).values()
            rows = [given.get("rows") for given in test["given"]]
            parts = [part for part in (*macros, *rows) if isinstance(part, str)]
            found[test["name"]] = "\n".join(parts).lower()
    return found


@cache
def _described() -> dict[str, dict[str, object]]:
    nodes = {}
    for path in [*MODELS.rglob("_*.yml"), *DBT_DIR.parent.glob("seeds/reference/_*.yml")]:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for kind in ("models", "seeds"):
            nodes.update({node["name"]: node for node in content.get(kind, [])})
    return nodes


@pytest.mark.parametrize("pattern", BANNED)
def test_no_model_uses_what_one_engine_lacks(pattern: str) -> None:
    code = {str(path.relative_to(DBT_DIR)): _code(path) for path in _sql_files()}
    # A series of days is how a test makes a calendar.
    fixtures = {name: sql.replace("generate_series", "") for name, sql in _fixtures().items()}
    found = [
        f"{place}: {match.group(0)!r}, use {BANNED[pattern]}"
        for place, sql in {**code, **fixtures}.items()
        for match in re.finditer(pattern, sql)
    ]
    assert not found, "\n".join(found)


def test_the_rules_catch_what_they_ban() -> None:
    bad = (
        "select * exclude (a), x::int, try_cast(y as int), median(z), now(), max_by(a, b), "
        "dbt.dateadd(), cast(a as numeric), strftime(d), '\\d', interval 1 day, a // b, "
        "interval '1' microsecond, extract(epoch from d), date_diff(d), string_agg(a), "
        "regexp_matches(a), any_value(a), ifnull(a, b), cast(a as double), count(distinct a, b) "
        "from {{ source(crm, table) }} asof join range(3) "
        "where n ilike 'a' and d > run_started_at and target.type = 'duckdb' group by all "
        "qualify row_number() over () = 1 union by name"
    )
    assert [pattern for pattern in BANNED if not re.search(pattern, bad)] == []


def test_names_have_the_63_bytes_that_postgresql_keeps() -> None:
    names = [*_described(), *_fixtures()]
    assert not [name for name in names if len(name.encode()) > 63]


def test_rankings_say_where_nulls_go_or_order_by_keys() -> None:
    # `order by x desc` puts nulls first on one engine and last on another.
    unsafe = [
        f"{path.relative_to(DBT_DIR)}: {match.group(0).strip()}"
        for path in _sql_files()
        for match in re.finditer(r"order by [^()]*? desc(?! nulls)", _code(path))
        if not re.search(r"(known_from|extracted_at|event_at|_line) desc", match.group(0))
    ]
    assert not unsafe, "\n".join(unsafe)


def test_only_staging_reads_sources_and_no_report_reads_staging() -> None:
    for path in MODELS.rglob("*.sql"):
        layer, code = path.relative_to(MODELS).parts[0], _code(path)
        if layer != "staging":
            assert "source(" not in code, f"{path.name} reads a source"
        references = set(re.findall(r"ref\('([a-z_0-9]+)'\)", code))
        if layer in ("intermediate", "marts"):
            staged = {name for name in references if name.startswith("stg_")}
            assert not staged, f"{path.name} reads {staged}"
        if layer == "marts" and path.stem.startswith("rpt_"):
            raw = {
                name
                for name in references
                if name.startswith(tuple(f"{crm}__" for crm in known_crms()))
            }
            assert not raw, f"{path.name} reads {raw}"


def test_each_model_says_its_grain_in_the_first_line() -> None:
    for layer in ("canonical", "intermediate", "marts"):
        for path in (MODELS / layer).rglob("*.sql"):
            first = path.read_text(encoding="utf-8").splitlines()[0]
            assert first.startswith("-- grain: "), f"{path.name} begins with {first!r}"


def test_everything_is_described() -> None:
    described = _described()
    for path in MODELS.rglob("*.sql"):
        node = described.get(path.stem)
        assert node, f"{path.relative_to(MODELS)} stands in no YAML file"
        assert node.get("description"), f"{path.stem} has no description"
        for column in node.get("columns", []):  # type: ignore[attr-defined]
            assert column.get("description"), f"{path.stem}.{column['name']} has no description"


def test_each_mart_has_a_key_test_and_described_columns() -> None:
    described = _described()
    for path in (MODELS / "marts").rglob("*.sql"):
        node = described[path.stem]
        assert node.get("columns"), f"{path.stem} declares no columns"
        tests = node.get("data_tests", [])
        assert any("unique_key" in test for test in tests), path.stem  # type: ignore[attr-defined]
