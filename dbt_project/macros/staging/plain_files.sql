{#- An id in a plain file: native to its source, unless it begins with the name of a source. -#}
{% macro file_id(column) -%}
    case
        {%- for name in var('sources') %}
        when substr({{ text(column) }}, 1, {{ name | length + 1 }}) = '{{ name }}:' then {{ text(column) }}
        {%- endfor %}
        else {{ source_id(column) }}
    end
{%- endmacro %}

{#- A rule: filled, but none of the values that the contract knows. -#}
{% macro not_among(column, values) -%}
    {{ return([
        'not ' ~ is_one_of(text(column), values),
        column ~ ' is not ' ~ values | join(', ')
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

{#- Since when a row of a plain file with an empty valid_from holds: always, when the first load shows it
    or its client; else since the load that brought it, so that a new manager does not own the past.
    `relation` has to be joined with `first_shown`, the first versions of clients. -#}
{% macro file_valid_from(relation) -%}
    case
        when {{ relation }}.valid_from is not null then {{ relation }}.valid_from
        when {{ relation }}.is_baseline or {{ relation }}.known_from = first_shown.known_from
            then null
        else {{ relation }}.known_from
    end
{%- endmacro %}
