-- grain: interaction
with interactions as (
    select
        interaction_id,
        responsible_manager_id,
        coalesce(completed_at, cancelled_at) as closed_at
    from {{ ref('interactions') }}
),

timeline as (
    select * from {{ ref('int_interactions__timeline') }}
),

performers as (
    select
        interactions.interaction_id,
        timeline.manager_id as performer_id,
        case
            when interactions.closed_at is null then interactions.responsible_manager_id
            else timeline.manager_id
        end as holder_id,
        timeline.deadline_at as deadline_at_close
    from interactions
    left join timeline
        on
            interactions.interaction_id = timeline.interaction_id
            and {{ valid_at('timeline', 'interactions.closed_at') }}
),

attendees as (
    -- The holder attends, whether the CRM lists it or not; a robot does not.
    select
        parties.interaction_id,
        parties.party_id as manager_id
    from {{ ref('interaction_parties') }} as parties
    left join {{ ref('managers') }} as managers on parties.party_id = managers.manager_id
    where
        parties.party_kind = 'manager'
        and not coalesce(parties.is_deleted, false)
        and coalesce(parties.attended, true)
        and not coalesce(managers.is_robot, false)
    union
    select
        interaction_id,
        holder_id
    from performers
    where holder_id is not null
),

attendee_counts as (
    select
        interaction_id,
        count(*) as attendee_count
    from attendees
    group by interaction_id
),

final as (
    select
        performers.interaction_id,
        performers.performer_id,
        performers.holder_id,
        performers.deadline_at_close,
        coalesce(attendee_counts.attendee_count, 1) as attendee_count
    from performers
    left join attendee_counts on performers.interaction_id = attendee_counts.interaction_id
)

select * from final
