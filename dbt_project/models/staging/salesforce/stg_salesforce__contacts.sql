with source as (
    {{ raw_versions('salesforce', 'contact') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as contact_id,
        {{ source_id('account_id') }} as account_id,
        {{ source_id('master_record_id') }} as surviving_contact_id,
        coalesce({{ text('name') }}, nullif(concat_ws(
            ' ', {{ text('first_name') }}, {{ text('last_name') }}
        ), '')) as full_name,
        {{ text('title') }} as title,
        {{ text('email') }} as email,
        coalesce({{ text('phone') }}, {{ text('mobile_phone') }}) as phone,
        {{ fivetran_is_deleted() }} as is_deleted,
        {{ instant('created_date', 'salesforce') }} as created_at,
        {{ instant('system_modstamp', 'salesforce') }} as source_updated_at,
        {{ quarantine_reason(
            [[source_id('id') ~ ' is null', 'id is empty']]
            + unreadable_dates(['created_date', 'system_modstamp'])
        ) }} as quarantine_reason
    from source
)

select * from renamed
