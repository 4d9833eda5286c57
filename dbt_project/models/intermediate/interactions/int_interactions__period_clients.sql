-- grain: period, completed interaction whose date lies in it and client that took part
select distinct
    periods.period_kind,
    periods.period_start,
    in_periods.interaction_id,
    survivors.surviving_client_id as client_id
from {{ ref('int_interactions__in_periods') }} as in_periods
inner join {{ ref('int_periods') }} as periods
    on
        in_periods.period_kind = periods.period_kind
        and in_periods.period_start = periods.period_start
inner join {{ ref('int_interactions__clients') }} as parties
    on in_periods.interaction_id = parties.interaction_id
left join {{ ref('int_clients__survivors') }} as survivors
    on
        parties.client_id = survivors.client_id
        and {{ valid_before('survivors', 'periods.end_at') }}
