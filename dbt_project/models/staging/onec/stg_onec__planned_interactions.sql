with source as (
    {{ raw_versions('onec', 'Document_ЗапланированноеВзаимодействие') }}
),

renamed as (
    select
        {{ onec_document_columns() }},
        {{ instant('ДатаНачала', 'onec') }} as planned_start_at,
        {{ instant('ДатаОкончания', 'onec') }} as planned_end_at,
        {{ instant('ФактическоеНачало', 'onec') }} as actual_start_at,
        {{ instant('ФактическоеОкончание', 'onec') }} as actual_end_at,
        {{ flag('ВесьДень') }} as is_all_day,
        {{ quarantine_reason(onec_document_rules([
            'Date', 'ДатаНачала', 'ДатаОкончания', 'ФактическоеНачало', 'ФактическоеОкончание',
            'Срок', 'ДатаЗавершения',
        ])) }} as quarantine_reason
    from source
    {{ onec_statuses('Состояние') }}
)

select * from renamed
