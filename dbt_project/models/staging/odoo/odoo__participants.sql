-- grain: version of a call, claim, request, meeting or message, and partner that it names
with leads as (
    select * from {{ ref('stg_odoo__leads') }}
    where quarantine_reason is null and is_latest
),

calls as (
    select
        calls.*,
        coalesce(calls.partner_id, leads.partner_id) as called_partner_id
    from {{ ref('stg_odoo__calls') }} as calls
    left join leads on calls.lead_id = leads.lead_id
    where calls.quarantine_reason is null
),

claims as (
    select * from {{ ref('stg_odoo__claims') }}
    where quarantine_reason is null
),

requests as (
    select * from {{ ref('stg_odoo__helpdesk_requests') }}
    where quarantine_reason is null
),

meetings as (
    select * from {{ ref('stg_odoo__meetings') }}
    where quarantine_reason is null
),

messages as (
    select * from {{ ref('stg_odoo__messages') }}
    where quarantine_reason is null
),

lists as (
    {%- for relation, list_column in [
        ('meetings', 'partner_list'), ('messages', 'recipient_list')
    ] %}
        select
            {{ versions(relation) }},
            {{ relation }}.interaction_id,
            {{ relation }}._source,
            {{ relation }}.{{ list_column }} as partner_list
        from {{ relation }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

items as (
    select
        *,
        {{ split_list('partner_list', ';') }} as native_id
    from lists
),

named as (
    {%- for relation, partner_column in [
        ('calls', 'called_partner_id'),
        ('claims', 'partner_id'),
        ('requests', 'partner_id'),
        ('messages', 'author_id'),
    ] %}
        select
            {{ versions(relation) }},
            {{ relation }}.interaction_id,
            {{ relation }}.{{ partner_column }} as partner_id,
            0 as place
        from {{ relation }}
        union all
    {%- endfor %}
    select
        known_from,
        known_to,
        is_latest,
        is_baseline,
        loaded_at,
        interaction_id,
        _source || ':' || native_id as partner_id,
        position(';' || native_id || ';' in partner_list) as place
    from items
    where native_id <> ''
)

select
    named.*,
    partners.partner_id is not null as is_known,
    coalesce(partners.is_own_company, false) as is_own_company,
    -- A partner that finds nothing stands as a client, by its raw id.
    coalesce(partners.party_kind, 'client') as party_kind,
    coalesce(partners.party_id, named.partner_id) as party_id,
    case when partners.partner_id is null then named.partner_id else partners.client_id end
        as client_id
from named
left join {{ ref('odoo__partners') }} as partners on named.partner_id = partners.partner_id
where named.partner_id is not null
