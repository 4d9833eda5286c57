-- grain: manager (with `all`), in the month being closed
with month_closed as (
    select period_start from {{ ref('int_months') }}
    where is_closing
),

cells as (
    select * from {{ ref('int_plans__cells') }}
),

clients as (
    -- A client is covered when none of its lines is missed.
    select
        manager_id,
        client_id,
        1 - max(is_missed) as is_covered
    from cells
    where planned_count > 0 and client_id <> 'any'
    group by manager_id, client_id
),

measures as (
    select
        manager_id,
        planned_count,
        fact_count,
        fulfilled_count,
        unplanned_count,
        0 as planned_client_count,
        0 as covered_client_count,
        0 as amendment_count
    from cells
    union all
    select
        manager_id,
        null,
        0,
        0,
        0,
        1,
        is_covered,
        0
    from clients
    union all
    select
        amendments.manager_id,
        null,
        0,
        0,
        0,
        0,
        0,
        amendments.amendment_count
    from {{ ref('int_plans__amendments') }} as amendments
    inner join month_closed on amendments.period_start = month_closed.period_start
    union all
    -- Managers without plan and contacts stand in the report too.
    select
        in_periods.manager_id,
        null,
        0,
        0,
        0,
        0,
        0,
        0
    from {{ ref('int_managers__in_periods') }} as in_periods
    inner join month_closed on in_periods.period_start = month_closed.period_start
    where in_periods.period_kind = 'month'
)

select
    coalesce(manager_id, 'all') as manager_id,
    sum(planned_count) as planned_count,
    coalesce(sum(fact_count), 0) as fact_count,
    coalesce(sum(fulfilled_count), 0) as fulfilled_count,
    coalesce(sum(unplanned_count), 0) as unplanned_count,
    coalesce(sum(planned_client_count), 0) as planned_client_count,
    coalesce(sum(covered_client_count), 0) as covered_client_count,
    coalesce(sum(amendment_count), 0) as amendment_count
from measures
group by rollup(manager_id)
