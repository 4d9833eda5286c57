-- grain: completed interaction and client that took part, before the end of the month being closed
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

interactions as (
    select * from {{ ref('int_interactions__classified') }}
    where event_at is not null
),

final as (
    select distinct
        survivors.surviving_client_id as client_id,
        interactions.interaction_id,
        interactions.event_at,
        interactions.performer_id,
        interactions.is_contact,
        interactions.is_attempt,
        interactions.is_mass,
        interactions.event_at >= period.start_at as is_in_month,
        interactions.event_at >= period.previous_start_at
        and interactions.event_at < period.start_at as is_in_previous_month
    from interactions
    cross join period
    inner join {{ ref('int_interactions__clients') }} as parties
        on interactions.interaction_id = parties.interaction_id
    left join {{ ref('int_clients__survivors') }} as survivors
        on
            parties.client_id = survivors.client_id
            and {{ valid_before('survivors', 'period.end_at') }}
    where
        interactions.event_at < period.end_at
        and (interactions.is_contact or interactions.is_attempt or interactions.is_mass)
)

select * from final
