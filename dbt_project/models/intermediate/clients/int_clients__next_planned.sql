-- grain: client with a contact planned after the month being closed
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
)

select
    survivors.surviving_client_id as client_id,
    min(interactions.planned_start_at) as next_planned_at,
    count(distinct case
        when
            interactions.planned_start_at
            < {{ from_business("cast(period.period_end + interval '1' month as timestamp)") }}
            then interactions.interaction_id
    end) as planned_next_month_count
from {{ ref('int_interactions__classified') }} as interactions
cross join period
inner join {{ ref('int_interactions__clients') }} as parties
    on interactions.interaction_id = parties.interaction_id
left join {{ ref('int_clients__survivors') }} as survivors
    on
        parties.client_id = survivors.client_id
        and {{ valid_before('survivors', 'period.end_at') }}
where
    interactions.interaction_kind in ('meeting', 'visit', 'call')
    and interactions.planned_start_at >= period.end_at
    and interactions.cancelled_at is null
    and coalesce(interactions.completed_at >= period.end_at, true)
group by survivors.surviving_client_id
