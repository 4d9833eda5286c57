{#- Whether a row with valid_from and valid_to (null: always, still) was valid just before a moment:
    the state at the end of a period, whose end no longer belongs to it.
    Plain comparisons: `or ... is null` in a left join would compare every pair of rows. -#}
{% macro valid_before(relation, moment) -%}
    {{ since(relation) }} < {{ moment }}
    and {{ until(relation) }} >= {{ moment }}
{%- endmacro %}

{#- Whether such a row was valid at a moment. -#}
{% macro valid_at(relation, moment) -%}
    {{ since(relation) }} <= {{ moment }}
    and {{ until(relation) }} > {{ moment }}
{%- endmacro %}

{% macro since(relation) -%}
    coalesce({{ relation }}.valid_from, timestamp '0001-01-01 00:00:00')
{%- endmacro %}

{% macro until(relation) -%}
    coalesce({{ relation }}.valid_to, timestamp '9999-12-31 00:00:00')
{%- endmacro %}
