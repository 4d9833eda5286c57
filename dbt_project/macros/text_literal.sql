{#- A text from the settings as an SQL literal. Settings refuse backslashes and control characters,
    which engines read differently, so that quotes are all there is to double. -#}
{% macro text_literal(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}
