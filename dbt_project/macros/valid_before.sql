{#- Whether a row with valid_from and valid_to (null: always, still) was valid just before a moment:
    the state at the end of a period, whose end no longer belongs to it. -#}
{% macro valid_before(relation, moment) -%}
    (
        ({{ relation }}.valid_from < {{ moment }} or {{ relation }}.valid_from is null)
        and ({{ relation }}.valid_to >= {{ moment }} or {{ relation }}.valid_to is null)
    )
{%- endmacro %}

{#- Whether such a row was valid at a moment. -#}
{% macro valid_at(relation, moment) -%}
    (
        ({{ relation }}.valid_from <= {{ moment }} or {{ relation }}.valid_from is null)
        and ({{ relation }}.valid_to > {{ moment }} or {{ relation }}.valid_to is null)
    )
{%- endmacro %}
