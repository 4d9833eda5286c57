with source as (
    {{ raw_versions('bitrix24', 'department') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ bitrix24_id('ID') }} as department_id,
        {{ bitrix24_id('PARENT') }} as parent_department_id,
        {{ bitrix24_id('UF_HEAD') }} as head_id,
        {{ text('NAME') }} as department_name,
        {{ quarantine_reason([[text('ID') ~ ' is null', 'ID is empty']]) }} as quarantine_reason
    from source
)

select * from renamed
