-- grain: one of the last twelve months up to the one being closed
with run_period as (
    select * from {{ ref('run_period') }}
),

numbers as (
    {{ number_series(0, 11) }}
),

firsts as (
    select
        cast(run_period.close_month - numbers.number * interval '1' month as date) as event_month,
        run_period.scheduled_close_at as known_until,
        -- Every month is due to be closed on the same day and at the same local time of the next.
        {{ from_business(
            to_business('run_period.scheduled_close_at') ~ " - numbers.number * interval '1' month"
        ) }} as scheduled_close_at
    from run_period
    cross join numbers
)

select
    event_month,
    {{ from_business('cast(event_month as timestamp)') }} as start_at,
    {{ from_business("cast(event_month + interval '1' month as timestamp)") }} as end_at,
    scheduled_close_at,
    known_until
from firsts
