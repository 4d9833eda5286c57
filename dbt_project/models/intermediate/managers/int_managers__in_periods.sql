-- grain: period and manager who was employed or had a client on any day of it
with periods as (
    select * from {{ ref('int_periods') }}
),

managers as (
    select * from {{ ref('managers') }}
    where not is_robot
),

owners as (
    select * from {{ ref('int_clients__owners') }}
    where is_main
),

employed as (
    select
        periods.period_kind,
        periods.period_start,
        managers.manager_id
    from periods
    inner join managers
        on
            coalesce(periods.period_end > managers.hired_on, true)
            and coalesce(periods.period_start <= managers.left_on, true)
            and coalesce(periods.start_at <= managers.deleted_at, true)
),

owning as (
    select
        periods.period_kind,
        periods.period_start,
        managers.manager_id
    from periods
    inner join owners
        on
            periods.end_at > owners.valid_from
            and (periods.start_at < owners.valid_to or owners.valid_to is null)
    inner join managers on owners.manager_id = managers.manager_id
)

select * from employed
union
select * from owning
