-- grain: interaction that counts (not deleted, not a robot's, not of a test client)
with interactions as (
    select * from {{ ref('interactions') }}
    where not is_deleted and not is_auto and {{ is_written() }}
),

performers as (
    select * from {{ ref('int_interactions__performers') }}
    where {{ is_written() }}
),

managers as (
    select * from {{ ref('managers') }}
),

clients as (
    select * from {{ ref('clients') }}
),

measured as (
    select
        interactions.*,
        performers.performer_id,
        performers.deadline_at_close,
        performers.attendee_count,
        case
            when interactions.completed_at is not null
                then coalesce(interactions.actual_start_at, interactions.completed_at)
        end as event_at,
        interactions.interaction_kind = 'call'
        and interactions.completed_at is not null
        and (
            not coalesce(interactions.answered, true)
            or coalesce(interactions.talk_seconds < {{ var('talk_threshold_seconds') }}, false)
        ) as is_attempt,
        case
            when interactions.is_all_day then null
            when interactions.interaction_kind = 'call'
                then coalesce(interactions.talk_seconds, interactions.duration_seconds)
            when interactions.interaction_kind in ('meeting', 'visit')
                then coalesce(
                    cast({{ seconds_between(
                        'interactions.actual_start_at', 'interactions.actual_end_at'
                    ) }} as bigint),
                    interactions.duration_seconds
                )
        end as spent_seconds,
        case
            when not interactions.is_all_day and interactions.completed_at is not null
                then cast({{ seconds_between(
                    'interactions.planned_start_at', 'interactions.planned_end_at'
                ) }} as bigint)
        end as planned_seconds
    from interactions
    left join performers on interactions.interaction_id = performers.interaction_id
    left join managers on performers.holder_id = managers.manager_id
    left join clients on interactions.client_id = clients.client_id
    where
        not coalesce(managers.is_robot, false)
        and not coalesce(clients.is_test, false)
),

final as (
    select
        interaction_id,
        interaction_kind,
        coalesce(interaction_group, 'unclassified') as interaction_group,
        direction,
        client_id,
        performer_id,
        created_at,
        planned_start_at,
        planned_end_at,
        completed_at,
        cancelled_at,
        event_at,
        deadline_at_close,
        attendee_count,
        result,
        result_class,
        is_mass or interaction_kind = 'mailing' as is_mass,
        is_attempt,
        interaction_kind = 'call'
        and completed_at is not null
        and not is_attempt as is_conversation,
        case
            when completed_at is null or is_attempt then null
            when interaction_kind not in ('call', 'meeting', 'visit') then null
            when spent_seconds is null then 'unknown'
            when
                spent_seconds < 0
                or spent_seconds > 60 * {{ var('max_duration_minutes') }} then 'invalid'
            else 'known'
        end as duration_state,
        spent_seconds,
        case
            when
                interaction_kind in ('call', 'meeting', 'visit')
                and planned_seconds between 0 and 60 * {{ var('max_duration_minutes') }}
                then planned_seconds
        end as planned_seconds
    from measured
)

select
    *,
    coalesce(completed_at is not null and not is_mass and (
        interaction_kind in ('meeting', 'visit')
        or is_conversation
        or (interaction_kind in ('message', 'email') and direction = 'in')
    ), false) as is_contact
from final
