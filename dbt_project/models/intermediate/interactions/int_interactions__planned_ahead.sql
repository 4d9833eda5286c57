-- grain: interaction planned for after the month being closed, as of its scheduled close
with months as (
    select
        end_at,
        scheduled_close_at,
        {{ from_business("cast(period_end + interval '1' month as timestamp)") }} as next_end_at
    from {{ ref('int_months') }}
    where is_closing
)

select
    interactions.interaction_id,
    interactions.interaction_kind,
    at_close.planned_start_at,
    at_close.planned_start_at < months.next_end_at as is_in_next_month
from {{ ref('int_interactions__classified') }} as interactions
cross join months
inner join {{ ref('int_interactions__at_close') }} as at_close
    on interactions.interaction_id = at_close.interaction_id
where
    interactions.created_at < months.scheduled_close_at
    and at_close.planned_start_at >= months.end_at
    and at_close.cancelled_at is null
    and (
        at_close.completed_at is null
        -- Planned for the grace days and held in them: ahead of the month's end all the same.
        or (
            at_close.planned_start_at < months.scheduled_close_at
            and at_close.event_at >= months.end_at
        )
    )
