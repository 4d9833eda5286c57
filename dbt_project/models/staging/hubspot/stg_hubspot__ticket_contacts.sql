with source as (
    {{ raw_versions('hubspot', 'ticket_contact') }}
),

renamed as (
    select
        {{ lineage() }},
        _source || ':ticket:' || {{ text('ticket_id') }} as ticket_id,
        {{ source_id('contact_id') }} as contact_id,
        {{ hubspot_is_deleted() }} as is_deleted,
        {{ quarantine_reason([
            [text('ticket_id') ~ ' is null', 'ticket_id is empty'],
            [source_id('contact_id') ~ ' is null', 'contact_id is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
