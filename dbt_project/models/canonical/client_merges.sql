-- grain: losing client
with versions as (
    {{ contract_rows('client_merges', contract_columns(model.columns)) }}
),

final as (
    select
        {{ canonical_columns(model.columns) }}
    from versions
    where is_latest
)

select * from final
