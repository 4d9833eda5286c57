-- grain: party of an activity or task version
with activities as (
    select
        {{ versions('staged') }},
        staged._source,
        staged.activity_id as interaction_id,
        staged.owner_type,
        staged.owner_id,
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

items as (
    select
        known_from, known_to, is_latest, is_baseline, loaded_at, _source, interaction_id,
        {{ json_items('communications') }} as item
    from activities
),

communications as (
    select
        *,
        {{ json_value('item', 'ENTITY_TYPE_ID') }} as entity_type,
        _source || ':' || {{ json_value('item', 'ENTITY_ID') }} as entity_id,
        _source || ':' || nullif(
            {{ json_value(json_value('item', 'ENTITY_SETTINGS'), 'COMPANY_ID') }}, '0'
        ) as company_id,
        {{ json_value('item', 'ID') }} as item_number
    from items
),

objects as (
    select
        known_from, known_to, is_latest, is_baseline, loaded_at, _source, interaction_id,
        {{ json_items('crm_objects') }} as item
    from tasks
),

accomplices as (
    select
        known_from, known_to, is_latest, is_baseline, loaded_at, _source, interaction_id,
        {{ json_items('accomplices') }} as item
    from tasks
),

parties as (
    -- rank: who of several is the primary client of the interaction.
    select
        known_from, known_to, is_latest, is_baseline, loaded_at, interaction_id,
        case owner_type when '3' then 'person' when '4' then 'client' end as party_kind,
        owner_id as party_id,
        case owner_type when '3' then 3 else 1 end as party_rank,
        cast(null as {{ dbt.type_string() }}) as item_number
    from activities
    union all
    select
        known_from, known_to, is_latest, is_baseline, loaded_at, interaction_id,
        case entity_type when '3' then 'person' when '4' then 'client' end,
        entity_id,
        case entity_type when '3' then 4 else 2 end,
        item_number
    from communications
    union all
    select
        known_from, known_to, is_latest, is_baseline, loaded_at, interaction_id,
        'client',
        company_id,
        2,
        item_number
    from communications
    where entity_type = '3'
    union all
    select
        known_from, known_to, is_latest, is_baseline, loaded_at, interaction_id,
        case split_part(item, '_', 1) when 'C' then 'person' when 'CO' then 'client' end,
        _source || ':' || split_part(item, '_', 2),
        case split_part(item, '_', 1) when 'C' then 4 else 2 end,
        split_part(item, '_', 2)
    from objects
    union all
    select
        known_from, known_to, is_latest, is_baseline, loaded_at, interaction_id,
        'manager',
        _source || ':' || item,
        null,
        item
    from accomplices
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
