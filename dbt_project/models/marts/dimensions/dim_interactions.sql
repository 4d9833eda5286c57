-- grain: interaction, as last known
with interactions as (
    select * from {{ ref('interactions') }}
),

versions as (
    select * from {{ ref('interaction_versions') }}
    where is_latest
),

deadlines as (
    select
        interaction_id,
        deadline_at
    from {{ ref('int_interactions__timeline') }}
    where valid_to is null
)

select
    interactions.interaction_id,
    interactions.responsible_manager_id as responsible_now_id,
    interactions.completed_at,
    interactions.cancelled_at,
    deadlines.deadline_at,
    interactions.is_deleted,
    coalesce(versions.known_to, versions.known_from) as last_changed_at
from interactions
inner join versions on interactions.interaction_id = versions.interaction_id
left join deadlines on interactions.interaction_id = deadlines.interaction_id
