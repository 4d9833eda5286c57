with source as (
    {{ raw_versions('bitrix24', 'crm_contact_company') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ bitrix24_id('CONTACT_ID') }} as contact_id,
        {{ bitrix24_id('COMPANY_ID') }} as company_id,
        {{ quarantine_reason([
            [bitrix24_id('CONTACT_ID') ~ ' is null', 'CONTACT_ID is empty'],
            [bitrix24_id('COMPANY_ID') ~ ' is null', 'COMPANY_ID is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
