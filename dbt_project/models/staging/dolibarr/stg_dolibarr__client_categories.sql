with source as (
    {{ raw_versions('dolibarr', 'llx_categorie_societe') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('fk_categorie') }} as category_id,
        coalesce({{ source_id('fk_soc') }}, {{ source_id('fk_societe') }}) as third_party_id,
        {{ quarantine_reason([
            [source_id('fk_categorie') ~ ' is null', 'fk_categorie is empty'],
            [text('fk_soc') ~ ' is null and ' ~ text('fk_societe') ~ ' is null', 'fk_soc is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
