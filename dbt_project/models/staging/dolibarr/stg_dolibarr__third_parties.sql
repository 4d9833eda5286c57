with source as (
    {{ raw_versions('dolibarr', 'llx_societe') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('rowid') }} as third_party_id,
        {{ source_id('parent') }} as parent_third_party_id,
        {{ source_id('fk_typent') }} as company_type_id,
        {{ source_id('fk_effectif') }} as staff_size_id,
        {{ source_id('fk_stcomm') }} as prospect_status_id,
        {{ text('nom') }} as third_party_name,
        {{ text('client') }} as client_code,
        {{ text('fk_prospectlevel') }} as prospect_level,
        coalesce({{ text('town') }}, {{ text('ville') }}) as city,
        coalesce({{ text('siren') }}, {{ text('tva_intra') }}) as tax_id,
        {{ further_characteristics('dolibarr') }} as custom,
        coalesce({{ text('status') }}, '1') = '0' as is_closed,
        coalesce({{ text('fk_stcomm') }}, '') = '-1' as do_not_contact,
        {{ text('import_key') }} is not null as is_imported,
        {{ instant('datec', 'dolibarr') }} as entered_at,
        {{ local_time('tms') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('rowid') ~ ' is null', 'rowid is empty'],
            [text('nom') ~ ' is null', 'nom is empty'],
        ] + unreadable_dates(['datec', 'tms'])) }} as quarantine_reason
    from source
)

select * from renamed
