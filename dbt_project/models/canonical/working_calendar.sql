-- grain: calendar date
with run_period as (
    select * from {{ ref('run_period') }}
),

exceptions as (
    select * from {{ ref('calendar_exceptions') }}
),

days as (
    {{ day_series("date '2000-01-01'", "date '2039-12-31'") }}
),

final as (
    select
        days.day as calendar_date,
        coalesce(exceptions.is_working, {{ iso_weekday('days.day') }} < 6) as is_working,
        cast(null as timestamp) as source_updated_at,
        run_period.as_of as loaded_at,
        false as is_deleted,
        cast(null as timestamp) as deleted_at
    from days
    cross join run_period
    left join exceptions on days.day = exceptions.calendar_date
)

select * from final
