"""Steps of Dagster that are tried again after faults that pass by themselves."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import dagster as dg

from orchestration.machine_faults import RETRIES, WAIT_SECONDS, passes_by_itself

Step = TypeVar("Step", bound=Callable[..., Any])


def retried(step: Step) -> Step:
    """Decorate a step's function, or its generator function, whose work can be done twice."""
    if inspect.isgeneratorfunction(step):

        @wraps(step)
        def generator(*arguments: Any, **named: Any) -> Iterator[Any]:
            with _retry_requested():
                yield from step(*arguments, **named)

        return generator  # type: ignore[return-value]

    @wraps(step)
    def function(*arguments: Any, **named: Any) -> Any:
        with _retry_requested():
            return step(*arguments, **named)

    return function  # type: ignore[return-value]


@contextmanager
def _retry_requested() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if passes_by_itself(error):
            raise dg.RetryRequested(RETRIES, WAIT_SECONDS) from error
        raise
