with source as (
    {{ raw_versions('onec', 'Document_ЭлектронноеПисьмоИсходящее_ПолучателиПисьма') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('Ref_Key') }} as document_id,
        {{ source_id('Контакт') }} as contact_id,
        {{ text('Контакт_Type') }} as contact_type,
        {{ whole_number('LineNumber') }} as line_in_document,
        {{ quarantine_reason([
            [source_id('Ref_Key') ~ ' is null', 'Ref_Key is empty'],
            [whole_number('LineNumber') ~ ' is null', 'LineNumber is not a number'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
