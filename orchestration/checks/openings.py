"""Identity of the client base: a month opens with what its predecessor published, and what it owes.

opening(P + 1) - closing of P's edition = sum of the pending restatements of P, in every breakdown.
"""

import duckdb

from orchestration.checks.result import MAX_FAILING_KEYS, CheckResult
from orchestration.close.edition import Edition, edition_dir, latest_edition
from orchestration.close.examined import NEVER, present_stamp, read_stamps, stamp_of
from orchestration.close.pending import CHANGES, pending_dir
from orchestration.close.period import RunPeriod
from orchestration.raw.kept import literal
from orchestration.settings import Settings

OPENINGS = "opening_is_the_published_closing"
MART = "rpt_client_growth"
REMEDY = (
    "The two months' marts contradict each other: nothing was published. Remove the folder of the "
    "restatements (all of it is computed anew) and close again."
)
NO_CHANGES = "select '' as mart, '' as row_key, '' as column_name, 0 as delta where false"


def check_openings(settings: Settings, period: RunPeriod, asset: str) -> CheckResult:
    """Hold the built month's openings against the closings of the month before.

    Failing keys are the breakdowns (characteristic=value) in which the identity does not hold.
    """
    before = latest_edition(settings, period.month.previous())
    if before is None:
        return _result(asset, f"{period.month.previous()} is not closed", [])
    # Only what was computed by the same knowledge, code and inputs owes nothing but restatements.
    stamps = (read_stamps(settings).get(before.month, NEVER), stamp_of(before))
    if max(stamps, key=lambda stamp: stamp.as_of) != present_stamp(settings, period.as_of):
        return _result(asset, f"{before.month} was not examined by what is known now", [])
    with duckdb.connect(str(settings.building_db), read_only=True) as db:
        found = db.execute(_query(settings, period, before)).fetchall()
    pending = sum(int(owed) for name, _, _, owed in found if name == "all=all")
    differing = [
        f"{name}: opens with {opening}, closed with {closing}, pending {owed:+g}"
        for name, opening, closing, owed in found
        if opening - closing != owed
    ]
    return _result(asset, f"{len(found)} breakdowns, {pending:+d} clients pending", differing)


def _result(asset: str, observed: str, differing: list[str]) -> CheckResult:
    return CheckResult(
        asset=asset,
        name=OPENINGS,
        passed=not differing,
        is_blocking=True,
        observed=observed,
        threshold="the client base that the month before published, and its pending restatements",
        failing_keys=differing[:MAX_FAILING_KEYS],
        remedy=REMEDY,
        failing_count=len(differing),
    )


def _query(settings: Settings, period: RunPeriod, before: Edition) -> str:
    """SQL of breakdown, opening, published closing and pending difference."""
    closed = literal(edition_dir(settings, before) / f"{MART}.parquet")
    changes = pending_dir(settings, before.month) / CHANGES
    owed = f"from read_parquet({literal(changes)})" if changes.is_file() else NO_CHANGES
    return f"""
        with opening as (
            select characteristic || '=' || value as breakdown, opening_client_count as clients
            from marts.{MART}
            where close_month = date '{period.month.first_day}' and period_kind = 'month'
        ),
        closing as (
            select characteristic || '=' || value as breakdown, closing_client_count as clients
            from read_parquet({closed}) where period_kind = 'month'
        ),
        owed as (
            select (row_key ->> 'characteristic') || '=' || (row_key ->> 'value') as breakdown,
                sum(delta) as clients
            from ({owed})
            where mart = '{MART}' and column_name = 'closing_client_count'
                and (row_key ->> 'period_kind') = 'month'
            group by all
        )
        select breakdown, coalesce(opening.clients, 0), coalesce(closing.clients, 0),
            coalesce(owed.clients, 0)
        from opening
        full join closing using (breakdown)
        full join owed using (breakdown)
        order by breakdown"""
