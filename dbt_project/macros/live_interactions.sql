{#- Interactions that can enter a report of a time that begins at `start`: those that are open, and
    those of which any moment, replaced plans and deadlines among them, is not before it. The rest
    of the history was told by earlier months. -#}
{% macro live_interactions(start) -%}
    select interaction_id from {{ ref('int_interactions__classified') }}
    where
        coalesce(completed_at, cancelled_at) is null
        or greatest(created_at, completed_at, cancelled_at, event_at) >= {{ start }}
    union
    select interaction_id from {{ ref('int_interactions__timeline') }}
    where greatest(valid_from, deadline_at, planned_start_at) >= {{ start }}
{%- endmacro %}
