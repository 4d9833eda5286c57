with source as (
    {{ raw_versions('onec', 'Document_ТелефонныйЗвонок') }}
),

renamed as (
    select
        {{ onec_document_columns() }},
        {{ onec_id('АбонентКонтакт') }} as contact_id,
        {{ text('АбонентКонтакт_Type') }} as contact_type,
        {{ flag('Входящий') }} as is_incoming,
        {{ flag('Отвечен') }} as is_answered,
        {{ instant('ДатаНачала', 'onec') }} as planned_start_at,
        {{ instant('ФактическоеНачало', 'onec') }} as actual_start_at,
        {{ instant('Конец', 'onec') }} as actual_end_at,
        {{ onec_seconds('ЗатраченноеВремя') }} as talk_seconds,
        {{ quarantine_reason(onec_document_rules([
            'Date', 'ДатаНачала', 'ФактическоеНачало', 'Конец', 'Срок', 'ДатаЗавершения',
        ]) + onec_durations(['ЗатраченноеВремя']) + onec_names(['АбонентКонтакт_Type'])) }}
            as quarantine_reason
    from source
    {{ onec_statuses('Состояние') }}
)

select * from renamed
