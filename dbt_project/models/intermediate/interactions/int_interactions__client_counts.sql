-- grain: period, attribution, manager, interaction kind and interaction group (each with `all`)
with interactions as (
    select * from {{ ref('int_interactions__attributed') }}
),

clients as (
    select
        periods.period_kind,
        periods.period_start,
        parties.interaction_id,
        survivors.surviving_client_id
    from {{ ref('int_interactions__in_periods') }} as in_periods
    inner join {{ ref('int_periods') }} as periods
        on
            in_periods.period_kind = periods.period_kind
            and in_periods.period_start = periods.period_start
    inner join {{ ref('int_interactions__clients') }} as parties
        on in_periods.interaction_id = parties.interaction_id
    inner join {{ ref('int_clients__survivors') }} as survivors
        on
            parties.client_id = survivors.client_id
            and {{ valid_before('survivors', 'periods.end_at') }}
),

pairs as (
    select
        interactions.period_kind,
        interactions.period_start,
        interactions.attribution,
        interactions.manager_id,
        interactions.interaction_kind,
        interactions.interaction_group,
        clients.surviving_client_id
    from interactions
    inner join clients
        on
            interactions.interaction_id = clients.interaction_id
            and interactions.period_start = clients.period_start
            and interactions.period_kind = clients.period_kind
)

select
    period_kind,
    period_start,
    attribution,
    coalesce(manager_id, 'all') as manager_id,
    coalesce(interaction_kind, 'all') as interaction_kind,
    coalesce(interaction_group, 'all') as interaction_group,
    count(distinct surviving_client_id) as client_count
from pairs
group by
    period_kind,
    period_start,
    attribution,
    rollup(manager_id),
    rollup(interaction_kind, interaction_group)
