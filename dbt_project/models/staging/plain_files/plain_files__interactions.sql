{{ config(pre_hook="{{ after_changed_interactions() }}") }}
-- grain: row of interactions, as each load showed it
with stand_ins as (
    {{ stand_ins(ref('stg_plain_files__interactions')) }}
)

select
    {{ versions(
        'interactions',
        is_latest='(interactions.is_latest or stand_ins.known_from is not null)',
    ) }},
    interactions.interaction_id,
    interactions.responsible_manager_id,
    interactions.created_by_id,
    interactions.client_id,
    interactions.group_id,
    interactions.direction,
    interactions.subject,
    interactions.result,
    interactions.talk_seconds,
    interactions.duration_seconds,
    interactions.is_all_day,
    interactions.answered,
    interactions.is_mass,
    interactions.is_auto,
    interactions.is_deleted,
    interactions.created_at,
    interactions.planned_start_at,
    interactions.planned_end_at,
    interactions.actual_start_at,
    interactions.actual_end_at,
    interactions.source_updated_at,
    -- The list of types says more.
    coalesce(interactions.interaction_kind, 'task') as interaction_kind,
    interactions.raw_type,
    interactions.state,
    case when interactions.state = 'completed' then interactions.completed_at end as completed_at,
    case when interactions.state = 'cancelled' then interactions.cancelled_at end as cancelled_at,
    -- A date without a time is a business day, whatever the source's time zone.
    case
        when {{ is_midnight('interactions.deadline_local') }}
            then {{ from_business('interactions.deadline_local') }}
        else interactions.deadline_at
    end as deadline_at,
    {{ is_midnight('interactions.deadline_local') }} as deadline_is_date
from {{ ref('stg_plain_files__interactions') }} as interactions
left join stand_ins
    on
        interactions._source = stand_ins._source
        and interactions._key = stand_ins._key
        and interactions.known_from = stand_ins.known_from
where
    interactions.quarantine_reason is null
    and {{ is_written('interactions.interaction_id') }}
