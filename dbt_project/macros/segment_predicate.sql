{#- A predicate of a named segment as SQL over the grouped rows of int_clients__segment_values:
    {all: [...]}, {any: [...]}, {not: ...} or {characteristic: [values]}; settings have checked it. -#}
{% macro segment_predicate(predicate) -%}
    {%- for key, content in predicate.items() -%}
        {%- if key == 'not' -%}
            not ({{ segment_predicate(content) }})
        {%- elif key in ('all', 'any') -%}
            {%- for part in content -%}
                ({{ segment_predicate(part) }})
                {%- if not loop.last %} {{ 'and' if key == 'all' else 'or' }} {% endif -%}
            {%- endfor -%}
        {%- else -%}
            max(case
                when characteristic = '{{ key }}' and value in (
                    {%- for value in content -%}
                        {{ text_literal(value) }}{{ ', ' if not loop.last }}
                    {%- endfor -%}
                ) then 1 else 0
            end) = 1
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
