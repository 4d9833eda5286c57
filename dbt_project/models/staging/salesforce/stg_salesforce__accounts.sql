with source as (
    {{ raw_versions('salesforce', 'account') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as account_id,
        {{ source_id('parent_id') }} as parent_account_id,
        {{ source_id('owner_id') }} as owner_id,
        {{ source_id('master_record_id') }} as surviving_account_id,
        {{ text('name') }} as account_name,
        {{ text('type') }} as account_type,
        {{ text('industry') }} as industry,
        {{ text('rating') }} as rating,
        {{ text('account_source') }} as account_source,
        {{ text('billing_city') }} as city,
        coalesce({{ text('billing_state') }}, {{ text('billing_country') }}) as region,
        {{ further_characteristics('salesforce') }} as custom,
        coalesce({{ flag('is_person_account') }}, false) as is_person,
        coalesce({{ flag('person_do_not_call') }}, false) as do_not_call,
        {{ fivetran_is_deleted() }} as is_deleted,
        {{ instant('created_date', 'salesforce') }} as created_at,
        {{ instant('last_modified_date', 'salesforce') }} as modified_at,
        {{ instant('system_modstamp', 'salesforce') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [text('name') ~ ' is null', 'name is empty'],
        ] + unreadable_dates(['created_date', 'last_modified_date', 'system_modstamp'])) }}
            as quarantine_reason
    from source
)

select * from renamed
