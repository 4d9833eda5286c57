-- grain: interaction, party kind, party and role
with versions as (
    {{ contract_rows('interaction_parties', contract_columns(model.columns)) }}
),

ranked as (
    -- A party that stands twice in one interaction takes part once.
    select
        *,
        row_number() over (
            partition by interaction_id, party_kind, party_id, party_role
            order by known_from desc nulls last, attended asc nulls last
        ) as place
    from versions
    where is_latest and known_to is null
),

final as (
    select
        {{ canonical_columns(model.columns) }}
    from ranked
    where place = 1
)

select * from final
