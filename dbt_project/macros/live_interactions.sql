{#- Interactions that can enter a report of a time that begins at `start`: those that are open, and
    those of which any moment, replaced plans and deadlines among them, is not before it. The rest
    of the history was told by earlier months. Reads the relations `interactions`, which has the columns
    of int_interactions__classified, and `timeline`. -#}
{% macro live_interactions(start) -%}
    select interaction_id from interactions
    where
        coalesce(completed_at, cancelled_at) is null
        or greatest(created_at, completed_at, cancelled_at, event_at) >= {{ start }}
    union
    select interaction_id from timeline
    where greatest(valid_from, deadline_at, planned_start_at) >= {{ start }}
{%- endmacro %}
