-- grain: client in the base at the month's end and manager who has it, as main or second
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

clients as (
    select
        client_id,
        coalesce(client_class, 'unknown') as client_class,
        case when owner_state = 'manager' then owner_manager_id else owner_state end as manager_id
    from {{ ref('int_clients__at_boundaries') }}
    where boundary = 'end'
),

activity as (
    select activity.*
    from {{ ref('int_clients__activity') }} as activity
    inner join period
        on
            activity.period_kind = period.period_kind
            and activity.period_start = period.period_start
),

second_managers as (
    select
        owners.client_id,
        case
            when managers.left_on < period.period_end then 'manager left'
            else owners.manager_id
        end as manager_id
    from {{ ref('int_clients__owners') }} as owners
    cross join period
    inner join {{ ref('managers') }} as managers on owners.manager_id = managers.manager_id
    where
        not owners.is_main
        and {{ valid_before('owners', 'period.end_at') }}
),

assigned as (
    select
        client_id,
        client_class,
        manager_id,
        true as is_main
    from clients
    union
    select
        clients.client_id,
        clients.client_class,
        second_managers.manager_id,
        false
    from clients
    inner join second_managers on clients.client_id = second_managers.client_id
),

final as (
    select
        assigned.manager_id,
        assigned.client_id,
        assigned.client_class,
        assigned.is_main,
        coalesce(activity.is_active, false) as is_active,
        coalesce(planned.planned_next_month_count, 0) as planned_next_month_count
    from assigned
    left join activity on assigned.client_id = activity.client_id
    left join {{ ref('int_clients__next_planned') }} as planned
        on assigned.client_id = planned.client_id
)

select * from final
