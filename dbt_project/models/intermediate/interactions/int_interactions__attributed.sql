-- grain: period, completed interaction and attribution to a manager
with interactions as (
    select * from {{ ref('int_interactions__in_periods') }}
)

{%- for attribution, column in [
    ('performer', 'performer_id'),
    ('owner at event', 'owner_at_event_id'),
    ('owner at period end', 'owner_at_period_end_id'),
] %}

    select
        interactions.*,
        '{{ attribution }}' as attribution,
        coalesce({{ column }}, 'no manager') as manager_id
    from interactions
    {%- if not loop.last %}
        union all
    {%- endif %}
{%- endfor %}
