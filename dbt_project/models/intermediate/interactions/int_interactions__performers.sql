-- grain: interaction
with performers as (
    -- By the stretch in which it was closed; of an open one the present stretch tells who has it.
    select
        interaction_id,
        manager_id as holder_id,
        case when closed_at is not null then manager_id end as performer_id,
        case when closed_at is not null then deadline_at end as deadline_at_close
    from {{ ref('int_interactions__timeline') }} as timeline
    where
        (closed_at is null and valid_to is null)
        or ({{ valid_at('timeline', 'closed_at') }})
),

listed as (
    -- A robot does not attend.
    select distinct
        parties.interaction_id,
        parties.party_id as manager_id
    from {{ ref('interaction_parties') }} as parties
    left join {{ ref('managers') }} as managers on parties.party_id = managers.manager_id
    where
        parties.party_kind = 'manager'
        and not coalesce(parties.is_deleted, false)
        and coalesce(parties.attended, true)
        and not coalesce(managers.is_robot, false)
),

attendee_counts as (
    -- The holder attends, whether the CRM lists it or not.
    select
        listed.interaction_id,
        count(*)
        + max(case when performers.holder_id is not null then 1 else 0 end)
        - max(case when listed.manager_id = performers.holder_id then 1 else 0 end)
            as attendee_count
    from listed
    inner join performers on listed.interaction_id = performers.interaction_id
    group by listed.interaction_id
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
