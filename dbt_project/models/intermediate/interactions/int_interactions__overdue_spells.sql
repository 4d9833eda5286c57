-- grain: interaction and start of the time in which one responsible had it overdue
with interactions as (
    select
        interaction_id,
        interaction_kind,
        created_at,
        coalesce(completed_at, cancelled_at) as closed_at
    from {{ ref('int_interactions__classified') }}
    where {{ is_written() }}
),

timeline as (
    select * from {{ ref('int_interactions__timeline') }}
    where deadline_at is not null
),

stretches as (
    select
        interactions.interaction_id,
        interactions.interaction_kind,
        timeline.manager_id,
        greatest(
            timeline.deadline_at,
            interactions.created_at,
            coalesce(timeline.valid_from, timeline.deadline_at)
        ) as overdue_from,
        case
            when timeline.valid_to is null then interactions.closed_at
            when interactions.closed_at is null then timeline.valid_to
            else least(timeline.valid_to, interactions.closed_at)
        end as overdue_to
    from interactions
    inner join timeline on interactions.interaction_id = timeline.interaction_id
),

spells as (
    select
        *,
        lag(overdue_to) over (partition by interaction_id order by overdue_from) as previous_to,
        lag(manager_id) over (partition by interaction_id order by overdue_from)
            as previous_manager_id,
        lead(overdue_from) over (partition by interaction_id order by overdue_from) as next_from,
        lead(manager_id) over (partition by interaction_id order by overdue_from)
            as next_manager_id
    from stretches
    where overdue_to > overdue_from or overdue_to is null
),

final as (
    select
        interaction_id,
        interaction_kind,
        manager_id,
        overdue_from,
        overdue_to,
        (previous_to is distinct from overdue_from) as is_inflow,
        coalesce(
            previous_to = overdue_from and manager_id is distinct from previous_manager_id, false
        ) as is_transferred_in,
        (overdue_to is not null and next_from is distinct from overdue_to) as is_outflow,
        coalesce(
            next_from = overdue_to and manager_id is distinct from next_manager_id, false
        ) as is_transferred_out
    from spells
)

select * from final
