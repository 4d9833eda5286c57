-- grain: manager and first day of absence
with versions as (
    {{ contract_rows('absences', contract_columns(model.columns)) }}
),

delivered as (
    select
        {{ canonical_columns(model.columns) }}
    from versions
    where is_latest
),

listed as (
    select
        listed_absences.manager_id,
        listed_absences.absent_from,
        listed_absences.absent_to,
        listed_absences.kind,
        cast(null as timestamp) as source_updated_at,
        run_period.as_of as loaded_at,
        false as is_deleted,
        cast(null as timestamp) as deleted_at
    from {{ ref('listed_absences') }} as listed_absences
    cross join {{ ref('run_period') }} as run_period
    left join delivered
        on
            listed_absences.manager_id = delivered.manager_id
            and listed_absences.absent_from = delivered.absent_from
    where delivered.manager_id is null
),

final as (
    select * from delivered
    union all
    select * from listed
)

select * from final
