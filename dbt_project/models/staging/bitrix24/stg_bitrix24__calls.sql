with source as (
    {{ raw_versions('bitrix24', 'voximplant_call') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ bitrix24_id('ID') }} as call_id,
        {{ bitrix24_id('CRM_ACTIVITY_ID') }} as activity_id,
        {{ whole_number('CALL_DURATION') }} as talk_seconds,
        {{ text('CALL_FAILED_CODE') }} = '200' as is_answered,
        {{ quarantine_reason([
            [text('ID') ~ ' is null', 'ID is empty'],
            [text('CALL_DURATION') ~ ' is not null and ' ~ whole_number('CALL_DURATION')
             ~ ' is null', 'CALL_DURATION is not a number'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
