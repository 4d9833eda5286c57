with source as (
    {{ raw_versions('bitrix24', 'user') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ bitrix24_id('ID') }} as user_id,
        -- The first of the list, whose items are numbers or strings.
        _source || ':' || nullif(trim(split_part(
            replace(replace(replace({{ text('UF_DEPARTMENT') }}, '[', ''), ']', ''), '"', ''),
            ',', 1
        )), '') as department_id,
        coalesce(
            nullif(concat_ws(' ', {{ text('NAME') }}, {{ text('LAST_NAME') }}), ''),
            {{ text('EMAIL') }}, {{ text('ID') }}
        ) as full_name,
        {{ text('USER_TYPE') }} as user_type,
        coalesce({{ flag('ACTIVE') }}, true) as is_active,
        cast({{ local_time('UF_EMPLOYMENT_DATE') }} as date) as hired_on,
        {{ quarantine_reason(
            [[text('ID') ~ ' is null', 'ID is empty']] + unreadable_dates(['UF_EMPLOYMENT_DATE'])
        ) }} as quarantine_reason
    from source
)

select * from renamed
