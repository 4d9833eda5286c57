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
        period_kind,
        period_start,
        interaction_id,
        interaction_kind,
        interaction_group,
        is_conversation,
        is_attempt,
        duration_state,
        attendee_count,
        known_seconds,
        planned_seconds,
        '{{ attribution }}' as attribution,
        coalesce({{ column }}, 'no manager') as manager_id
    from interactions
    {%- if not loop.last %}
        union all
    {%- endif %}
{%- endfor %}
