{#- One row `number` for each whole number from first to last, both included. -#}
{% macro number_series(first, last) %}
    {{- return(adapter.dispatch('number_series')(first, last)) -}}
{% endmacro %}

{% macro default__number_series(first, last) -%}
    select cast(numbers.number as int) as number
    from generate_series({{ first }}, {{ last }}) as numbers (number)
{%- endmacro %}

{% macro spark__number_series(first, last) -%}
    select explode(sequence({{ first }}, {{ last }})) as number
{%- endmacro %}
