"""Rules for the dbt project that no linter knows: layers, portable constructs, descriptions."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from orchestration.settings import DBT_DIR

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
    r"\btarget\.type\b": "a dispatched macro in macros/engines",
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
def _described() -> dict[str, dict[str, object]]:
    nodes = {}
    for path in [*MODELS.rglob("_*.yml"), *DBT_DIR.parent.glob("seeds/reference/_*.yml")]:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for kind in ("models", "seeds"):
            nodes.update({node["name"]: node for node in content.get(kind, [])})
    return nodes


@pytest.mark.parametrize("pattern", BANNED)
def test_no_model_uses_what_one_engine_lacks(pattern: str) -> None:
    found = [
        f"{path.relative_to(DBT_DIR)}: {match.group(0)!r}, use {BANNED[pattern]}"
        for path in _sql_files()
        for match in re.finditer(pattern, _code(path))
    ]
    assert not found, "\n".join(found)


def test_the_rules_catch_what_they_ban() -> None:
    bad = (
        "select * exclude (a), x::int, try_cast(y as int), median(z), now() from t"
        " where n ilike 'a' group by all qualify row_number() over () = 1"
    )
    assert sum(1 for pattern in BANNED if re.search(pattern, bad)) >= 8


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
            raw = {name for name in references if re.match(r"(onec|dolibarr|files)__", name)}
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
