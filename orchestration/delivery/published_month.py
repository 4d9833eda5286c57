"""A published month as the pack reads it: from one release, which stays whole while it is read."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

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
NUMBERS = ("count", "amount", "share", "score")
MANAGER_ID = re.compile(r"(^|_)(manager|performer|owner.*|responsible.*|holder.*)_id$")


@dataclass(frozen=True)
class Table:
    """Rows of a report; ids of managers and clients are replaced by names where there are any.

    `owners` has the id of the manager whose row each is, None where that is not asked for.
    """

    mart: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[object, ...]]
    owners: list[str | None]

    @property
    def kinds(self) -> list[str]:
        """How each column is shown: a kind of NUMBERS, day, moment, characteristic or text."""
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
    """The month, its edition and moment of knowledge (UTC), and the open release.

    What is read from it for people has the business time zone's times.
    """

    month: Month
    edition: int
    as_of: datetime
    db: duckdb.DuckDBPyConnection
    settings: Settings

    def title(self, words: Words) -> str:
        """What stands over the pack."""
        return words.text("title", month=words.month(self.month.first_day))

    def edition_line(self, words: Words) -> str:
        """Which edition it is and what was known then, in the business time zone."""
        as_of = words.moment(self.as_of.astimezone(self.settings.zone))
        return words.text("edition", edition=self.edition, as_of=as_of)

    def managers(self) -> dict[str, tuple[str, str | None]]:
        """Name and team by id."""
        found = self.db.execute("select manager_id, manager_name, team from dim_managers")
        return {key: (name or key, team) for key, name, team in found.fetchall()}

    def figures(self) -> list[Figure]:
        """Figures of the month and of the twelve before it."""
        first = self.month.first_day
        bounds = {"first": first.replace(year=first.year - 1), "last": first}
        found = self.db.execute(FIGURES.read_text(encoding="utf-8"), bounds).fetchall()
        return [Figure(name, day, manager, float(value)) for name, day, manager, value in found]

    def report(self, mart: str) -> Table:
        """The month's rows of a mart, in the order of their columns."""
        hidden = (*SAME_IN_ALL_ROWS, REPEATED.get(mart))
        columns = [name for name in self._types(mart) if name not in hidden]
        order = ", ".join(str(place) for place in range(2, len(columns) + 2))
        return self.rows(mart, columns, order=order)

    def rows(
        self,
        mart: str,
        columns: Sequence[str],
        *,
        where: str = "true",
        order: str,
        owner: str | None = None,
    ) -> Table:
        """Some columns of some of the month's rows; `owner` is a column with a manager's id."""
        types = self._types(mart)
        chosen = ",\n".join(self._for_people(mart, name, types[name]) for name in columns)
        monthly = f"close_month = date '{self.month.first_day}' and period_kind = 'month'"
        found = self.db.execute(
            f"""select {f"report.{owner}" if owner else "null"} as owner, {chosen}
                from {mart} as report where {monthly} and ({where}) order by {order}"""
        ).fetchall()
        return Table(
            mart,
            tuple(columns),
            tuple(types[name] for name in columns),
            [row[1:] for row in found],
            [row[0] for row in found],
        )

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
    return {"DATE": "day", "TIMESTAMP": "moment"}.get(declared, "text")


@contextmanager
def published_month(settings: Settings, month: Month) -> Iterator[PublishedMonth]:
    """Open a month of the release that readers see.

    Raises CrmMartsError when it is not published.
    """
    release = current_release(settings)
    found = published_editions(settings).get(str(month))
    if release is None or found is None:
        raise CrmMartsError(
            f"{month} is not published", remedy=f"Close it first: crm-marts close {month}"
        )
    with duckdb.connect(str(release / SERVING), read_only=True) as db:
        db.execute(f"attach '{release / RESTRICTED}' as restricted (read_only)")
        db.execute("set TimeZone = 'UTC'; set search_path = 'marts,restricted.restricted'")
        yield PublishedMonth(month, *found, db, settings)
