"""What a run says of itself: for the command line, alerts, status and the quality page."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.checks.result import CheckResult
from orchestration.errors import CrmMartsError
from orchestration.machine_faults import told

if TYPE_CHECKING:
    from dagster import DagsterEvent


# What a step says that failed for tests alone: each of them tells for itself.
TESTS_FAILED = "dbt tests failed"


OWN_ERRORS = ("CrmMartsError", "LockedError", "PackError", "PostgresError")


class Cause(NamedTuple):
    """Innermost error of a failed step, or of the run where no step was reached.

    What was told for readers is not looked behind.
    """

    step: str
    error: Any
    description: str | None

    @property
    def is_meant_for_users(self) -> bool:
        """Its text was written for a reader: place, problem and remedy."""
        return self._is_ours or self._machine_fault is not None

    @property
    def _is_ours(self) -> bool:
        return self.error.cls_name in OWN_ERRORS

    @property
    def _machine_fault(self) -> CrmMartsError | None:
        return told(f"{self.description}\n{self.error.message}")

    @property
    def text(self) -> str:
        """What went wrong; the text of a database's error can hold cells of a row."""
        if self._is_ours:
            return str(self.error.message).split(": ", 1)[1].strip()
        return str(self._machine_fault or self.description or self.error.message).strip()


def check_results(events: Iterable["DagsterEvent"]) -> list[CheckResult]:
    """All checks that a run evaluated, in the order of their evaluation."""
    return [
        _result(event.asset_check_evaluation_data)
        for event in events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]


def _result(check: Any) -> CheckResult:
    facts = {name: value.value for name, value in check.metadata.items()}
    return CheckResult(
        asset=check.asset_key.to_user_string(),
        name=check.check_name,
        passed=check.passed,
        is_blocking=check.severity.value == "ERROR",
        observed=str(facts["observed"]),
        threshold=str(facts["threshold"]),
        failing_keys=list(facts["failing_keys"]),
        remedy=check.description or "",
        failing_count=facts.get("failing_count"),
    )


def causes(events: Iterable["DagsterEvent"]) -> Iterator[Cause]:
    """Why a run failed, but for the checks that stopped it."""
    for event in events:
        if event.is_step_failure:
            failure = event.step_failure_data
            error, user = failure.error, failure.user_failure_data
            step, description = event.step_key or "", user.description if user else None
        elif event.event_type_value == "PIPELINE_FAILURE":
            error = event.job_failure_data.error
            step, description = "run", None
        else:
            continue
        while error and error.cause and error.cls_name not in OWN_ERRORS:
            error = error.cause
        is_told_by_checks = description == TESTS_FAILED
        if error and error.cls_name != "DagsterAssetCheckFailedError" and not is_told_by_checks:
            yield Cause(step, error, description)


def error_lines(events: Iterable["DagsterEvent"]) -> list[str]:
    """A line for each cause that may leave the machine: no text that can hold cells of a row."""
    return [
        f"{cause.step}: "
        + (cause.text if cause.is_meant_for_users else f"{cause.error.cls_name}, see the run")
        for cause in causes(events)
    ]


def failed_outcome(events: Iterable["DagsterEvent"]) -> str:
    """What a failed close means for readers, in a few words."""
    failed = {cause.error.cls_name for cause in causes(events)}
    if "PostgresError" in failed:
        return "published, but not to PostgreSQL"
    if "PackError" in failed:
        return "published, but its pack is not done"
    return "failed, nothing was published"
