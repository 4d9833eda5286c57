with source as (
    {{ raw_versions('bitrix24', 'crm_contact') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ bitrix24_id('ID') }} as contact_id,
        -- Numbers of contacts and companies overlap.
        {{ bitrix24_id('ID', 'contact_') }} as contact_client_id,
        {{ bitrix24_id('COMPANY_ID') }} as company_id,
        {{ bitrix24_id('ASSIGNED_BY_ID') }} as responsible_id,
        nullif(concat_ws(
            ' ', {{ text('NAME') }}, {{ text('SECOND_NAME') }}, {{ text('LAST_NAME') }}
        ), '') as full_name,
        {{ text('POST') }} as position,
        {{ text('PHONE') }} as phones,
        {{ text('EMAIL') }} as emails,
        {{ text('ADDRESS_CITY') }} as city,
        coalesce({{ text('ADDRESS_PROVINCE') }}, {{ text('ADDRESS_REGION') }}) as region,
        {{ text('SOURCE_ID') }} as source_channel,
        {{ further_characteristics('bitrix24') }} as custom,
        {{ bitrix24_id('COMPANY_ID') }} is null
        and coalesce({{ text('TYPE_ID') }}, '') = 'CLIENT' as is_person_client,
        {{ bitrix24_moment('DATE_CREATE') }} as entered_at,
        {{ bitrix24_moment('DATE_MODIFY') }} as source_updated_at,
        {{ quarantine_reason(
            [[text('ID') ~ ' is null', 'ID is empty']]
            + unreadable_dates(['DATE_CREATE', 'DATE_MODIFY'])
        ) }} as quarantine_reason
    from source
)

select * from renamed
