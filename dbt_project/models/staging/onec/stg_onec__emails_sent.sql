with source as (
    {{ raw_versions('onec', 'Document_ЭлектронноеПисьмоИсходящее') }}
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
        {{ flag('МассоваяРассылка') }} as is_mass,
        {{ instant('Date', 'onec') }} as entered_at,
        {{ instant('ДатаОтправления', 'onec') }} as sent_at,
        {{ quarantine_reason([
            [onec_id('Ref_Key') ~ ' is null', 'Ref_Key is empty'],
            [text('Date') ~ ' is null', 'Date is empty'],
            ['statuses.state is null', 'СтатусПисьма is unknown'],
        ] + onec_dates(['Date', 'ДатаОтправления'])) }} as quarantine_reason
    from source
    {{ onec_statuses('СтатусПисьма') }}
)

select * from renamed
