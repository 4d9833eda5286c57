-- grain: the month being closed and the one before
with run_period as (
    select * from {{ ref('run_period') }}
),

months as (
    select
        close_month as period_start,
        true as is_closing
    from run_period
    union all
    select
        cast(close_month - interval '1' month as date),
        false
    from run_period
),

final as (
    select
        months.period_start,
        cast(months.period_start + interval '1' month as date) as period_end,
        {{ from_business('cast(months.period_start as timestamp)') }} as start_at,
        {{ from_business("cast(months.period_start + interval '1' month as timestamp)") }}
            as end_at,
        months.is_closing,
        run_period.as_of,
        -- Every month is due to be closed on the same day and at the same local time of the next.
        case
            when months.is_closing then run_period.scheduled_close_at
            else {{ from_business(
                to_business('run_period.scheduled_close_at') ~ " - interval '1' month"
            ) }}
        end as scheduled_close_at
    from months
    cross join run_period
)

select * from final
