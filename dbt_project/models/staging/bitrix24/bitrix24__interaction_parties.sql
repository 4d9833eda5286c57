-- grain: party of an activity or task version
{%- set company = json_value(json_value('item', 'ENTITY_SETTINGS'), 'COMPANY_ID') %}
{%- set number = "split_part(item, '_', 2)" %}
{%- set contact_or_company = "case %s when '%s' then 'person' when '%s' then 'client' end" %}
{%- set owner_kind = contact_or_company % ('owner_type', '3', '4') %}
{%- set entity_kind = contact_or_company % (json_value('item', 'ENTITY_TYPE_ID'), '3', '4') %}
{%- set object_kind = contact_or_company % ("split_part(item, '_', 1)", 'C', 'CO') %}
{#- Relation, kind and number of the party; rank and number that tell the first of several. -#}
{%- set parts = [
    ['activities', owner_kind, 'owner_number', 1, "'0'"],
    ['communications', entity_kind, json_value('item', 'ENTITY_ID'), 2, json_value('item', 'ID')],
    ['communications', "'client'", "nullif(" ~ company ~ ", '0')", 2, json_value('item', 'ID')],
    ['objects', object_kind, number, 2, number],
    ['accomplices', "'manager'", 'item', 3, 'item'],
] %}
with activities as (
    select
        {{ versions('staged') }},
        staged._source,
        staged.activity_id as interaction_id,
        staged.owner_type,
        staged.owner_number,
        staged.communications
    from {{ ref('stg_bitrix24__activities') }} as staged
    where staged.quarantine_reason is null
),

tasks as (
    select
        {{ versions('staged') }},
        staged._source,
        staged.task_id as interaction_id,
        staged.crm_objects,
        staged.accomplices
    from {{ ref('stg_bitrix24__tasks') }} as staged
    where staged.quarantine_reason is null
),

communications as (
    select
        *,
        {{ json_items('communications') }} as item
    from activities
),

objects as (
    select
        *,
        {{ json_items('crm_objects') }} as item
    from tasks
),

accomplices as (
    select
        *,
        {{ json_items('accomplices') }} as item
    from tasks
),

parties as (
    {%- for relation, kind, party, rank, number in parts %}
        select
            known_from,
            known_to,
            is_latest,
            is_baseline,
            loaded_at,
            interaction_id,
            {{ kind }} as party_kind,
            _source || ':' || ({{ party }}) as party_id,
            {{ rank }} as party_rank,
            {{ filled_text(number) }} as item_number
        from {{ relation }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

final as (
    select
        *,
        'participant' as party_role,
        false as is_deleted
    from parties
)

-- Leads, deals and other objects are no parties.
select * from final
where party_kind is not null and party_id is not null
