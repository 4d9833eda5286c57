with source as (
    {{ raw_versions('bitrix24', 'crm_company') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ bitrix24_id('ID') }} as company_id,
        {{ bitrix24_id('ASSIGNED_BY_ID') }} as responsible_id,
        {{ text('TITLE') }} as company_name,
        {{ text('COMPANY_TYPE') }} as company_type,
        {{ text('INDUSTRY') }} as industry,
        {{ text('ADDRESS_CITY') }} as city,
        coalesce({{ text('ADDRESS_PROVINCE') }}, {{ text('ADDRESS_REGION') }}) as region,
        {{ text('UTM_SOURCE') }} as source_channel,
        {{ further_characteristics('bitrix24') }} as custom,
        coalesce({{ flag('IS_MY_COMPANY') }}, false) as is_own_company,
        {{ bitrix24_moment('DATE_CREATE') }} as entered_at,
        {{ bitrix24_moment('DATE_MODIFY') }} as source_updated_at,
        {{ quarantine_reason([
            [text('ID') ~ ' is null', 'ID is empty'],
            [text('TITLE') ~ ' is null', 'TITLE is empty'],
        ] + unreadable_dates(['DATE_CREATE', 'DATE_MODIFY'])) }} as quarantine_reason
    from source
)

select * from renamed
