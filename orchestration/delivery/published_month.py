"""A published month as the pack reads it: from one release, which stays whole while it is read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.close.period import Month
from orchestration.close.release import RESTRICTED, SERVING, current_release, published_editions
from orchestration.delivery.words import Words
from orchestration.errors import CrmMartsError
from orchestration.settings import Settings

FIGURES = Path(__file__).with_name("figures.sql")
# Columns that say of every row of a month's report the same.
SAME_IN_ALL_ROWS = ("period_kind", "period_start", "close_month", "is_reconstructed")
# Columns of a mart that others of its columns say better.
REPEATED = {"rpt_segment_sizes": "combination", "rpt_named_segments": "segment"}
RESTATEMENTS = "rpt_restatements"
NUMBERS = ("count", "amount", "share", "score")
MANAGER_ID = re.compile(r"(^|_)(manager|performer|owner.*|responsible.*|holder.*)_id$")
# Rows that are fetched at a time, so that no register is held in memory whole.
CHUNK = 2000


@dataclass(frozen=True)
class Audience:
    """Whom a pack is for: everybody, or some managers, with their clients and work alone."""

    name: str = ""
    managers: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which of a month's rows and columns of a mart are asked for.

    `owner` is SQL for the id of the manager whose row it is, `where` and `order` SQL over the
    mart's own columns, `parameters` the values of names with a $ in `where`. No more than `most`
    rows are fetched, the first in order.
    """

    mart: str
    columns: tuple[str, ...]
    order: str
    where: str = "true"
    owner: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    most: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows of a report, fetched once; ids of managers and clients are replaced by their names.

    Each row begins with the id of the manager whose it is, None where that is not asked for. The
    rows of a table have to be fetched before those of the next one are asked for.
    """

    mart: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    found: Iterable[tuple[Any, ...]]

    def owned_rows(self) -> Iterator[tuple[str | None, tuple[object, ...]]]:
        """Rows with their managers, in order."""
        return ((owner, tuple(row)) for owner, *row in self.found)

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Rows in order."""
        return (row for _, row in self.owned_rows())

    @property
    def kinds(self) -> list[str]:
        """How each column is shown: one of NUMBERS, month, day, moment, text, or its words."""
        return [_kind(column, of) for column, of in zip(self.columns, self.types, strict=True)]


@dataclass(frozen=True)
class Figure:
    """A figure of a manager in a month; figures are additive over managers."""

    name: str
    month: date
    manager_id: str
    value: float


@dataclass(frozen=True)
class PublishedMonth:
    """The month, its edition and moment of knowledge (UTC), and the open release it stands in.

    What is read from it for people has the business time zone's times, and what belongs to
    managers is that of the audience.
    """

    month: Month
    edition: int
    as_of: datetime
    release: Path
    db: duckdb.DuckDBPyConnection
    settings: Settings
    audience: Audience = field(default_factory=Audience)

    def of(self, audience: Audience) -> "PublishedMonth":
        """The same month for another audience."""
        return replace(self, audience=audience)

    def of_everybody(self) -> "PublishedMonth":
        """The same month for the whole company."""
        return self.of(Audience())

    @contextmanager
    def opened_again(self) -> Iterator["PublishedMonth"]:
        """The same rows for the same audience, after its release was closed."""
        with published_month(self.settings, self.month, self.release, self.edition) as month:
            yield month.of(self.audience)

    def title(self, words: Words) -> str:
        """What stands over the pack."""
        title = words.text("title", month=words.month(self.month.first_day))
        return f"{title}: {self.audience.name}" if self.audience.name else title

    def edition_line(self, words: Words) -> str:
        """Which edition it is and what was known then, in the business time zone."""
        as_of = words.moment(self.as_of.astimezone(self.settings.zone))
        return words.text("edition", edition=self.edition, as_of=as_of)

    def managers(self) -> dict[str, tuple[str, str | None]]:
        """Name and team of the audience's managers by id."""
        found = self.db.execute("select manager_id, manager_name, team from dim_managers")
        return {
            key: (name or key, team) for key, name, team in found.fetchall() if self.is_seen(key)
        }

    def is_seen(self, manager_id: str) -> bool:
        """Whether what is this manager's is shown to the audience."""
        return self.audience.managers is None or manager_id in self.audience.managers

    def figures(self) -> list[Figure]:
        """Figures of the month and of the twelve before it."""
        first = self.month.first_day
        bounds = {"first": first.replace(year=first.year - 1), "last": first}
        found = self.db.execute(FIGURES.read_text(encoding="utf-8"), bounds).fetchall()
        return [
            Figure(name, day, manager, float(value))
            for name, day, manager, value in found
            if self.is_seen(manager)
        ]

    def report(self, mart: str, owner: str | None) -> Table:
        """The month's rows of a mart, in the order of their columns; `owner` as of a selection."""
        hidden = (*SAME_IN_ALL_ROWS, REPEATED.get(mart))
        columns = tuple(name for name in self._types(mart) if name not in hidden)
        order = ", ".join(str(place) for place in range(2, len(columns) + 2))
        return self.rows(Selection(mart=mart, columns=columns, order=order, owner=owner))

    def rows(self, asked: Selection) -> Table:
        """The month's rows that are asked for.

        Raises ValueError when they are not of managers, and the audience is some of them.
        """
        declared = self._declared(asked)
        found = fetched(self.db.execute(*self._query(asked)))
        return Table(asked.mart, asked.columns, declared, found)

    def write_rows(self, asked: Selection, path: Path) -> tuple[str, ...]:
        """Write the same rows as Parquet, in order of a column `place` in front of `owner`.

        Returns the types of the columns, as a table has them; errors as of rows.
        """
        query, parameters = self._query(asked)
        # In groups so small that a reader of some places passes over the others.
        self.db.execute(
            f"""copy (select row_number() over () as place, * from ({query}))
                to '{path}' (format parquet, row_group_size 20_000)""",
            parameters,
        )
        return self._declared(asked)

    def _declared(self, asked: Selection) -> tuple[str, ...]:
        types = self._types(asked.mart)
        if missing := [name for name in asked.columns if name not in types]:
            raise CrmMartsError(
                f"{asked.mart} has no {', '.join(missing)}: another version of the project made it",
                place=str(self.release),
                remedy=f"Publish with this version first: crm-marts close {self.month}",
            )
        return tuple(types[name] for name in asked.columns)

    def _query(self, asked: Selection) -> tuple[str, dict[str, object]]:
        chosen = ",\n".join(
            self._for_people(asked.mart, name, declared)
            for name, declared in zip(asked.columns, self._declared(asked), strict=True)
        )
        source, parameters = self._source(asked)
        if asked.most is not None:
            # Names are looked up for those rows alone.
            source = (
                f"from (select * {source} order by {asked.order} limit {asked.most:d}) as report"
            )
        owner = asked.owner or "null"
        return f"select {owner} as owner, {chosen} {source} order by {asked.order}", parameters

    def count(self, asked: Selection) -> int:
        """How many rows are asked for, whatever the most that are fetched; errors as of rows."""
        source, parameters = self._source(asked)
        [(number,)] = self.db.execute(f"select count(*) {source}", parameters).fetchall()
        return int(number)

    def _source(self, asked: Selection) -> tuple[str, dict[str, object]]:
        """The rows as SQL from `from` on, the mart named `report`, and its parameters."""
        only = self.audience.managers
        if only is not None and asked.owner is None:
            raise ValueError(f"{asked.mart} is of the whole company")
        monthly = f"close_month = date '{self.month.first_day}' and period_kind = 'month'"
        seen = f"($only is null or list_contains($only, {asked.owner or 'null'}))"
        return (
            f"from {asked.mart} as report where {monthly} and ({asked.where}) and {seen}",
            {"only": None if only is None else sorted(only), **asked.parameters},
        )

    def restatements(self, shown_before: Mapping[str, int]) -> Table:
        """Cells of closed months that readers see otherwise than before, with their causes.

        `shown_before` has the edition of each month as readers saw it then; 1 where it has none.
        """
        columns = (
            "restated_month",
            "edition",
            "mart",
            "row_key",
            "column_name",
            "old_value",
            "new_value",
            "cause",
            "delta",
        )
        published = self.db.execute(
            "select distinct restated_month, edition from rpt_restatements where is_published"
        ).fetchall()
        new = [
            f"{month} {edition}"
            for month, edition in published
            if edition > shown_before.get(month, 1)
        ]
        types = self._types(RESTATEMENTS)
        found = self.db.execute(
            f"""select null as owner, {", ".join(columns)} from {RESTATEMENTS}
                where is_published and list_contains($new, restated_month || ' ' || edition)
                order by restated_month, edition, mart, row_key, column_name, cause""",
            {"new": new},
        )
        return Table(RESTATEMENTS, columns, tuple(types[name] for name in columns), fetched(found))

    def _types(self, mart: str) -> dict[str, str]:
        """Types of a mart's columns by name, in order."""
        found = self.db.execute(
            """select column_name, data_type from duckdb_columns()
               where schema_name = 'marts' and table_name = ? order by column_index""",
            [mart],
        )
        return dict(found.fetchall())

    def _for_people(self, mart: str, column: str, kind: str) -> str:
        """A column: ids of managers and clients as their names, moments in the business zone."""
        if column == "value" and mart == "rpt_client_growth":
            # The one characteristic whose values are ids.
            name = """select manager_name from dim_managers
                where manager_id = report.value and report.characteristic = 'main_manager'"""
        elif column == "client_id" and self.settings.pack.client_names:
            name = "select client_name from client_names where client_id = report.client_id"
        elif MANAGER_ID.search(column):
            name = f"select manager_name from dim_managers where manager_id = report.{column}"
        elif kind == "TIMESTAMP":
            zone = self.settings.business_timezone
            return f"report.{column} at time zone 'UTC' at time zone '{zone}' as {column}"
        else:
            return f"report.{column}"
        return f"coalesce(({name}), report.{column}) as {column}"


def fetched(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, some at a time."""
    while rows := found.fetchmany(CHUNK):
        yield from rows


def _kind(column: str, declared: str) -> str:
    """How a column is shown, by its declared type and, of decimals, what its name says."""
    if declared in ("BIGINT", "INTEGER"):
        return "count"
    if declared.startswith("DECIMAL"):
        if column.endswith(("_share", "_weight")):
            return "share"
        return "score" if column == "score" or column.endswith("_part") else "amount"
    if column.startswith("characteristic"):
        return "characteristic"
    if column in ("mart", "column_name"):
        return column
    day = "month" if column.endswith("_month") else "day"
    return {"DATE": day, "TIMESTAMP": "moment"}.get(declared, "text")


@contextmanager
def published_month(
    settings: Settings, month: Month, release: Path | None = None, edition: int | None = None
) -> Iterator[PublishedMonth]:
    """Open a month of a release, the one that readers see when none is named.

    An earlier edition of the month is shown beside the present ones of the months before it.
    Raises CrmMartsError when it is not published.
    """
    release = release or current_release(settings)
    found = release and published_editions(release).get(str(month))
    if not release or not found:
        raise CrmMartsError(
            f"{month} is not published", remedy=f"Close it first: crm-marts close {month}"
        )
    with duckdb.connect(str(release / SERVING), read_only=True) as db:
        # Connections of one process to one file share what is attached.
        db.execute(f"attach if not exists '{release / RESTRICTED}' as restricted (read_only)")
        db.execute("set TimeZone = 'UTC'; set search_path = 'marts,restricted.restricted'")
        number, as_of = found
        if edition is not None and edition != number:
            number, as_of = edition, _show_edition(db, month, edition)
        yield PublishedMonth(month, number, as_of, release, db, settings)


def _show_edition(db: duckdb.DuckDBPyConnection, month: Month, edition: int) -> datetime:
    """Put views with an edition of the month before the marts; its moment of knowledge, UTC."""
    known = db.execute(
        "select as_of from marts_history.editions where month = ? and edition = ?",
        [str(month), edition],
    ).fetchone()
    if known is None:
        raise CrmMartsError(
            f"{month} has no edition {edition}",
            remedy="marts_history.editions lists all that there are.",
        )
    marts = db.execute(
        """select distinct table_name from duckdb_columns()
           where schema_name = 'marts_history' and column_name = 'close_month'"""
    ).fetchall()
    for (mart,) in marts:
        db.execute(
            f"""create temp view {mart} as
                from marts.{mart} where close_month <> date '{month.first_day}'
                union all by name
                select * exclude (edition) from marts_history.{mart}
                where close_month = date '{month.first_day}' and edition = {edition:d}"""
        )
    as_of: datetime = known[0].replace(tzinfo=UTC)
    return as_of
