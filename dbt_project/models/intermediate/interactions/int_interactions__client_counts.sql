-- grain: period, attribution, manager, interaction kind and interaction group (each with `all`)
with interactions as (
    select * from {{ ref('int_interactions__attributed') }}
),

clients as (
    select * from {{ ref('int_interactions__period_clients') }}
),

pairs as (
    select
        interactions.period_kind,
        interactions.period_start,
        interactions.attribution,
        interactions.manager_id,
        interactions.interaction_kind,
        interactions.interaction_group,
        clients.client_id
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
    count(distinct client_id) as client_count
from pairs
group by
    period_kind,
    period_start,
    attribution,
    rollup(manager_id),
    rollup(interaction_kind, interaction_group)
