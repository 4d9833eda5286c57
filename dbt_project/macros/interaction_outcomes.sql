{#- The outcomes of an interaction in a period, in the order in which they are decided. -#}
{% macro interaction_outcomes() %}
    {{- return([
        'cancelled', 'completed on time', 'completed late', 'completed without deadline',
        'overdue', 'open, due later', 'open without deadline',
    ]) -}}
{% endmacro %}
