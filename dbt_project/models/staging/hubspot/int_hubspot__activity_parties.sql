-- grain: company, contact or attending owner of an engagement or ticket, as the loads showed it
with companies as (
    select
        {{ versions('links') }},
        links.engagement_id as activity_id,
        links.company_id,
        links.is_deleted
    from {{ ref('stg_hubspot__engagement_companies') }} as links
    where links.quarantine_reason is null
    union all
    select
        {{ versions('links') }},
        links.ticket_id,
        links.company_id,
        links.is_deleted
    from {{ ref('stg_hubspot__ticket_companies') }} as links
    where links.quarantine_reason is null
),

contacts as (
    select
        {{ versions('links') }},
        links.engagement_id as activity_id,
        links.contact_id,
        links.is_deleted
    from {{ ref('stg_hubspot__engagement_contacts') }} as links
    where links.quarantine_reason is null
    union all
    select
        {{ versions('links') }},
        links.ticket_id,
        links.contact_id,
        links.is_deleted
    from {{ ref('stg_hubspot__ticket_contacts') }} as links
    where links.quarantine_reason is null
),

attendee_lists as (
    select
        {{ versions('meetings') }},
        meetings._source,
        meetings.engagement_id as activity_id,
        meetings.attendee_owner_ids
    from {{ ref('stg_hubspot__meetings') }} as meetings
    where meetings.quarantine_reason is null
),

attendees as (
    select
        *,
        {{ split_list('attendee_owner_ids', ';') }} as owner_id
    from attendee_lists
),

final as (
    select
        known_from,
        known_to,
        is_latest,
        is_baseline,
        loaded_at,
        activity_id,
        'client' as party_kind,
        company_id as party_id,
        is_deleted
    from companies
    union all
    select
        contacts.known_from,
        contacts.known_to,
        contacts.is_latest,
        contacts.is_baseline,
        contacts.loaded_at,
        contacts.activity_id,
        'person',
        coalesce(survivors.survivor_id, contacts.contact_id),
        contacts.is_deleted
    from contacts
    left join {{ ref('int_hubspot__surviving_persons') }} as survivors
        on contacts.contact_id = survivors.contact_id
    union all
    select
        known_from,
        known_to,
        is_latest,
        is_baseline,
        loaded_at,
        activity_id,
        'manager',
        _source || ':' || trim(owner_id),
        false
    from attendees
    where trim(owner_id) <> ''
)

select * from final
