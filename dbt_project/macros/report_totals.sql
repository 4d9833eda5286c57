{#- Grouping sets of the interaction reports: each manager, kind and group, and their totals. -#}
{% macro report_totals(fixed) -%}
    {%- set fixed = fixed | join(', ') -%}
    grouping sets (
        ({{ fixed }}, manager_id, interaction_kind, interaction_group),
        ({{ fixed }}, manager_id, interaction_kind),
        ({{ fixed }}, manager_id),
        ({{ fixed }}, interaction_kind, interaction_group),
        ({{ fixed }}, interaction_kind),
        ({{ fixed }})
    )
{%- endmacro %}
