-- grain: plan and version
with versions as (
    {{ contract_rows('contact_plans', contract_columns(model.columns)) }}
),

final as (
    select
        {{ canonical_columns(model.columns) }}
    from versions
    where is_latest
)

select * from final
