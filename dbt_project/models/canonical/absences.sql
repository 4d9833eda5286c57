-- grain: manager and first day of absence
with versions as (
    {{ contract_rows('absences', contract_columns(model.columns)) }}
),

final as (
    select
        {{ canonical_columns(model.columns) }}
    from versions
    where is_latest
)

select * from final
