with source as (
    {{ raw_versions('salesforce', 'event_relation') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('event_id') }} as event_id,
        {{ source_id('relation_id') }} as relation_id,
        case left({{ text('relation_id') }}, 3)
            when '005' then 'manager'
            when '003' then 'person'
            when '001' then 'client'
        end as party_kind,
        -- An invitation that nobody answered says nothing of who came.
        case when {{ text('status') }} = 'Declined' then false end as attended,
        {{ fivetran_is_deleted() }} as is_deleted,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [source_id('event_id') ~ ' is null', 'event_id is empty'],
            [source_id('relation_id') ~ ' is null', 'relation_id is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
