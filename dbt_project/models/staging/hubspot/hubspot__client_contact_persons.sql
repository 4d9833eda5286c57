-- grain: company, contact, position, role and stretch of time in which the loads showed them so
with contacts as (
    select
        *,
        min(known_from) over (partition by contact_id) as first_known_from
    from {{ ref('stg_hubspot__contacts') }}
    where quarantine_reason is null
),

links as (
    select
        contact_id,
        company_id,
        known_from,
        known_to,
        is_baseline
    from contacts
    where company_id is not null and not is_deleted
    union all
    select
        contact_id,
        company_id,
        known_from,
        known_to,
        is_baseline
    from {{ ref('stg_hubspot__contact_companies') }}
    where quarantine_reason is null and not is_deleted
),

held as (
    -- Of merged contacts the survivor's position goes.
    select
        links.company_id,
        coalesce(survivors.survivor_id, links.contact_id) as person_id,
        case when survivors.contact_id is null then contacts.position else latest.position end
            as position,
        case when survivors.contact_id is null then contacts.role else latest.role end as role,
        greatest(links.known_from, contacts.known_from) as known_from,
        coalesce(
            least(links.known_to, contacts.known_to), timestamp '9999-12-31 00:00:00'
        ) as known_to,
        links.is_baseline and coalesce(contacts.is_baseline, true) as is_baseline,
        case when links.known_from <= contacts.first_known_from then contacts.entered_at end
            as entered_at
    from links
    left join contacts
        on
            links.contact_id = contacts.contact_id
            and (links.known_to is null or links.known_to > contacts.known_from)
            and (contacts.known_to is null or links.known_from < contacts.known_to)
    left join {{ ref('int_hubspot__surviving_persons') }} as survivors
        on links.contact_id = survivors.contact_id
    left join contacts as latest on survivors.survivor_id = latest.contact_id and latest.is_latest
    where contacts.contact_id is null or not contacts.is_deleted
),

marked as (
    select
        *,
        max(known_to) over (
            partition by company_id, person_id, position, role
            order by known_from, known_to
            rows between unbounded preceding and 1 preceding
        ) as shown_until
    from held
),

numbered as (
    -- A version that shows the same goes on with the stretch before it.
    select
        *,
        sum(case when shown_until >= known_from then 0 else 1 end) over (
            partition by company_id, person_id, position, role
            order by known_from, known_to
            rows between unbounded preceding and current row
        ) as stretch_number
    from marked
),

stretches as (
    select
        company_id,
        person_id,
        position,
        role,
        min(known_from) as known_from,
        nullif(max(known_to), timestamp '9999-12-31 00:00:00') as known_to,
        max(case when is_baseline then 1 else 0 end) = 1 as is_baseline,
        min(entered_at) as entered_at
    from numbered
    group by company_id, person_id, position, role, stretch_number
)

select
    known_from,
    known_to,
    true as is_latest,
    is_baseline,
    known_from as loaded_at,
    company_id as client_id,
    person_id,
    position,
    role,
    -- A contact that is new has been the company's since it was entered.
    case when not is_baseline then least(entered_at, known_from) end as valid_from,
    known_to as valid_to,
    false as is_primary,
    false as is_deleted
from stretches
