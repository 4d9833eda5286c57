-- grain: interaction that counts (not deleted, not a robot's, not of a test client)
with interactions as (
    select * from {{ ref('interactions') }}
    where not is_deleted and not is_auto
),

managers as (
    select * from {{ ref('managers') }}
),

clients as (
    select
        client_id,
        is_test
    from {{ ref('clients') }}
),

timeline as (
    select * from {{ ref('int_interactions__timeline') }}
),

closing as (
    -- The responsible when the interaction was completed or cancelled.
    select
        timeline.interaction_id,
        timeline.manager_id,
        timeline.deadline_at
    from timeline
    inner join interactions on timeline.interaction_id = interactions.interaction_id
    where
        (
            timeline.valid_from is null or timeline.valid_from
            <= coalesce(interactions.completed_at, interactions.cancelled_at)
        )
        and (
            timeline.valid_to is null or timeline.valid_to
            > coalesce(interactions.completed_at, interactions.cancelled_at)
        )
),

performed as (
    -- Who performed it; for an open one, who has it now.
    select
        interactions.interaction_id,
        case
            when interactions.completed_at is null and interactions.cancelled_at is null
                then interactions.responsible_manager_id
            else closing.manager_id
        end as manager_id
    from interactions
    left join closing on interactions.interaction_id = closing.interaction_id
),

people as (
    select interaction_id, party_id as manager_id
    from {{ ref('interaction_parties') }}
    where party_kind = 'manager' and not coalesce(is_deleted, false) and coalesce(attended, true)
    union
    select interaction_id, manager_id from performed
    where manager_id is not null
),

attendees as (
    select interaction_id, count(*) as manager_count
    from people
    group by interaction_id
),

measured as (
    select
        interactions.*,
        closing.manager_id as performer_id,
        closing.deadline_at as deadline_at_close,
        coalesce(attendees.manager_count, 1) as attendee_count,
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
        end as spent_seconds
    from interactions
    left join closing on interactions.interaction_id = closing.interaction_id
    left join attendees on interactions.interaction_id = attendees.interaction_id
),

final as (
    select
        measured.interaction_id,
        measured.interaction_kind,
        coalesce(measured.interaction_group, 'unclassified') as interaction_group,
        measured.direction,
        measured.client_id,
        measured.performer_id,
        measured.created_at,
        measured.planned_start_at,
        measured.completed_at,
        measured.cancelled_at,
        measured.event_at,
        measured.deadline_at_close,
        measured.attendee_count,
        measured.result,
        measured.is_mass or measured.interaction_kind = 'mailing' as is_mass,
        measured.is_attempt,
        measured.interaction_kind = 'call'
        and measured.completed_at is not null
        and not measured.is_attempt as is_conversation,
        case
            when measured.completed_at is null or measured.is_attempt then null
            when measured.interaction_kind not in ('call', 'meeting', 'visit') then null
            when measured.spent_seconds is null then 'unknown'
            when
                measured.spent_seconds < 0
                or measured.spent_seconds > 60 * {{ var('max_duration_minutes') }} then 'invalid'
            else 'known'
        end as duration_state,
        measured.spent_seconds
    from measured
    left join performed on measured.interaction_id = performed.interaction_id
    left join managers on performed.manager_id = managers.manager_id
    left join clients on measured.client_id = clients.client_id
    where
        not coalesce(managers.is_robot, false)
        and not coalesce(clients.is_test, false)
)

select
    *,
    coalesce(completed_at is not null and not is_mass and (
        interaction_kind in ('meeting', 'visit')
        or is_conversation
        or (interaction_kind in ('message', 'email') and direction = 'in')
    ), false) as is_contact
from final
