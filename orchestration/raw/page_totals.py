"""Whether the pages of a web service hold as many rows as they say."""

from dataclasses import dataclass
from typing import Any

from orchestration.errors import CrmMartsError


@dataclass
class PageTotals:
    """Whether the pages of a table, in order, hold as many rows as they say that there are.

    A request's pages repeat its total, which may move while it is paged through; with its last
    row the next request begins. A service that did not count says 0 beside rows.
    """

    rows: int = 0
    total: int | None = None

    def add(self, page: dict[str, Any], rows: int, place: str) -> None:
        """Count a page of a file."""
        said = str(page.get("total", ""))
        if said.isascii() and said.isdigit() and not (rows and int(said) == 0):
            self.total = int(said)
        self.rows += rows
        if self.total is not None and self.rows > self.total:
            self.check(place)
        if self.rows == self.total:
            self.rows, self.total = 0, None

    def check(self, place: str) -> None:
        """Refuse what is left of the last request; `place` is the last file."""
        if self.total is not None:
            raise CrmMartsError(
                f"the table is incomplete: its pages say total {self.total:,}, but hold "
                f"{self.rows:,} rows",
                place=place,
                remedy="A page is missing or stands twice, or rows changed while the pages were "
                "fetched. Export the table again, with all its pages.",
            )
