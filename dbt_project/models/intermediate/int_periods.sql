-- grain: period that ends in the month being closed
with run_period as (
    select
        *,
        cast(close_month + interval '1' month as date) as next_month
    from {{ ref('run_period') }}
),

month_days as (
    select
        working_calendar.calendar_date,
        run_period.close_month
    from {{ ref('working_calendar') }} as working_calendar
    inner join run_period
        on
            working_calendar.calendar_date >= run_period.close_month
            and working_calendar.calendar_date < run_period.next_month
),

periods as (
    select
        'week' as period_kind,
        cast(calendar_date - interval '6' day as date) as period_start,
        cast(calendar_date + interval '1' day as date) as period_end,
        cast(calendar_date - interval '13' day as date) as previous_period_start
    from month_days
    where {{ iso_weekday('calendar_date') }} = 7
    union all
    select
        'month',
        close_month,
        next_month,
        cast(close_month - interval '1' month as date)
    from run_period
    union all
    select
        'quarter',
        cast(close_month - interval '2' month as date),
        next_month,
        cast(close_month - interval '5' month as date)
    from run_period
    where extract(month from close_month) in (3, 6, 9, 12)
    union all
    select
        'year',
        cast(close_month - interval '11' month as date),
        next_month,
        cast(close_month - interval '23' month as date)
    from run_period
    where extract(month from close_month) = 12
),

final as (
    select
        periods.period_kind,
        periods.period_start,
        periods.period_end,
        periods.previous_period_start,
        {{ from_business('cast(periods.period_start as timestamp)') }} as start_at,
        {{ from_business('cast(periods.period_end as timestamp)') }} as end_at,
        {{ from_business('cast(periods.previous_period_start as timestamp)') }}
            as previous_start_at,
        run_period.close_month,
        run_period.as_of,
        run_period.scheduled_close_at,
        run_period.is_reconstructed
    from periods
    cross join run_period
)

select * from final
