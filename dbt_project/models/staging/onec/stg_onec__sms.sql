with source as (
    {{ raw_versions('onec', 'Document_СообщениеSMS') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ onec_id('Ref_Key') }} as document_id,
        {{ onec_id('Автор_Key') }} as author_id,
        {{ onec_id('Ответственный_Key') }} as responsible_id,
        {{ text('Тема') }} as subject,
        statuses.state,
        {{ flag('DeletionMark') }} as is_deleted,
        {{ instant('Date', 'onec') }} as entered_at,
        {{ instant('ДатаКогдаОтправить', 'onec') }} as to_be_sent_at,
        {{ quarantine_reason(onec_document_rules(['Date', 'ДатаКогдаОтправить'])) }}
            as quarantine_reason
    from source
    {{ onec_statuses('Состояние') }}
)

select * from renamed
