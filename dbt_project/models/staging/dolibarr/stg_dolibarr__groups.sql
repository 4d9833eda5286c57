with source as (
    {{ raw_versions('dolibarr', 'llx_usergroup') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('rowid') }} as group_id,
        {{ text('nom') }} as group_name,
        {{ quarantine_reason([[source_id('rowid') ~ ' is null', 'rowid is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
