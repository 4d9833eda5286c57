"""Unusable rows as the last build found them, for the person who is to mend them."""

from collections.abc import Iterator

import duckdb

from orchestration.errors import CrmMartsError
from orchestration.settings import Settings


def quarantined_rows(settings: Settings) -> int:
    """Unusable rows of all loads so far, those mended since among them, as of the last build."""
    with duckdb.connect(str(settings.work_db), read_only=True) as db:
        [(count,)] = db.execute("select count(*) from canonical.quarantine").fetchall()
    return int(count)


def quarantine_lines(
    settings: Settings, source: str | None, table: str | None, *, with_mended: bool, limit: int
) -> Iterator[str]:
    """Lines: numbers by table and reason, then the rows with file, line and raw text.

    Reads canonical.quarantine of the work database; raw rows may hold personal data. Raises
    CrmMartsError when nothing was built yet.
    """
    if not settings.work_db.is_file():
        raise CrmMartsError("nothing was built yet", remedy="Close a month first.")
    where = """($source is null or source = $source) and ($table is null or table_name = $table)
        and ($with_mended or left_at is null)"""
    asked = {"source": source, "table": table, "with_mended": with_mended}
    with duckdb.connect(str(settings.work_db), read_only=True) as db:
        if not db.execute(
            "select * from duckdb_tables() where schema_name || table_name = 'canonicalquarantine'"
        ).fetchall():
            raise CrmMartsError("nothing was built yet", remedy="Close a month first.")
        groups = db.execute(
            f"""select source || '/' || table_name, reason, count(*), count(left_at)
                from canonical.quarantine where {where} group by all order by 3 desc, 1, 2""",
            asked,
        ).fetchall()
        rows = db.execute(
            f"""select load_id, file_name, line_number, reason, raw_row, left_at is not null
                from canonical.quarantine where {where}
                order by source, table_name, loaded_at desc, line_number limit {limit:d}""",
            asked,
        ).fetchall()
    if not groups:
        yield "no row is in quarantine"
        return
    for place, reason, count, mended in groups:
        since = f", {mended:,} of them mended or gone since" if mended else ""
        yield f"{count:>7,}  {place}: {reason}{since}"
    for load_id, file_name, line, reason, raw_row, is_mended in rows:
        state = " (mended or gone since)" if is_mended else ""
        yield f"\n{load_id}/{file_name}, line {line}: {reason}{state}\n  {raw_row}"
    total = sum(count for *_, count, _ in groups)
    if total > len(rows):
        yield f"\n{total - len(rows):,} more: --limit {total}"
