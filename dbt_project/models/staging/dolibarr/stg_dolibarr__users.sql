with source as (
    {{ raw_versions('dolibarr', 'llx_user') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('rowid') }} as user_id,
        {{ source_id('fk_user') }} as superior_id,
        coalesce(nullif(concat_ws(
            ' ', {{ text('firstname') }}, coalesce({{ text('lastname') }}, {{ text('name') }})
        ), ''), {{ text('login') }}) as full_name,
        coalesce({{ text('statut') }}, '1') = '0' as is_disabled,
        cast({{ local_time('dateemployment') }} as date) as hired_on,
        cast({{ local_time('dateemploymentend') }} as date) as left_on,
        {{ quarantine_reason([
            [source_id('rowid') ~ ' is null', 'rowid is empty'],
            [text('login') ~ ' is null', 'login is empty'],
        ] + unreadable_dates(['dateemployment', 'dateemploymentend'])) }} as quarantine_reason
    from source
)

select * from renamed
