-- grain: month and completed interaction whose date lies in it
with interactions as (
    select * from {{ ref('int_interactions__in_periods') }}
    where period_kind = 'month'
),

final as (
    select
        period_kind,
        period_start,
        close_month,
        interaction_id,
        cast({{ to_business('event_at') }} as date) as event_date,
        event_at,
        interaction_kind,
        interaction_group,
        direction,
        result,
        client_id,
        performer_id,
        owner_at_event_id,
        owner_at_period_end_id,
        is_contact,
        is_conversation,
        is_attempt,
        is_mass,
        duration_state,
        {{ rounded('known_seconds / 60.0') }} as duration_minutes,
        cast(attendee_count as bigint) as attendee_count
    from interactions
)

select * from final
