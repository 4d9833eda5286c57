{#- An id in a plain file: native to its source, unless it begins with the name of a source. -#}
{% macro file_id(column) -%}
    case
        when split_part({{ text(column) }}, ':', 1) in (
            {%- for name in var('sources') %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor -%}
        ) and {{ text(column) }} like '%:%' then {{ text(column) }}
        else {{ source_id(column) }}
    end
{%- endmacro %}

{#- A rule: filled, but none of the values that the contract knows. -#}
{% macro not_among(column, values) -%}
    {{ return([
        text(column) ~ " not in ('" ~ values | join("', '") ~ "')",
        column ~ ' is not ' ~ values | join(', ')
    ]) }}
{%- endmacro %}

{#- A rule: filled, but no number. -#}
{% macro not_a_number(column) -%}
    {{ return([
        text(column) ~ ' is not null and ' ~ decimal_number(column) ~ ' is null',
        column ~ ' is not a number'
    ]) }}
{%- endmacro %}

{#- A rule: filled, but neither true nor false. -#}
{% macro not_a_flag(column) -%}
    {{ return([
        text(column) ~ ' is not null and ' ~ flag(column) ~ ' is null',
        column ~ ' is not true or false'
    ]) }}
{%- endmacro %}

{#- The old or new value of a recorded change of a moment, as the changes seen between loads have
    it: UTC, a deadline without a time of day as the end of that business day. -#}
{% macro changed_moment(column) -%}
    cast(case
        when {{ text('field') }} = 'deadline' and {{ is_midnight(local_time(column)) }}
            then {{ end_of_day('cast(' ~ local_time(column) ~ ' as date)') }}
        else {{ instant(column, 'plain_files') }}
    end as {{ dbt.type_string() }})
{%- endmacro %}
