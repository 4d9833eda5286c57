-- grain: client, contact person, position, role and start of validity
with versions as (
    {{ contract_rows('client_contact_persons', contract_columns(model.columns)) }}
),

final as (
    select
        {{ canonical_columns(model.columns) }}
    from versions
    where is_latest
)

select * from final
