with source as (
    {{ raw_versions('dolibarr', 'llx_socpeople') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('rowid') }} as contact_id,
        {{ source_id('fk_soc') }} as third_party_id,
        nullif(concat_ws(
            ' ', {{ text('firstname') }}, coalesce({{ text('lastname') }}, {{ text('name') }})
        ), '') as full_name,
        {{ text('poste') }} as position,
        {{ text('email') }} as email,
        coalesce({{ text('phone') }}, {{ text('phone_mobile') }}) as phone,
        coalesce({{ text('statut') }}, '1') <> '0' as is_active,
        {{ local_time('tms') }} as source_updated_at,
        {{ quarantine_reason(
            [[source_id('rowid') ~ ' is null', 'rowid is empty']] + unreadable_dates(['tms'])
        ) }} as quarantine_reason
    from source
)

select * from renamed
