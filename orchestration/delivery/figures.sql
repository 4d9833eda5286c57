-- One row per figure, month and manager: what headlines, curves and tables of the pack sum up.
-- $first and $last bound the months. Rows `all` of the marts stay out: every figure here is additive over
-- managers, and the total is their sum.
with load as (
    select close_month, manager_id, main_client_count, active_client_count, silent_client_count
    from rpt_manager_load
    where client_class = 'all'
),

activity as (
    select close_month, manager_id, interaction_count, conversation_count, attempt_count, call_minutes, meeting_minutes
    from rpt_interaction_kpis
    where period_kind = 'month' and attribution = 'performer' and manager_id <> 'all'
        and interaction_kind = 'all' and interaction_group = 'all'
),

kinds as (
    select close_month, manager_id, interaction_kind || '_kind' as figure, interaction_count as value
    from rpt_interaction_kpis
    where period_kind = 'month' and attribution = 'performer' and manager_id <> 'all'
        and interaction_kind <> 'all' and interaction_group = 'all'
),

groups as (
    select close_month, manager_id, interaction_group || '_group' as figure, interaction_count as value
    from rpt_interaction_groups
    where period_kind = 'month' and manager_id <> 'all' and interaction_group <> 'all'
),

outcomes as (
    select
        close_month, manager_id,
        sum(columns('^(completed_.*|cancelled|overdue|overdue_.*_days)_count$'))
    from rpt_interaction_outcomes
    where period_kind = 'month'
    group by close_month, manager_id
),

planned as (
    select
        close_month, manager_id,
        sum(done_count) as done_count,
        sum(not_done_count) as not_done_count,
        sum(next_period_planned_count) as next_period_planned_count
    from rpt_planned_activity
    group by close_month, manager_id
),

deadlines as (
    select close_month, manager_id, due_count, on_time_count, late_count, still_open_count
    from rpt_deadline_compliance
    where manager_id <> 'all'
),

plans as (
    select close_month, manager_id, planned_count, fulfilled_count, unplanned_count, planned_client_count,
        covered_client_count
    from rpt_plan_fulfilment
    where row_kind = 'manager' and manager_id <> 'all'
),

contacts as (
    select
        close_month,
        coalesce(owner_manager_id, 'no manager') as manager_id,
        count(*) filter (contact_status = 'no contact') as no_contact_count,
        count(*) filter (is_slipped) as slipped_count,
        count(*) filter (is_resumed) as resumed_count
    from rpt_no_contact_clients
    group by all
)

select figure, close_month, manager_id, value
from (
    (unpivot load on columns(* exclude (close_month, manager_id)) into name figure value value)
    union all by name (unpivot activity on columns(* exclude (close_month, manager_id)) into name figure value value)
    union all by name (unpivot outcomes on columns(* exclude (close_month, manager_id)) into name figure value value)
    union all by name (unpivot planned on columns(* exclude (close_month, manager_id)) into name figure value value)
    union all by name (unpivot deadlines on columns(* exclude (close_month, manager_id)) into name figure value value)
    union all by name (unpivot plans on columns(* exclude (close_month, manager_id)) into name figure value value)
    union all by name (unpivot contacts on columns(* exclude (close_month, manager_id)) into name figure value value)
    union all by name from kinds
    union all by name from groups
)
where value <> 0 and close_month between $first and $last
order by all
