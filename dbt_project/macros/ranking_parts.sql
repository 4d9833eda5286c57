{#- The parts of a manager's score with the counts that each is computed from. -#}
{% macro ranking_parts() %}
    {{- return({
        'fulfilment': ['fulfilled_count', 'planned_count'],
        'coverage': ['covered_client_count', 'planned_client_count'],
        'on_time': ['on_time_count', 'due_count'],
        'no_overdue': ['overdue_count', 'open_count'],
    }) -}}
{% endmacro %}
