"""The conformance kit: builds one CRM's sources alone, asks every check, tells what to mend."""

import shutil
from collections.abc import Iterator
from typing import Any

import duckdb

from orchestration.checks.conformance import CHECKS, NEEDS, REPORTS, ContractCheck, Finding
from orchestration.checks.staging_folder import folder_findings
from orchestration.close.period import (
    Month,
    RunPeriod,
    month_end,
    scheduled_close,
    write_run_period,
)
from orchestration.dbt import run_dbt
from orchestration.errors import CrmMartsError
from orchestration.raw.kept import LandedLoad, literal
from orchestration.raw.landing import land, landed_loads
from orchestration.settings import EMBEDDED, Settings, known_crms

# dbt tests that judge a source, by the beginning of their names, and what to do when one fails.
DBT_CHECKS = (
    (
        "delivered_rows_are_accounted_for",
        "delivery identity",
        "A staging model loses or multiplies rows: it selects from raw_versions() alone, without "
        "joins that filter or fan out.",
    ),
    (
        "unique_key",
        "keys",
        "The model yields a key twice: a join fans out, or the table's meta.key is not its key.",
    ),
    ("accepted_values", "values", "Map the CRM's values to those that the contract names."),
    (
        "quarantined_share_is_small",
        "quarantined share",
        "Look at the reasons above and with `crm-marts quarantine`; mend the export, or the rule "
        "if it refuses what is usable.",
    ),
)
MAX_SUBJECTS = 8


class Report:
    """Words findings and remembers them."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self.names: dict[str, list[str]] = {"ok": [], "look": [], "FIX": []}

    @property
    def holds(self) -> bool:
        """Whether a close would hold."""
        return not self.names["FIX"]

    def closing_lines(self) -> Iterator[str]:
        """What to do next."""
        if self.names["FIX"]:
            yield f"To fix before a close: {', '.join(self.names['FIX'])}."
        if self.names["look"]:
            yield f"To look at: {', '.join(self.names['look'])}."
        if self.holds:
            yield "A close of these loads would hold."

    def lines(self, finding: Finding) -> Iterator[str]:
        """The finding as a person reads it."""
        self.names[finding.state].append(finding.name)
        yield f"  {finding.state:<4} {finding.name}"
        yield from (f"         {detail}" for detail in finding.details)
        if finding.remedy and finding.state != "ok":
            yield f"       > {finding.remedy}"


def check_crm(settings: Settings, crm: str, month: Month | None = None) -> Iterator[str | bool]:
    """Yield the report's lines, and last whether a close of these sources would hold.

    All sources of the CRM are landed and built apart from the warehouse, below
    `<data_dir>/check/<crm>`, as known at their newest load. Raises CrmMartsError when there is
    nothing to check or a file cannot be read.
    """
    alone = _settings_of(settings, crm)
    shutil.rmtree(alone.data_dir, ignore_errors=True)
    waiting: list[str] = []
    land(alone, waiting.append)
    loads = landed_loads(alone)
    if not loads:
        raise CrmMartsError(
            "; ".join(waiting) or f"no load of {', '.join(alone.sources)} was delivered yet",
            remedy=f"Loads stand in {alone.raw_dir / next(iter(alone.sources))}/<time>/; one with "
            "a _load.json ({} will do) is taken at once.",
        )
    report = Report()
    newest = max(load.extracted_at for load in loads)
    yield f"{crm}: sources {', '.join(alone.sources)}; {len(loads)} loads, newest {newest:%Y-%m-%d}"
    period = _period(alone, month or _last_ended(alone, loads), loads)
    failures = _build(alone, period, ["resource_type:seed", "+path:models/canonical"])
    if not failures and month is None:
        period = _period(alone, _month_with_data(alone) or period.month, loads)
        write_run_period(alone, period)
    failures = failures or _build(alone, period, ["path:models/intermediate", "path:models/marts"])
    if failures:
        yield "Models"
        remedy = (
            "Look at the first model named. A constraint that failed means a column that the "
            f"contract requires and a model of {crm} does not give; docs/add-a-crm.md names macros."
        )
        yield from report.lines(Finding("the models build", "FIX", failures, remedy))
        yield False
        return
    tests = _dbt_findings(alone)
    with duckdb.connect(str(alone.work_db), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'; use canonical; set search_path = 'canonical,staging'")
        yield from _delivered(db, loads)
        yield "Checks"
        findings = (
            *(*tests, *folder_findings(db, crm)),
            *(*_contract_findings(db, alone), *_characteristics(db, alone)),
        )
        for finding in findings:
            yield from report.lines(finding)
        yield f"Reports of {period.month}"
        db.execute(f"attach {literal(alone.building_db)} as building (read_only)")
        yield from _reports(db, period.month)
    yield f"All tables stand in {alone.work_db}."
    yield from report.closing_lines()
    yield report.holds


def _settings_of(settings: Settings, crm: str) -> Settings:
    sources = {name: source for name, source in settings.sources.items() if source.crm == crm}
    if not sources:
        known = crm in known_crms()
        raise CrmMartsError(
            f"crm_marts.toml has no source of crm {crm!r}"
            if known
            else f"there is no folder models/staging/{crm} with a file _{crm}__sources.yml",
            remedy=f'Add a block [sources.<name>] with crm = "{crm}".'
            if known
            else "docs/add-a-crm.md tells how to write one.",
        )
    data_dir = settings.data_dir / "check" / crm
    update = {"sources": sources, "data_dir": data_dir, "engine": EMBEDDED}
    return settings.model_copy(update=update)


def _period(settings: Settings, month: Month, loads: list[LandedLoad]) -> RunPeriod:
    newest = max(load.extracted_at for load in loads)
    return RunPeriod(month, newest, scheduled_close(settings, month), is_reconstructed=False)


def _last_ended(settings: Settings, loads: list[LandedLoad]) -> Month:
    newest = max(load.extracted_at for load in loads).astimezone(settings.zone)
    return Month(newest.year, newest.month).previous()


def _month_with_data(settings: Settings) -> Month | None:
    """The last month that ended before the newest load and in which something was completed."""
    with duckdb.connect(str(settings.work_db), read_only=True) as db:
        rows = db.execute(
            """select distinct strftime(timezone($zone, timezone('UTC',
                   coalesce(actual_start_at, completed_at))), '%Y-%m') as month
               from canonical.interactions
               where completed_at is not null and not is_deleted and not is_auto
               order by month desc""",
            {"zone": settings.business_timezone},
        ).fetchall()
        [(as_of,)] = db.execute("select as_of from run.run_period").fetchall()
    months = [Month.parse(text) for (text,) in rows]
    ended = [m for m in months if month_end(settings, m).replace(tzinfo=None) <= as_of]
    return next(iter(ended), None)


def _run(settings: Settings, command: list[str]) -> Any:
    without = ["--exclude-resource-type", "unit_test"]
    return run_dbt(settings, [*command, *without])


def _build(settings: Settings, period: RunPeriod, select: list[str]) -> list[str]:
    """Build models for a month; messages of those that failed."""
    write_run_period(settings, period)
    outcome = _run(settings, ["build", "--exclude-resource-type", "test", "--select", *select])
    if outcome.result is None:
        return [str(outcome.exception)]
    failed = (r for r in outcome.result if str(r.status) in ("error", "fail"))
    return [f"{r.node.name}: {r.message}" for r in failed]


def _dbt_findings(settings: Settings) -> list[Finding]:
    select = ["path:models/staging", "path:models/canonical", "quarantined_share_is_small"]
    outcome = _run(settings, ["test", "--select", *select])
    failed: dict[str, list[str]] = {prefix: [] for prefix, *_ in DBT_CHECKS}
    for result in outcome.result:
        prefix = next((p for p in failed if result.node.name.startswith(p)), None)
        if prefix and str(result.status) in ("fail", "error"):
            model = getattr(result.node, "attached_node", None) or result.node.name
            found = result.message if result.failures is None else f"{result.failures} rows"
            failed[prefix].append(f"{model.split('.')[-1]}: {found}")
    return [
        Finding(name, "FIX" if failed[prefix] else "ok", failed[prefix], remedy)
        for prefix, name, remedy in DBT_CHECKS
    ]


def _delivered(db: duckdb.DuckDBPyConnection, loads: list[LandedLoad]) -> Iterator[str]:
    yield "Delivered rows, all loads"
    yield "  table: delivered = unchanged + staged + exact duplicates + quarantined"
    quarantined = dict(
        db.execute(
            "select source || '/' || table_name, count(*) from quarantine group by all"
        ).fetchall()
    )
    names = sorted({(load.source, table.table_name) for load in loads for table in load.tables})
    for source, name in names:
        counts = [
            table
            for load in loads
            for table in load.tables
            if (load.source, table.table_name) == (source, name)
        ]
        refused = quarantined.get(f"{source}/{name}", 0)
        staged = sum(c.changed + c.rejected for c in counts) - refused
        yield (
            f"  {source}/{name}: {sum(c.delivered for c in counts):,} = "
            f"{sum(c.unchanged for c in counts):,} + {staged:,} + "
            f"{sum(c.exact_duplicates for c in counts):,} + {refused:,}"
        )
    reasons = db.execute(
        """select source || '/' || table_name, reason, count(*) from quarantine
           group by all order by 3 desc, 1, 2 limit 20"""
    ).fetchall()
    yield from (f"  quarantined in {place}: {count:,} x {why}" for place, why, count in reasons)


def _contract_findings(db: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Finding]:
    limits = {"max_duration_minutes": settings.rules.max_duration_minutes}
    db.execute("set search_path = 'canonical,staging,reference'")
    for check in CHECKS:
        used = {name: value for name, value in limits.items() if f"${name}" in check.rows}
        rows = db.execute(check.rows, used).fetchall()
        [(population,)] = db.execute(check.population or "select 0").fetchall()
        yield _finding(settings, check, rows, population)


def _finding(
    settings: Settings, check: ContractCheck, rows: list[tuple[Any, ...]], population: int
) -> Finding:
    count = sum(row[1] for row in rows)
    share = check.blocking_share
    is_blocking = share and count > population * float(getattr(settings.checks, share, share))
    name = check.name
    if population:
        name += f" ({population - count:,} of {population:,}, {1 - count / population:.1%})"
    details = [f"{subject}: {count:,} rows, such as {', '.join(e)}" for subject, count, e in rows]
    if len(details) > MAX_SUBJECTS:
        details[MAX_SUBJECTS:] = [f"and {len(details) - MAX_SUBJECTS} more"]
    state = "ok" if not rows else "FIX" if is_blocking else "look"
    return Finding(name, state, details, check.remedy)


def _characteristics(db: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Finding]:
    for name, source in settings.sources.items():
        for characteristic, carried in source.characteristics.items():
            [(count,)] = db.execute(
                """select count(*) from client_characteristics
                   where characteristic = ? and split_part(client_id, ':', 1) = ?""",
                [characteristic, name],
            ).fetchall()
            yield Finding(
                f"characteristic {characteristic} of {name}: {count:,} values",
                "ok" if count else "look",
                [],
                f"Is the column really named {carried.column!r} in the export?",
            )


def _reports(db: duckdb.DuckDBPyConnection, month: Month) -> Iterator[str]:
    lacking = {
        need: text for need, (sql, text) in NEEDS.items() if db.execute(sql).fetchall() == [(0,)]
    }
    for report, (needed, wanted) in REPORTS.items():
        [(count,)] = db.execute(
            f"select count(*) from building.marts.{report} where close_month = ?",
            [month.first_day],
        ).fetchall()
        absent = [lacking[need] for need in needed if need in lacking]
        poorer = [lacking[need] for need in wanted if need in lacking]
        if absent:
            yield f"  empty  {report}: {'; '.join(absent)}"
        elif not count:
            yield f"  empty  {report}: the month has nothing of the kind"
        elif poorer:
            yield f"  partly {report}: {count:,} rows; {'; '.join(poorer)}"
        else:
            yield f"  filled {report}: {count:,} rows"
