-- grain: interaction that the month's reports name or that changed since it began, as last known
with months as (
    select
        period_start,
        start_at
    from {{ ref('int_months') }}
    where is_closing
),

reported as (
    select interaction_id from {{ ref('int_interactions__registered') }}
    union
    select clients.last_contact_interaction_id
    from {{ ref('rpt_no_contact_clients') }} as clients
    inner join months on clients.close_month = months.period_start
    where clients.last_contact_interaction_id is not null
),

versions as (
    select
        interaction_id,
        coalesce(known_to, known_from) as last_changed_at
    from {{ ref('interaction_versions') }}
    where is_latest
),

told as (
    select
        versions.interaction_id,
        versions.last_changed_at,
        months.period_start as close_month
    from versions
    cross join months
    left join reported on versions.interaction_id = reported.interaction_id
    where reported.interaction_id is not null or versions.last_changed_at >= months.start_at
)

select
    interactions.interaction_id,
    interactions.responsible_manager_id as responsible_now_id,
    interactions.completed_at,
    interactions.cancelled_at,
    {{ effective_deadline('interactions.deadline_at', 'interactions.deadline_is_date') }}
        as deadline_at,
    interactions.is_deleted,
    told.last_changed_at,
    told.close_month
from told
inner join {{ ref('interactions') }} as interactions
    on told.interaction_id = interactions.interaction_id
