-- grain: party of a task or event version
with copies as (
    select * from {{ ref('int_salesforce__event_copies') }}
),

activities as (
    select
        {{ versions('staged') }},
        staged.task_id as interaction_id,
        staged.account_id,
        staged.contact_id
    from {{ ref('stg_salesforce__tasks') }} as staged
    where staged.quarantine_reason is null and not staged.is_series
    union all
    select
        {{ versions('events') }},
        events.event_id,
        events.account_id,
        events.contact_id
    from {{ ref('stg_salesforce__events') }} as events
    left join copies on events.event_id = copies.event_id
    where
        events.quarantine_reason is null
        and not events.is_series
        and copies.event_id is null
),

relations as (
    select
        {{ versions('relations') }},
        relations.event_id,
        relations.relation_id,
        relations.party_kind,
        relations.attended,
        relations.is_deleted
    from {{ ref('stg_salesforce__event_relations') }} as relations
    where relations.quarantine_reason is null
),

parties as (
    {%- for party_kind, party in [('client', 'account_id'), ('person', 'contact_id')] %}
        select
            known_from,
            known_to,
            is_latest,
            is_baseline,
            loaded_at,
            interaction_id,
            '{{ party_kind }}' as party_kind,
            {{ party }} as party_id,
            cast(null as boolean) as attended,
            false as is_deleted
        from activities
        where {{ party }} is not null
        union all
    {%- endfor %}
    select
        {{ versions('events') }},
        copies.counting_event_id,
        'manager',
        events.owner_id,
        invitations.attended,
        events.is_deleted
    from {{ ref('stg_salesforce__events') }} as events
    inner join copies on events.event_id = copies.event_id
    left join relations as invitations
        on
            copies.counting_event_id = invitations.event_id
            and events.owner_id = invitations.relation_id
            and invitations.is_latest
    where events.quarantine_reason is null and events.owner_id is not null
    union all
    select
        known_from,
        known_to,
        is_latest,
        is_baseline,
        loaded_at,
        event_id,
        party_kind,
        relation_id,
        attended,
        is_deleted
    from relations
    where party_kind is not null
),

final as (
    select
        parties.known_from,
        parties.known_to,
        parties.is_latest,
        parties.is_baseline,
        parties.loaded_at,
        parties.interaction_id,
        parties.party_kind,
        coalesce(survivors.surviving_contact_id, parties.party_id) as party_id,
        'participant' as party_role,
        parties.attended,
        parties.is_deleted
    from parties
    left join {{ ref('int_salesforce__surviving_contacts') }} as survivors
        on
            parties.party_kind = 'person'
            and parties.party_id = survivors.contact_id
)

select * from final
