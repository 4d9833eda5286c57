"""What a run says of itself when it failed or warned: for the command line and for alerts."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dagster import DagsterEvent


class Cause(NamedTuple):
    """Innermost error of a failed step, or of the run where no step was reached."""

    step: str
    error: Any
    description: str | None

    @property
    def is_meant_for_users(self) -> bool:
        """Its text was written for a reader: place, problem and remedy."""
        return self.error.cls_name in ("CrmMartsError", "LockedError")

    @property
    def text(self) -> str:
        """What went wrong; the text of a database's error can hold cells of a row."""
        if self.is_meant_for_users:
            return str(self.error.message).split(": ", 1)[1].strip()
        return self.description or str(self.error.message).strip()


def failed_checks(events: Iterable["DagsterEvent"]) -> Iterator[str]:
    """Two lines for each check that did not pass: what it saw, and what to do."""
    for event in events:
        if event.event_type_value == "ASSET_CHECK_EVALUATION":
            check = event.asset_check_evaluation_data
            if not check.passed:
                facts = ", ".join(f"{k} {v.value}" for k, v in check.metadata.items() if v.value)
                yield f"{check.asset_key.to_user_string()} / {check.check_name}: {facts}"
                if check.description:
                    yield f"  {check.description}"


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
        while error and error.cause:
            error = error.cause
        if error and error.cls_name != "DagsterAssetCheckFailedError":
            yield Cause(step, error, description)
