with source as (
    {{ raw_versions('files', 'absences') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ text('manager_id') }} as manager_id,
        {{ text('kind') }} as kind,
        cast({{ local_time('absent_from') }} as date) as absent_from,
        cast({{ local_time('absent_to') }} as date) as absent_to,
        {{ quarantine_reason([
            [text('manager_id') ~ ' is null', 'manager_id is empty'],
            [local_time('absent_from') ~ ' is null', 'absent_from is not a date'],
            [local_time('absent_to') ~ ' is null', 'absent_to is not a date'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
