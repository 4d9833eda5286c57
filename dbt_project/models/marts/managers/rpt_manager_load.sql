-- grain: month and manager, with the rows `no manager` and `manager left`
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

managers as (
    select spine.manager_id
    from {{ ref('int_managers__in_periods') }} as spine
    inner join period on spine.period_kind = period.period_kind
    inner join {{ ref('managers') }} as managers on spine.manager_id = managers.manager_id
    where coalesce(managers.left_on >= period.period_end, true)
),

clients as (
    select
        at_month_end.*,
        case
            when owner_state = 'manager' then owner_manager_id
            else owner_state
        end as load_manager_id
    from {{ ref('int_clients__at_month_end') }} as at_month_end
),

contacts as (
    select * from {{ ref('int_clients__contact_state') }}
),

plans as (
    select * from {{ ref('int_clients__next_planned') }}
),

second_managers as (
    select
        owners.manager_id,
        count(distinct owners.client_id) as second_client_count
    from {{ ref('int_clients__owners') }} as owners
    cross join period
    inner join clients on owners.client_id = clients.client_id
    where
        not owners.is_main
        and owners.valid_from < period.end_at
        and (owners.valid_to >= period.end_at or owners.valid_to is null)
    group by owners.manager_id
),

main_managers as (
    select
        clients.load_manager_id as manager_id,
        count(*) as main_client_count,
        sum(case
            when
                contacts.last_contact_at
                >= period.end_at - {{ var('active_days') }} * interval '1' day then 1
            else 0
        end) as active_client_count,
        sum(coalesce(plans.planned_next_month_count, 0)) as planned_next_month_count
    from clients
    cross join period
    left join contacts on clients.client_id = contacts.client_id
    left join plans on clients.client_id = plans.client_id
    group by clients.load_manager_id
),

spine as (
    select manager_id from managers
    union
    select load_manager_id from clients
    union
    select 'no manager'
    union
    select 'manager left'
),

totals as (
    select count(*) as base_client_count from clients
),

final as (
    select
        period.period_kind,
        period.period_start,
        period.close_month,
        spine.manager_id,
        case
            when spine.manager_id in ('no manager', 'manager left') then spine.manager_id
            else 'manager'
        end as row_kind,
        cast(coalesce(main_managers.main_client_count, 0) as bigint) as main_client_count,
        cast(coalesce(second_managers.second_client_count, 0) as bigint) as second_client_count,
        totals.base_client_count,
        {{ ratio('coalesce(main_managers.main_client_count, 0)', 'totals.base_client_count') }}
            as main_client_share,
        cast(coalesce(main_managers.active_client_count, 0) as bigint) as active_client_count,
        cast(
            coalesce(main_managers.main_client_count, 0)
            - coalesce(main_managers.active_client_count, 0) as bigint
        ) as silent_client_count,
        cast(coalesce(main_managers.planned_next_month_count, 0) as bigint)
            as planned_next_month_count
    from spine
    cross join period
    cross join totals
    left join main_managers on spine.manager_id = main_managers.manager_id
    left join second_managers on spine.manager_id = second_managers.manager_id
)

select * from final
