-- grain: period and manager who was employed or had a client on any day of it
with periods as (
    select * from {{ ref('int_periods') }}
),

managers as (
    select * from {{ ref('managers') }} where not is_robot and not is_deleted
),

owners as (
    select * from {{ ref('int_clients__owners') }} where is_main
),

employed as (
    select periods.period_kind, periods.period_start, managers.manager_id
    from periods
    inner join managers
        on coalesce(managers.hired_on < periods.period_end, true)
        and coalesce(managers.left_on >= periods.period_start, true)
),

owning as (
    select periods.period_kind, periods.period_start, managers.manager_id
    from periods
    inner join owners
        on owners.valid_from < periods.end_at
        and (owners.valid_to > periods.start_at or owners.valid_to is null)
    inner join managers on owners.manager_id = managers.manager_id
)

select * from employed
union
select * from owning
