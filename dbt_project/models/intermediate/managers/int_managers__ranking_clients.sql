-- grain: month, manager and client (`no client` for all that is with none)
with plans as (
    -- A client is covered when each of its lines is.
    select
        period_start,
        manager_id,
        coalesce(client_id, 'no client') as client_id,
        count(*) as plan_line_count,
        sum(planned_count) as planned_count,
        sum(fulfilled_count) as fulfilled_count,
        max(case when planned_count > 0 and client_id is not null then 1 else 0 end)
            as planned_client_count,
        min(case when fulfilled_count < planned_count then 0 else 1 end) as is_covered
    from {{ ref('int_plans__facts') }}
    group by period_start, manager_id, coalesce(client_id, 'no client')
),

due as (
    select
        period_start,
        manager_id,
        coalesce(client_id, 'no client') as client_id,
        count(*) as due_count,
        count(case when deadline_class = 'on time' then 1 end) as on_time_count
    from {{ ref('int_interactions__due') }}
    where
        basis = 'current'
        and deadline_class <> 'not yet due'
        and manager_id is not null
    group by period_start, manager_id, coalesce(client_id, 'no client')
),

open_items as (
    select
        period_start,
        manager_id,
        coalesce(client_id, 'no client') as client_id,
        count(*) as open_count,
        count(case when outcome = 'overdue' then 1 end) as overdue_count
    from {{ ref('int_interactions__period_outcomes') }}
    where
        period_kind = 'month'
        and is_open
        and manager_id is not null
    group by period_start, manager_id, coalesce(client_id, 'no client')
),

cells as (
    select
        period_start,
        manager_id,
        client_id
    from plans
    union
    select
        period_start,
        manager_id,
        client_id
    from due
    union
    select
        period_start,
        manager_id,
        client_id
    from open_items
),

final as (
    select
        cells.period_start,
        cells.manager_id,
        cells.client_id,
        coalesce(plans.plan_line_count, 0) as plan_line_count,
        cast(coalesce(plans.fulfilled_count, 0) as bigint) as fulfilled_count,
        cast(coalesce(plans.planned_count, 0) as bigint) as planned_count,
        coalesce(plans.is_covered * plans.planned_client_count, 0) as covered_client_count,
        coalesce(plans.planned_client_count, 0) as planned_client_count,
        coalesce(due.on_time_count, 0) as on_time_count,
        coalesce(due.due_count, 0) as due_count,
        coalesce(open_items.overdue_count, 0) as overdue_count,
        coalesce(open_items.open_count, 0) as open_count
    from cells
    left join plans
        on
            cells.period_start = plans.period_start
            and cells.manager_id = plans.manager_id
            and cells.client_id = plans.client_id
    left join due
        on
            cells.period_start = due.period_start
            and cells.manager_id = due.manager_id
            and cells.client_id = due.client_id
    left join open_items
        on
            cells.period_start = open_items.period_start
            and cells.manager_id = open_items.manager_id
            and cells.client_id = open_items.client_id
)

select * from final
