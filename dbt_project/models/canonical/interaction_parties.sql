-- grain: interaction, party kind, party and role
with versions as (
    {{ contract_rows('interaction_parties', contract_columns(model.columns)) }}
),

ranked as (
    -- A party that stands twice in one interaction takes part once.
    select
        {{ canonical_columns(model.columns) }},
        row_number() over (
            partition by interaction_id, party_kind, party_id, party_role
            order by known_from desc nulls last, attended asc nulls last
        ) as copy
    from versions
    where is_latest and known_to is null
)

select
{%- for name in model.columns %}
        {{ name }}{{ ',' if not loop.last }}

    {%- endfor %}
from ranked
where copy = 1
