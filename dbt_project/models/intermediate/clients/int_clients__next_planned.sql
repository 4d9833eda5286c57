-- grain: client with a contact planned after the month being closed
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
)

select
    survivors.surviving_client_id as client_id,
    min(ahead.planned_start_at) as next_planned_at,
    count(distinct case when ahead.is_in_next_month then ahead.interaction_id end)
        as planned_next_month_count
from {{ ref('int_interactions__planned_ahead') }} as ahead
cross join period
inner join {{ ref('int_interactions__clients') }} as parties
    on ahead.interaction_id = parties.interaction_id
left join {{ ref('int_clients__survivors') }} as survivors
    on
        parties.client_id = survivors.client_id
        and {{ valid_before('survivors', 'period.end_at') }}
where ahead.interaction_kind in ('meeting', 'visit', 'call')
group by survivors.surviving_client_id
