-- The mart of models/marts/plans, without plans and with the norms off: every contact of the month is unplanned.

-- grain: month, kind of row, manager, client, interaction kind and interaction group
create table rpt_plan_fulfilment as
with cells as (
    select
        coalesce(manager_id, 'no manager') as manager_id, coalesce(client_id, 'no client') as client_id,
        interaction_kind, interaction_group, count(*) as unplanned_count
    from counted
    where is_in_month and is_contact
    group by all
),

totals as (
    select coalesce(manager_id, 'all') as manager_id, sum(unplanned_count) as unplanned_count
    from (
        select manager_id, unplanned_count from cells
        union all
        select manager_id, 0 from managers
    )
    group by rollup (manager_id)
),

report_rows as (
    select 'unplanned' as row_kind, * from cells
    union all
    select if(manager_id = 'all', 'total', 'manager'), manager_id, 'all', 'all', 'all', unplanned_count from totals
)

select
    period_kind, period_start, close_month, row_kind, manager_id, client_id, interaction_kind, interaction_group,
    'no plan' as plan_status,
    null::varchar as plan_ids,
    null::int as plan_version,
    null::bigint as planned_count,
    0::bigint as fact_count,
    0::bigint as fulfilled_count,
    null::decimal(18, 4) as fulfilment_share,
    null::decimal(18, 4) as uncapped_share,
    unplanned_count::bigint as unplanned_count,
    0::bigint as planned_client_count,
    0::bigint as covered_client_count,
    null::decimal(18, 4) as coverage_share,
    0::bigint as amendment_count,
    null::bigint as amended_planned_count
from report_rows
cross join closing;
