"""What a data folder holds for its users, in a form that two folders can be compared by."""

import re
from pathlib import Path

import duckdb

from orchestration.close.contract_copy import FOLDER, TABLES
from orchestration.close.edition import Edition, verify_edition
from tests.faults.reader import content

State = dict[str, object]
# Dagster's record of runs, dbt's parsed project and the pages of checks decide no figure.
ASIDE = ("dagster", "dbt", "quality")


def state_of(data: Path) -> State:
    """Files, editions and pending restatements whole, rows of database files by hash."""
    state: State = {"files": files(data)}
    for path in sorted(data.glob("editions/[!.]*/[!.]*")) + sorted(data.glob("restatements/[!.]*")):
        if path.name == FOLDER:
            state |= _rows(path / TABLES, Path(TABLES).stem)
        elif path.is_dir():
            verify_edition(path, Edition.read(path / "manifest.json"))
            state[str(path.relative_to(data))] = (path / "manifest.json").read_text("utf-8")
        else:
            state[str(path.relative_to(data))] = path.read_text("utf-8")
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        for path in data.glob("restatements/[!.]*/*.parquet"):
            state[str(path.relative_to(data))] = content(db, f"from '{path}'")
        for path in data.glob("history/*/[!.]*/*.parquet"):
            state[str(path.relative_to(data))] = content(db, f"from '{path}'")
    for name in ("crm_marts", "restricted"):
        state |= _rows(data / "published" / "current" / f"{name}.duckdb", name)
    return state


def files(data: Path) -> list[str]:
    """Paths of all files and folders; those of the databases' logs are one with them."""
    found = (path.relative_to(data) for path in data.rglob("*"))
    kept = (str(path) for path in found if path.parts[0] not in ASIDE)
    return sorted(path for path in kept if not re.search(r"\.duckdb\.wal$", path))


def _rows(file: Path, database: str) -> State:
    with duckdb.connect(str(file.resolve()), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        found = db.execute(
            """select table_schema, table_name from information_schema.tables
               where table_catalog = ? order by all""",
            [database],
        ).fetchall()
        return {
            f"{database}: {schema}.{table}": content(db, f'from {database}."{schema}"."{table}"')
            for schema, table in found
        }


def differences(expected: State, found: State) -> list[str]:
    """What two states do not share, one line each."""
    lines = []
    for key in sorted(expected.keys() | found.keys()):
        if key == "files":
            old, new = set(files_in(expected)), set(files_in(found))
            lines += [f"lacks {path}" for path in sorted(old - new)]
            lines += [f"has still {path}" for path in sorted(new - old)]
        elif expected.get(key) != found.get(key):
            lines.append(f"{key}: {found.get(key)}, not {expected.get(key)}")
    return lines


def files_in(state: State) -> list[str]:
    found = state["files"]
    assert isinstance(found, list)
    return found


def shown(data: Path) -> State:
    """What readers see and what is kept for good."""
    return {key: value for key, value in state_of(data).items() if key != "files"}


def lost(before: State, after: State) -> list[str]:
    """What is not as it was; a restatement may have become an edition that nobody sees yet."""
    gone = [key for key in before if after.get(key) != before[key]]
    month = re.compile(r"restatements/(\d{4}-\d\d)")
    taken = {path.split("/")[1] for path in after.keys() - before.keys() if "editions/" in path}
    return [key for key in gone if not ((found := month.match(key)) and found[1] in taken)]
