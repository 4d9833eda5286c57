"""What is closed, what is due and what was delivered."""

from collections.abc import Iterator
from datetime import UTC, datetime

from orchestration.checks.quality import page_path, red_closes
from orchestration.checks.result import failed_lines
from orchestration.close.edition import editions
from orchestration.close.pending import pending_restatements
from orchestration.close.period import Month, run_period, scheduled_close
from orchestration.close.release import current_release, published_numbers
from orchestration.errors import CrmMartsError
from orchestration.postgres.publish import shown_release
from orchestration.postgres.server import PostgresError
from orchestration.raw.landing import landed_loads
from orchestration.raw.loads import waiting_loads
from orchestration.settings import Settings


def status_lines(settings: Settings) -> Iterator[str]:
    """Lines for a person: loads per source, closed months, the next month and what it lacks."""
    loads = landed_loads(settings)
    for source in settings.sources:
        own = [load for load in loads if load.source == source]
        yield (
            f"source {source}: {len(own)} loads, newest {own[-1].extracted_at:%Y-%m-%d %H:%M} UTC"
            if own
            else f"source {source}: no load landed yet"
        )
        for table in own[-1].tables if own else []:
            if table.unknown_columns:
                yield (
                    f"  {table.table_name} has columns that nobody declared, kept and not used: "
                    f"{', '.join(table.unknown_columns)}; declare them in the CRM's sources file"
                )
        for held in waiting_loads(settings, source, {load.load_id for load in own}):
            yield f"  {held}"
    kept = editions(settings)
    published = published_numbers(settings)
    for edition in kept:
        shown = "published" if published.get(edition.month) == edition.number else "not published"
        past = ", reconstructed" if edition.is_reconstructed else ""
        yield (
            f"{edition.month}: edition {edition.number}, {shown}, "
            f"known as of {edition.as_of:%Y-%m-%d %H:%M} UTC{past}"
        )
    for edition in pending_restatements(settings):
        yield (
            f"{edition.month}: edition {edition.number} is pending, known as of "
            f"{edition.as_of:%Y-%m-%d %H:%M} UTC: crm-marts restatements, crm-marts restate"
        )
    for red in red_closes(settings):
        yield f"{red.month}: the last close was red, {red.ended_at[:16].replace('T', ' ')} UTC"
        for line in (*failed_lines(red.checks), *red.errors):
            yield f"  {line}"
        yield f"  all checks: {page_path(settings, red.month)}"
    yield f"release: {current_release(settings) or 'none yet'}"
    if settings.postgres.publish:
        yield f"PostgreSQL: {_shown_on_postgres(settings)}"
    closed = [Month.parse(edition.month) for edition in kept]
    following = max(closed).next() if closed else Month.parse(settings.close.first_month)
    due = scheduled_close(settings, following)
    state = "due since" if due <= datetime.now(UTC) else "due at"
    yield f"next: {following}, {state} {due.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}"
    try:
        run_period(settings, following, loads)
    except CrmMartsError as error:
        yield f"  waits: {error}"


def _shown_on_postgres(settings: Settings) -> str:
    try:
        shown = shown_release(settings.postgres)
    except PostgresError as error:
        return f"cannot be asked: {error}"
    return "nothing yet" if shown is None else f"release {shown:06d}"
