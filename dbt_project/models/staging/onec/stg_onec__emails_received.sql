with source as (
    {{ raw_versions('onec', 'Document_ЭлектронноеПисьмоВходящее') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ onec_id('Ref_Key') }} as document_id,
        {{ onec_id('Ответственный_Key') }} as responsible_id,
        {{ onec_id('ОтправительКонтакт') }} as contact_id,
        {{ text('ОтправительКонтакт_Type') }} as contact_type,
        {{ text('Тема') }} as subject,
        {{ flag('DeletionMark') }} as is_deleted,
        {{ instant('Date', 'onec') }} as entered_at,
        {{ instant('ДатаПолучения', 'onec') }} as received_at,
        {{ quarantine_reason([
            [onec_id('Ref_Key') ~ ' is null', 'Ref_Key is empty'],
            [text('ДатаПолучения') ~ ' is null', 'ДатаПолучения is empty'],
        ] + onec_dates(['Date', 'ДатаПолучения']) + onec_names(['ОтправительКонтакт_Type'])) }}
            as quarantine_reason
    from source
)

select * from renamed
