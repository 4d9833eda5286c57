with source as (
    {{ raw_versions('onec', 'Catalog_КонтактныеЛицаПартнеров') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ onec_id('Ref_Key') }} as person_id,
        {{ onec_id('Owner_Key') }} as partner_id,
        {{ text('Description') }} as full_name,
        {{ text('ДолжностьПоВизитке') }} as position,
        {{ text('РольКонтактногоЛица') }} as role,
        {{ text('Телефон') }} as phone,
        {{ text('АдресЭП') }} as email,
        {{ flag('DeletionMark') }} as is_deleted,
        {{ flag('ОсновноеКонтактноеЛицо') }} as is_primary,
        {{ instant('ДатаРегистрацииСвязи', 'onec') }} as works_since,
        {{ instant('ДатаПрекращенияСвязи', 'onec') }} as works_until,
        {{ quarantine_reason([
            [onec_id('Ref_Key') ~ ' is null', 'Ref_Key is empty'],
        ] + onec_dates(['ДатаРегистрацииСвязи', 'ДатаПрекращенияСвязи'])) }}
            as quarantine_reason
    from source
)

select * from renamed
