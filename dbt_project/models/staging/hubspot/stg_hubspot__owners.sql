with source as (
    {{ raw_versions('hubspot', 'owner') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('owner_id') }} as owner_id,
        {{ source_id('active_user_id') }} as user_id,
        coalesce(
            nullif(concat_ws(
                ' ', {{ hubspot_text('first_name') }}, {{ hubspot_text('last_name') }}
            ), ''),
            {{ hubspot_text('email') }},
            {{ source_id('owner_id') }}
        ) as full_name,
        not coalesce({{ flag('is_active') }}, true) as is_disabled,
        {{ hubspot_is_deleted() }} as is_deleted,
        {{ instant('updated_at', 'hubspot') }} as source_updated_at,
        {{ quarantine_reason(
            [[source_id('owner_id') ~ ' is null', 'owner_id is empty']]
            + unreadable_dates(['updated_at'])
        ) }} as quarantine_reason
    from source
)

select * from renamed
