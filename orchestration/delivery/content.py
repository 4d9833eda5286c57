"""What a pack says to its audience, before it is written as page, print or workbook."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from orchestration.checks.quality import quality_of
from orchestration.checks.result import CheckResult
from orchestration.close.period import Month
from orchestration.delivery.charts import Specification, charts
from orchestration.delivery.published_month import NUMBERS, Figure, PublishedMonth, Table
from orchestration.delivery.sections import SECTIONS
from orchestration.delivery.summary import Value, values
from orchestration.delivery.words import Words

# A browser stays quick with so many rows; the workbook has the others.
MOST_ROWS = 500


@dataclass(frozen=True)
class Cell:
    """A value as people see it; `language` where it is not that of the pack."""

    text: str
    is_number: bool = False
    language: str | None = None


@dataclass(frozen=True)
class Part:
    """A section; `owners` has the managers of rows that are managers', `left_out` counts rows.

    Its title and note are the texts <name>_title and <name>_note.
    """

    name: str
    headings: list[Cell]
    rows: list[list[Cell]]
    owners: Sequence[str | None] = ()
    left_out: int = 0

    @property
    def is_of_managers(self) -> bool:
        """Whether rows are of managers, so that a choice of managers hides some."""
        return any(self.owners)


@dataclass(frozen=True)
class Content:
    """All that a pack of an audience says; charts by the names of the sections that show them.

    `names` has the audience's managers by id; `shown_before` the editions, by month, that the pack
    of the month before was made of.
    """

    month: PublishedMonth
    words: Words
    shown_before: Mapping[str, int]
    figures: list[Figure]
    names: dict[str, str]
    headlines: list[Value]
    parts: list[Part]
    charts: dict[str, Specification]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say of the month: figures of zero are left out."""
        return all(figure.month != self.month.month.first_day for figure in self.figures)


def content_of(month: PublishedMonth, words: Words, shown_before: Mapping[str, int]) -> Content:
    """Read what a pack says."""
    figures = month.figures()
    names = {key: name for key, (name, _) in month.managers().items()}
    return Content(
        month=month,
        words=words,
        shown_before=shown_before,
        figures=figures,
        names=names,
        headlines=values(figures, month.month.first_day),
        parts=_parts(month, words, shown_before),
        charts=charts(month, figures, names, words),
    )


def _parts(month: PublishedMonth, words: Words, shown_before: Mapping[str, int]) -> list[Part]:
    is_for_all = month.audience.managers is None
    found = [
        _of_report(section.name, month.rows(section), words)
        for section in SECTIONS
        if is_for_all or section.owner
    ]
    if is_for_all:
        found += [_restatements(month, words, shown_before), _quality(month, words)]
    return found


def _of_report(name: str, table: Table, words: Words) -> Part:
    kinds, rows = table.kinds, table.owned_rows()
    shown = list(islice(rows, MOST_ROWS))
    return Part(
        name,
        headings=[
            Cell(words.column(column), kind in NUMBERS)
            for column, kind in zip(table.columns, kinds, strict=True)
        ],
        rows=[
            [_cell(value, kind, words) for value, kind in zip(row, kinds, strict=True)]
            for _, row in shown
        ],
        owners=[owner for owner, _ in shown],
        left_out=sum(1 for _ in rows),
    )


def _cell(value: Any, kind: str, words: Words) -> Cell:
    if kind in NUMBERS:
        digits = {"amount": 1, "score": 3}.get(kind, 0)
        number = words.share(value) if kind == "share" else words.number(value, digits)
        return Cell(number, is_number=True)
    if value is None:
        return Cell("")
    texts: dict[str, Callable[[Any], str]] = {
        "month": words.month,
        "day": words.day,
        "moment": words.moment,
        "characteristic": words.characteristic,
    }
    return Cell(texts.get(kind, words.value)(value))


def _restatements(month: PublishedMonth, words: Words, shown_before: Mapping[str, int]) -> Part:
    """Closed months that changed since the last pack: how many cells of which report, and why."""
    table = month.restatements(shown_before)
    columns = ("restated_month", "edition", "mart", "cause")
    places = [table.columns.index(name) for name in columns]
    counts = Counter(tuple(row[place] for place in places) for row in table.rows())
    headings = [Cell(words.column(name), name == "edition") for name in columns]
    rows = [
        [
            Cell(words.month(Month.parse(str(restated)).first_day)),
            Cell(str(edition), is_number=True),
            Cell(words.mart(str(mart))),
            Cell(words.value(str(cause))),
            Cell(words.number(cells), is_number=True),
        ]
        for (restated, edition, mart, cause), cells in counts.items()
    ]
    return Part("restatements", [*headings, Cell(words.text("cells"), True)], rows)


def warning(check: CheckResult, words: Words) -> list[Cell]:
    """What a check found, and how many of it; a check of a CRM of one's own has no other name."""
    label = words.check(check.name)
    if label and check.failing_count is not None:
        layer, _, place = check.asset.partition("/")
        crm = f" ({place})" if layer == "raw" else ""
        return [Cell(label + crm), Cell(words.number(check.failing_count))]
    return [
        Cell(f"{check.asset}: {check.name}", language="en"),
        Cell(check.observed, language="en"),
    ]


def _quality(month: PublishedMonth, words: Words) -> Part:
    """What the close says of itself: checks, unusable rows, what was entered too late."""
    headings = [Cell(words.text("figure")), Cell(words.text("this_month"))]
    rows = []
    quality = quality_of(month.settings, str(month.month))
    if quality:
        rows = [
            [Cell(words.text("checks_passed")), Cell(words.number(len(quality.passed)))],
            [Cell(words.text("checks_warn")), Cell(words.number(len(quality.failed)))],
            *(warning(check, words) for check in quality.failed),
        ]
        if quality.delivered_rows:
            share = quality.quarantined_rows / quality.delivered_rows
            shown = words.text(
                "of_delivered",
                share=words.share(share, 2),
                count=words.number(quality.quarantined_rows),
                all=words.number(quality.delivered_rows),
            )
            rows.append([Cell(words.text("quarantined")), Cell(shown)])
    late = month.db.execute(
        """select event_month, entered_after_month_share from rpt_late_entries
           where close_month = ? and period_kind = 'month' and manager_id = 'all'
               and event_month < close_month and entered_after_month_share is not null
           order by event_month desc limit 1""",
        [month.month.first_day],
    ).fetchone()
    if late:
        label = words.text("entered_late", month=words.month(late[0]))
        rows.append([Cell(label), Cell(words.share(late[1]))])
    return Part("quality", headings, rows)
