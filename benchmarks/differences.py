"""Where rows that should be those of a mart are not: key, column and both values."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.generate import SOURCE

SHOWN_ROWS = 5
# The same in all rows of the month.
CONSTANT = {"period_kind", "period_start", "close_month", "is_reconstructed", "attribution"}


@dataclass(frozen=True)
class Compared:
    """A report's key, the columns that peers leave out, and which rows of the mart they give."""

    key: tuple[str, ...]
    left_out: frozenset[str] = frozenset()
    only: str = "true"


COMPARED = {
    "rpt_client_growth": Compared(
        ("characteristic", "value"),
        frozenset({"migrated_client_count", "restored_client_count", "merged_client_count"}),
    ),
    "rpt_interaction_kpis": Compared(
        ("manager_id", "interaction_kind", "interaction_group"),
        only="attribution = 'performer'",
    ),
    "rpt_interaction_outcomes": Compared(
        ("manager_id", "interaction_kind"),
        frozenset({"overdue_transferred_in_count", "overdue_transferred_out_count"}),
    ),
    "rpt_no_contact_clients": Compared(("client_id",)),
    "rpt_manager_load": Compared(
        ("manager_id", "client_class"), frozenset({"second_client_count"})
    ),
}


def peer_differences(report: str, mart: Path, peer: Path) -> list[str]:
    """Where the rows of two files differ first; [] when nowhere.

    A decimal of the mart is the peer's number rounded to its places. Ids of the mart begin with
    their source, the peer's are the CRM's own.
    """
    compared = COMPARED[report]
    with duckdb.connect() as db:
        types = _types(db, mart)
        expected = types.keys() - CONSTANT - compared.left_out
        if odd := expected ^ _types(db, peer).keys():
            return [f"columns that only one of them has: {', '.join(sorted(odd))}"]
        cells = ", ".join(_bare(name, types[name]) for name in sorted(expected))
        rows = f"select {cells} from '{mart}' where period_kind = 'month' and {compared.only}"
        kept = {name: types[name] for name in sorted(expected)}
        return differing_cells(db, rows, f"select * from '{peer}'", compared.key, kept)


def differing_cells(
    db: duckdb.DuckDBPyConnection,
    mart: str,
    other: str,
    key: tuple[str, ...],
    types: dict[str, str],
) -> list[str]:
    """Key, column and both values where the rows of two queries differ first; [] when nowhere."""
    db.execute(f"create or replace temp view mart_rows as select *, true as is_there from ({mart})")
    db.execute(
        f"create or replace temp view other_rows as select *, true as is_there from ({other})"
    )
    found: list[tuple[str, ...]] = db.execute(_repeated(key)).fetchall()
    for name, kind in {"is_there": "BOOLEAN", **types}.items():
        if name not in key:
            found += db.execute(_differing(key, name, kind)).fetchall()
    return [f"{row}, {name}: mart {ours}, other {theirs}" for row, name, ours, theirs in found]


def row_count(path: Path) -> int:
    """How many rows a Parquet file has."""
    [(count,)] = duckdb.execute("select count(*) from read_parquet(?)", [str(path)]).fetchall()
    return int(count)


def _types(db: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    described = db.execute("describe from read_parquet(?)", [str(path)]).fetchall()
    return {name: kind for name, kind, *_ in described}


def _bare(name: str, kind: str) -> str:
    if kind != "VARCHAR":
        return name
    return f"regexp_replace({name}, '^{SOURCE}:', '') as {name}"


def _repeated(key: tuple[str, ...]) -> str:
    """Keys that the other has more than once, which the mart never does."""
    keys = ", ".join(key)
    return f"""
        select concat_ws(' / ', {keys}), 'rows of the key', '1', count(*)::varchar
        from other_rows group by {keys} having count(*) > 1 order by {keys} limit {SHOWN_ROWS}"""


def _differing(key: tuple[str, ...], name: str, kind: str) -> str:
    """Rows in which the column differs; of rows that only one side has, is_there alone does."""
    ours, theirs = f"mart_rows.{name}", f"other_rows.{name}"
    differs = f"{ours} is distinct from {theirs}"
    if kind == "VARCHAR":
        # A column without any value has no type of its own in pandas.
        differs = f"{ours} is distinct from {theirs}::varchar"
    if kind.startswith("DECIMAL"):
        # Half of the last place; the rest is what binary fractions lose.
        places = int(kind.rstrip(")").split(",")[1])
        near = f"abs({ours}::double - {theirs}) <= {0.5 * 10**-places} + 1e-7"
        differs = f"not coalesce({near}, {ours} is null and {theirs} is null)"
    both = "true" if name == "is_there" else "mart_rows.is_there and other_rows.is_there"
    keys = ", ".join(key)
    return f"""
        select concat_ws(' / ', {keys}), '{name}', {ours}::varchar, {theirs}::varchar
        from mart_rows full join other_rows using ({keys})
        where {both} and {differs}
        order by {keys}
        limit {SHOWN_ROWS}"""
