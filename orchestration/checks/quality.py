"""The quality of a close: every check's result, kept as a record and shown as one page.

<quality_dir>/<month>.json is what `crm-marts status` reads, <month>.html is for people. A later
close of the month writes both anew.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orchestration.checks.result import CheckResult
from orchestration.close.period import read_run_period
from orchestration.close.quarantine import quarantined_rows
from orchestration.durable import write_text
from orchestration.errors import CrmMartsError
from orchestration.raw.kept import landed_loads
from orchestration.run_report import check_results, error_lines
from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

EVENTS = ("ASSET_CHECK_EVALUATION", "STEP_FAILURE", "PIPELINE_FAILURE")
PAGE = "quality.html"


@dataclass(frozen=True)
class Quality:
    """What a run that closed, or did not close, a month says of it; `ended_at` is ISO, UTC.

    `run_id` is Dagster's; empty when a load was refused before a run began. Rows delivered, and
    those of them in quarantine, are counted of a close that went through.
    """

    month: str
    is_red: bool
    ended_at: str
    run_id: str
    checks: list[CheckResult]
    errors: list[str]
    delivered_rows: int = 0
    quarantined_rows: int = 0

    @property
    def failed(self) -> list[CheckResult]:
        """Checks that did not pass, those that stop a close first."""
        return sorted(
            (check for check in self.checks if not check.passed),
            key=lambda check: not check.is_blocking,
        )

    @property
    def passed(self) -> list[CheckResult]:
        """Checks that passed."""
        return [check for check in self.checks if check.passed]


def page_path(settings: Settings, month: str) -> Path:
    """The page of a month."""
    return settings.quality_dir / f"{month}.html"


def write_quality(
    settings: Settings, instance: "DagsterInstance", run_id: str, *, is_red: bool
) -> Quality:
    """Write record and page of a run out of what Dagster noted of it so far."""
    from dagster import DagsterEventType

    run = instance.get_run_by_id(run_id)
    month = run.tags.get("dagster/partition", "") if run else ""
    kinds = {DagsterEventType(name) for name in EVENTS}
    logs = instance.all_logs(run_id, of_type=kinds)
    events = [entry.dagster_event for entry in logs if entry.dagster_event]
    checks, errors = check_results(events), error_lines(events)
    counts = (0, 0) if is_red else (_delivered_rows(settings), quarantined_rows(settings))
    quality = Quality(month, is_red, _now(), run_id, checks, errors, *counts)
    _write(settings, quality)
    return quality


def write_refusal(settings: Settings, month: str, error: CrmMartsError) -> None:
    """Write record and page of a close whose loads were refused."""
    _write(settings, Quality(month, True, _now(), "", [], [str(error)]))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write(settings: Settings, quality: Quality) -> None:
    settings.quality_dir.mkdir(parents=True, exist_ok=True)
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
    )
    html = pages.get_template(PAGE).render(quality=quality)
    record = json.dumps(asdict(quality), ensure_ascii=False, indent=1)
    page = page_path(settings, quality.month)
    for path, text in ((page, html), (page.with_suffix(".json"), record)):
        write_text(path, text)


def red_closes(settings: Settings) -> list[Quality]:
    """Months whose last close was red, in order."""
    found = [_read(path) for path in sorted(settings.quality_dir.glob("[!.]*.json"))]
    return [quality for quality in found if quality.is_red]


def quality_of(settings: Settings, month: str) -> Quality | None:
    """What the last close of a month said of it; None where nothing is kept."""
    path = page_path(settings, month).with_suffix(".json")
    return _read(path) if path.is_file() else None


def _delivered_rows(settings: Settings) -> int:
    as_of = read_run_period(settings).as_of
    known = [load for load in landed_loads(settings) if load.extracted_at <= as_of]
    return sum(table.delivered for load in known for table in load.tables)


def _read(path: Path) -> Quality:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Quality(**raw | {"checks": [CheckResult(**check) for check in raw["checks"]]})
