-- grain: interaction whose figures enter a report of the month being closed
with months as (
    select * from {{ ref('int_months') }}
    where is_closing
),

interactions as (
    select interaction_id from {{ ref('int_interactions__registered') }}
),

parties as (
    select
        parties.interaction_id,
        parties.party_kind,
        parties.party_id
    from {{ ref('interaction_parties') }} as parties
    inner join interactions on parties.interaction_id = interactions.interaction_id
    left join {{ ref('managers') }} as managers on parties.party_id = managers.manager_id
    where
        not coalesce(parties.is_deleted, false)
        and not coalesce(managers.is_robot, false)
        and (
            parties.party_kind = 'person'
            or (parties.party_kind = 'manager' and coalesce(parties.attended, true))
        )
),

members as (
    select
        interactions.interaction_id,
        'client' as party_kind,
        survivors.surviving_client_id as party_id
    from interactions
    cross join months
    inner join {{ ref('int_interactions__clients') }} as clients
        on interactions.interaction_id = clients.interaction_id
    inner join {{ ref('int_clients__survivors') }} as survivors
        on
            clients.client_id = survivors.client_id
            and {{ valid_before('survivors', 'months.end_at') }}
    union all
    select
        interaction_id,
        party_kind,
        party_id
    from parties
    union all
    -- The holder attends, whether the CRM lists it or not.
    select
        interactions.interaction_id,
        'manager',
        at_close.holder_id
    from interactions
    inner join {{ ref('int_interactions__at_close') }} as at_close
        on interactions.interaction_id = at_close.interaction_id
)

select
    {%- for party_kind in ['client', 'person', 'manager'] %}
        {{ sorted_list("case when party_kind = '" ~ party_kind ~ "' then party_id end") }}
            as {{ party_kind }}_ids,
    {%- endfor %}
    interaction_id
from members
group by interaction_id
