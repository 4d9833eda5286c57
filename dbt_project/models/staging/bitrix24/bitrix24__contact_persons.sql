-- grain: contact version
with contacts as (
    select
        {{ versions('staged') }},
        staged.source_updated_at,
        staged.contact_id,
        staged.full_name,
        staged.phones,
        staged.emails
    from {{ ref('stg_bitrix24__contacts') }} as staged
    where staged.quarantine_reason is null
),

items as (
    select
        contact_id,
        known_from,
        'phone' as field,
        {{ json_items('phones') }} as item
    from contacts
    union all
    select
        contact_id,
        known_from,
        'email',
        {{ json_items('emails') }}
    from contacts
),

named as (
    select
        contact_id,
        known_from,
        field,
        {{ json_value('item', 'VALUE') }} as value,
        {{ json_value('item', 'VALUE_TYPE') }} as value_type,
        {{ filled_text(json_value('item', 'ID')) }} as item_number
    from items
),

ranked as (
    -- The one at work, else the one entered first.
    select
        *,
        row_number() over (
            partition by contact_id, known_from, field
            order by
                case when value_type = 'WORK' then 1 else 2 end,
                {{ whole_number('item_number') }} nulls last, value nulls last
        ) as place
    from named
),

final as (
    select
        contacts.known_from,
        contacts.known_to,
        contacts.is_latest,
        contacts.is_baseline,
        contacts.loaded_at,
        contacts.source_updated_at,
        contacts.contact_id as person_id,
        contacts.full_name,
        emails.value as email,
        phones.value as phone,
        true as is_active,
        false as is_deleted
    from contacts
    left join ranked as emails
        on
            contacts.contact_id = emails.contact_id
            and contacts.known_from = emails.known_from
            and emails.field = 'email'
            and emails.place = 1
    left join ranked as phones
        on
            contacts.contact_id = phones.contact_id
            and contacts.known_from = phones.known_from
            and phones.field = 'phone'
            and phones.place = 1
)

select * from final
