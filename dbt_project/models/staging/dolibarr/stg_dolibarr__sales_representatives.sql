with source as (
    {{ raw_versions('dolibarr', 'llx_societe_commerciaux') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('fk_soc') }} as third_party_id,
        {{ source_id('fk_user') }} as user_id,
        {{ quarantine_reason([
            [source_id('fk_soc') ~ ' is null', 'fk_soc is empty'],
            [source_id('fk_user') ~ ' is null', 'fk_user is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
