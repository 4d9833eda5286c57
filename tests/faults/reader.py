"""Opens what is published, again and again, and writes down each look that is not one whole set.

Every monthly mart has to show the months of marts.editions and no other, and the rows of two marts
the hashes that the editions' manifests recorded, in the serving file and in the Parquet files.

Arguments: data folder, gate (a file that is locked while the folder is put back), report.
"""

import fcntl
import json
import random
import sys
import time
from pathlib import Path

import duckdb

PAUSE_SECONDS = 0.3


def main() -> None:
    data, gate, report = (Path(argument) for argument in sys.argv[1:])
    chance = random.Random(str(report))
    looks = 0
    releases: set[str] = set()
    while not gate.with_name("stop").exists():
        with gate.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            try:
                release = (data / "published" / "current").resolve()
                faults = look(data, release, chance)
                looks, releases = looks + 1, releases | {str(release)}
            except Exception as error:
                faults = [f"{release}: {error!r}"]
        with report.open("a", encoding="utf-8") as lines:
            for fault in faults:
                lines.write(json.dumps({"fault": fault}) + "\n")
            lines.write(json.dumps({"looks": looks, "releases": len(releases)}) + "\n")
        time.sleep(PAUSE_SECONDS)


def look(data: Path, release: Path, chance: random.Random) -> list[str]:
    """What is wrong with a release."""
    faults = []
    with duckdb.connect(str(release / "crm_marts.duckdb"), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        recorded = {
            month: json.loads(
                (data / "editions" / month / f"{number:03d}" / "manifest.json").read_bytes()
            )["marts"]
            for month, number in db.execute("select month, edition from marts.editions").fetchall()
        }
        found = db.execute(
            """select table_name from duckdb_columns()
               where database_name = current_database() and schema_name = 'marts'
                   and column_name = 'close_month' and table_name <> 'dim_interactions'"""
        ).fetchall()  # of dim_interactions each close replaces what those before it told
        marts = sorted(name for (name,) in found)
        for mart in marts:
            shown = db.execute(f"select distinct strftime(close_month, '%Y-%m') from marts.{mart}")
            months = {month for (month,) in shown.fetchall()}
            expected = {month for month in recorded if recorded[month][mart]["rows"]}
            if months != expected:
                faults.append(f"{release}: {mart} has {sorted(months)}, not {sorted(expected)}")
        for mart in chance.sample(marts, 2):
            for month, contents in recorded.items():
                rows = f"from marts.{mart} where close_month = date '{month}-01'"
                parquet = f"from '{release}/parquet/{mart}/{month}.parquet'"
                for source in (rows, parquet):
                    if content(db, source) != contents[mart]:
                        faults.append(f"{release}: other rows than edition {month}, {source}")
        if len(marts) < 10 or not recorded:
            faults.append(f"{release}: {len(marts)} marts, {len(recorded)} editions")
    return faults


def content(db: duckdb.DuckDBPyConnection, source: str) -> dict[str, object]:
    """Rows and content hash, as manifests define them."""
    names = [name for name, *_ in db.execute(f"describe {source}").fetchall()]
    cells = ", ".join(f"coalesce(cast(\"{name}\" as varchar), '~')" for name in names)
    [(rows, content_hash)] = db.execute(
        f"""with hashed as (select md5(concat_ws(chr(31), {cells})) as row_hash {source})
            select count(*), coalesce(md5(string_agg(row_hash, '' order by row_hash)), '')
            from hashed"""
    ).fetchall()
    return {"rows": rows, "content_hash": content_hash}


if __name__ == "__main__":
    main()
