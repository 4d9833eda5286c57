with source as (
    {{ raw_versions('onec', 'Document_ЭлектронноеПисьмоИсходящее_ПолучателиПисьма') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ onec_id('Ref_Key') }} as document_id,
        {{ onec_id('Контакт') }} as contact_id,
        {{ text('Контакт_Type') }} as contact_type,
        {{ whole_number('LineNumber') }} as line_in_document,
        {{ quarantine_reason(onec_line_rules()) }} as quarantine_reason
    from source
)

select * from renamed
