"""The few figures of the last closed month that are shown after a run."""

from collections.abc import Iterator
from typing import Any

import duckdb

from orchestration.close.release import (
    RESTRICTED,
    SERVING,
    current_release,
    published_editions,
)
from orchestration.errors import CrmMartsError
from orchestration.settings import Settings

HEADLINES = (
    (
        "rpt_client_growth",
        """select format('{} clients: {} at the start, {} new, {} restored, {} lost, {} merged',
               closing_client_count, opening_client_count, new_client_count + migrated_client_count,
               restored_client_count, lost_client_count, merged_client_count)
           from rpt_client_growth
           where period_kind = 'month' and characteristic = 'all' and close_month = $month""",
    ),
    (
        "rpt_segment_sizes",
        """select string_agg(format('{} {} ({:.0f}%)', value_1, client_count, 100 * client_share),
               ', ' order by client_count desc, value_1)
           from rpt_segment_sizes where close_month = $month and combination = 'client_class'""",
    ),
    (
        "rpt_named_segments",
        """select string_agg(format('{} {}', segment_title, client_count), ', '
               order by client_count desc, segment)
           from (from rpt_named_segments where close_month = $month
               order by client_count desc, segment limit 3)""",
    ),
    (
        "rpt_contact_persons",
        """select format('{} persons, {} clients without any, {} without a decision maker',
               person_count, client_without_person_count, client_without_decision_maker_count)
           from rpt_contact_persons where close_month = $month
               and characteristic = 'all' and position = 'all' and role = 'all'""",
    ),
    (
        "rpt_manager_load",
        """select format('{} managers, median {:.0f} clients, most {}; without manager {}',
               count(*) filter (where row_kind = 'manager'),
               median(main_client_count) filter (where row_kind = 'manager'),
               max(main_client_count) filter (where row_kind = 'manager'),
               sum(main_client_count) filter (where row_kind <> 'manager'))
           from rpt_manager_load where close_month = $month and client_class = 'all'""",
    ),
    (
        "rpt_interaction_kpis",
        """select string_agg(format('{} {}', interaction_count, interaction_kind), ', '
               order by interaction_count desc, interaction_kind)
               || format('; {} conversations of {:.1f} minutes, {} attempts',
                   max(conversation_count),
                   max(call_minutes) / nullif(max(conversation_count), 0), max(attempt_count))
           from rpt_interaction_kpis
           where close_month = $month and period_kind = 'month' and attribution = 'performer'
               and manager_id = 'all' and interaction_group = 'all'
               and interaction_kind <> 'all'""",
    ),
    (
        "rpt_interaction_groups",
        """select format('{} complaints after {} the month before, {} consultations, '
                   || '{} service visits, {} first contacts',
               coalesce(sum(interaction_count) filter (interaction_group = 'complaint'), 0),
               coalesce(
                   sum(previous_interaction_count) filter (interaction_group = 'complaint'), 0
               ),
               coalesce(sum(interaction_count) filter (interaction_group = 'consultation'), 0),
               coalesce(sum(interaction_count) filter (interaction_group = 'service_visit'), 0),
               coalesce(sum(first_contact_client_count) filter (interaction_group = 'all'), 0))
           from rpt_interaction_groups
           where close_month = $month and period_kind = 'month' and manager_id = 'all'""",
    ),
    (
        "rpt_interaction_outcomes",
        """select format('{} on time, {} late, {} cancelled, {} overdue at the end',
               sum(completed_on_time_count), sum(completed_late_count), sum(cancelled_count),
               sum(overdue_count))
           from rpt_interaction_outcomes where close_month = $month and period_kind = 'month'""",
    ),
    (
        "rpt_planned_activity",
        """select format('{} planned, {} done ({:.0f}%), {} planned for the next month',
               sum(done_count + not_done_count), sum(done_count),
               100 * sum(done_count) / nullif(sum(done_count + not_done_count), 0),
               sum(next_period_planned_count))
           from rpt_planned_activity where close_month = $month""",
    ),
    (
        "rpt_deadline_compliance",
        """select format('{} of {} deadlines kept ({:.0f}%), {} late, {} still open',
               on_time_count, due_count, 100 * on_time_share, late_count, still_open_count)
           from rpt_deadline_compliance where close_month = $month and manager_id = 'all'""",
    ),
    (
        "rpt_plan_fulfilment",
        """select format('{} of {} planned contacts ({:.0f}%), {} of {} clients covered, '
                   || '{} contacts outside the plan',
               fulfilled_count, planned_count, 100 * fulfilment_share, covered_client_count,
               planned_client_count, unplanned_count)
           from rpt_plan_fulfilment where close_month = $month and row_kind = 'total'""",
    ),
    (
        "rpt_manager_ranking",
        """select format('{} of {} managers ranked; {} of them stand apart from the next',
               count(*) filter (is_ranked), count(*), count(*) filter (is_apart_from_next))
           from rpt_manager_ranking where close_month = $month""",
    ),
    (
        "rpt_no_contact_clients",
        """select format('{} of {} clients without contact, {} of them slipped from last month',
               count(*) filter (where contact_status = 'no contact'), count(*),
               count(*) filter (where is_slipped))
           from rpt_no_contact_clients where close_month = $month""",
    ),
)


def headline_lines(settings: Settings) -> Iterator[str]:
    """One line per report for the newest published month, then where to look."""
    release = current_release(settings)
    if release is None:
        raise CrmMartsError("nothing is published yet", remedy="Close a month first.")
    path = release / SERVING
    with duckdb.connect(str(path), read_only=True) as db:
        db.execute("use marts")
        [(month,)] = db.execute("select max(close_month) from dim_periods").fetchall()
        yield f"\n{month:%B %Y}"
        for report, sql in HEADLINES:
            yield f"  {report:<26}{_one_value(db, sql, {'month': month})}"
    edition, _ = published_editions(release)[f"{month:%Y-%m}"]
    pack, pointer = settings.pack_dir(f"{month:%Y-%m}", edition), settings.published_dir / "current"
    yield ""
    if pack.is_dir():
        yield f"Pack       {pack} (report.html, report.pdf, report.xlsx, registers)"
    yield f"Marts      {pointer / SERVING} (schema marts), Parquet beside it"
    yield f"Names      {pointer / RESTRICTED} (schema restricted)"
    yield 'Look       .venv/bin/crm-marts sql "from rpt_no_contact_clients"'
    yield "Dashboard  make dashboard"
    yield "Dagster    make ui"


def _one_value(db: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> str:
    [(value,)] = db.execute(sql, parameters).fetchall()
    return "nothing" if value is None else str(value)
