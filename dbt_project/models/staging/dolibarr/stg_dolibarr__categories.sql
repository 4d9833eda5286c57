with source as (
    {{ raw_versions('dolibarr', 'llx_categorie') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('rowid') }} as category_id,
        {{ text('label') }} as category,
        {{ quarantine_reason([[source_id('rowid') ~ ' is null', 'rowid is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
