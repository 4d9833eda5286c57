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

listed_counts as (
    select
        interaction_id,
        count(*) as listed_count
    from listed
    group by interaction_id
),

final as (
    select
        performers.interaction_id,
        performers.performer_id,
        performers.holder_id,
        performers.deadline_at_close,
        -- The holder attends, whether the CRM lists it or not.
        coalesce(
            listed_counts.listed_count
            + case
                when performers.holder_id is not null and holders.manager_id is null then 1
                else 0
            end,
            1
        ) as attendee_count
    from performers
    left join listed_counts on performers.interaction_id = listed_counts.interaction_id
    left join listed as holders
        on
            performers.interaction_id = holders.interaction_id
            and performers.holder_id = holders.manager_id
)

select * from final
