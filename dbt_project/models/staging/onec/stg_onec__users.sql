with source as (
    {{ raw_versions('onec', 'Catalog_Пользователи') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ onec_id('Ref_Key') }} as user_id,
        {{ onec_id('Подразделение_Key') }} as department_id,
        {{ text('Description') }} as full_name,
        {{ flag('DeletionMark') }} as is_deleted,
        {{ flag('Служебный') }} as is_service,
        cast({{ local_time('ДатаПриема') }} as date) as hired_on,
        cast({{ local_time('ДатаУвольнения') }} as date) as left_on,
        {{ quarantine_reason([
            [onec_id('Ref_Key') ~ ' is null', 'Ref_Key is empty'],
            [text('Description') ~ ' is null', 'Description is empty'],
        ] + onec_dates(['ДатаПриема', 'ДатаУвольнения'])) }} as quarantine_reason
    from source
)

select * from renamed
