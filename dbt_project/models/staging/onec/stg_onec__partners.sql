with source as (
    {{ raw_versions('onec', 'Catalog_Партнеры') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ onec_id('Ref_Key') }} as partner_id,
        {{ onec_id('Parent_Key') }} as parent_partner_id,
        {{ onec_id('ОсновнойМенеджер_Key') }} as manager_id,
        {{ onec_id('БизнесРегион_Key') }} as region_id,
        {{ onec_id('ОбъединенС_Key') }} as surviving_partner_id,
        {{ text('Description') }} as partner_name,
        {{ text('ЮрФизЛицо') }} as legal_kind,
        {{ text('Город') }} as city,
        {{ text('Отрасль') }} as industry,
        {{ text('КлассКлиента') }} as client_class,
        {{ text('КаналПервичногоИнтереса') }} as source_channel,
        {{ text('ИНН') }} as tax_id,
        {{ further_characteristics('onec') }} as custom,
        {{ flag('DeletionMark') }} as is_deleted,
        {{ flag('Клиент') }} as is_client,
        {{ flag('НеКонтактировать') }} as do_not_contact,
        {{ flag('Тестовый') }} as is_test,
        {{ flag('ПеренесенИзПрежнейСистемы') }} as is_migrated,
        {{ instant('ДатаРегистрации', 'onec') }} as registered_at,
        {{ instant('ДатаАрхивации', 'onec') }} as archived_at,
        {{ instant('ДатаОбъединения', 'onec') }} as merged_at,
        {{ quarantine_reason([
            [onec_id('Ref_Key') ~ ' is null', 'Ref_Key is empty'],
            [text('Description') ~ ' is null', 'Description is empty'],
        ] + onec_dates(['ДатаРегистрации', 'ДатаАрхивации', 'ДатаОбъединения'])
        + onec_names(['ЮрФизЛицо'])) }}
            as quarantine_reason
    from source
)

select * from renamed
