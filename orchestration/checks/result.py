"""The outcome of one check, whoever ran it: Great Expectations, dbt or the close itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_FAILING_KEYS = 20
SHOWN_KEYS = 5


@dataclass(frozen=True)
class CheckResult:
    """What a check of an asset saw; no cell of a row, but keys.

    `failing_keys` say which rows, at most MAX_FAILING_KEYS of the `failing_count`, which earlier
    versions did not record; `remedy` what they mean and what to do.
    """

    asset: str
    name: str
    passed: bool
    is_blocking: bool
    observed: str
    threshold: str
    failing_keys: list[str]
    remedy: str
    failing_count: int | None = None

    def lines(self) -> Iterator[str]:
        """One line for what was seen, one for some of the rows, one for what to do."""
        word = "failed" if self.is_blocking else "warns"
        yield f"{self.asset} / {self.name} {word}: {self.observed}; expected: {self.threshold}"
        if self.failing_keys:
            more = (self.failing_count or len(self.failing_keys)) - SHOWN_KEYS
            shown = "; ".join(self.failing_keys[:SHOWN_KEYS])
            yield f"  {shown}{f'; and {more} more' if more > 0 else ''}"
        if self.remedy:
            yield f"  {self.remedy}"


def failed_lines(results: Iterable[CheckResult]) -> Iterator[str]:
    """Lines of the checks that did not pass, those that stopped the close first."""
    failed = [result for result in results if not result.passed]
    for result in sorted(failed, key=lambda result: not result.is_blocking):
        yield from result.lines()
