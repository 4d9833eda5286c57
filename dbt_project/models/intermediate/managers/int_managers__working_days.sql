-- grain: month and manager
with months as (
    select * from {{ ref('int_months') }}
),

managers as (
    select
        manager_id,
        coalesce(hired_on, date '0001-01-01') as hired_on,
        coalesce(left_on, date '9999-12-31') as left_on
    from {{ ref('managers') }}
    where not is_robot
),

working_days as (
    select
        months.period_start,
        calendar.calendar_date
    from {{ ref('int_working_days') }} as calendar
    inner join months
        on
            calendar.calendar_date >= months.period_start
            and calendar.calendar_date < months.period_end
    where calendar.is_working
),

absent_days as (
    select distinct
        absences.manager_id,
        working_days.calendar_date
    from working_days
    inner join {{ ref('absences') }} as absences
        on
            working_days.calendar_date >= absences.absent_from
            and working_days.calendar_date <= absences.absent_to
    where not absences.is_deleted
),

final as (
    select
        months.period_start,
        managers.manager_id,
        count(working_days.calendar_date) as working_day_count,
        count(absent_days.calendar_date) as absence_day_count
    from managers
    cross join months
    left join working_days
        on
            months.period_start = working_days.period_start
            and managers.hired_on <= working_days.calendar_date
            and managers.left_on >= working_days.calendar_date
    left join absent_days
        on
            managers.manager_id = absent_days.manager_id
            and working_days.calendar_date = absent_days.calendar_date
    group by months.period_start, managers.manager_id
)

select * from final
