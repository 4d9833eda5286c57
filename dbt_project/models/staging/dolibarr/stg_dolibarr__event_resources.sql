with source as (
    {{ raw_versions('dolibarr', 'llx_actioncomm_resources') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('fk_actioncomm') }} as event_id,
        {{ source_id('fk_element') }} as party_id,
        {{ text('element_type') }} as element_type,
        {{ quarantine_reason([
            [source_id('fk_actioncomm') ~ ' is null', 'fk_actioncomm is empty'],
            [source_id('fk_element') ~ ' is null', 'fk_element is empty'],
            [text('element_type') ~ ' is null', 'element_type is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
