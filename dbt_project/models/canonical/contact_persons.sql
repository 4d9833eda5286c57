-- grain: contact person
with versions as (
    {{ contract_rows('contact_persons', contract_columns(model.columns)) }}
),

final as (
    select
        {{ canonical_columns(model.columns) }}
    from versions
    where is_latest
)

select * from final
