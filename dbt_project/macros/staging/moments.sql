{#- A date cell as ISO text; null when empty or a vendor's way of saying so (1C, MySQL).
    dd.mm.yyyy and hours of one digit are brought to ISO; dates with slashes are nobody's guess. -#}
{% macro date_text(column) -%}
    {%- set iso = unshifted_years(iso_text(text(column))) -%}
    case
        when {{ iso }} not in (
            '0001-01-01T00:00:00', '0001-01-01 00:00:00', '0001-01-01',
            '0000-00-00 00:00:00', '0000-00-00'
        ) then {{ iso }}
    end
{%- endmacro %}

{#- A moment as people write it, as ISO text; whatever is no moment stays as it is. -#}
{% macro iso_text(cell) -%}
    {%- set day = "split_part(" ~ cell ~ ", ' ', 1)" -%}
    {%- set time = "split_part(" ~ cell ~ ", ' ', 2)" -%}
    case
        when substr({{ cell }}, 5, 1) = '-' then case
            when substr({{ cell }}, 13, 1) = ':'
                then substr({{ cell }}, 1, 11) || '0' || substr({{ cell }}, 12)
            else {{ cell }}
        end
        when {{ matches(cell, '^[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}( [0-9]{1,2}:[0-9]{2}.*)?$') }}
            then concat_ws(
                ' ',
                concat_ws(
                    '-', split_part({{ day }}, '.', 3), lpad(split_part({{ day }}, '.', 2), 2, '0'),
                    lpad(split_part({{ day }}, '.', 1), 2, '0')
                ),
                nullif(
                    case when substr({{ time }}, 2, 1) = ':' then '0' else '' end || {{ time }}, ''
                )
            )
        else {{ cell }}
    end
{%- endmacro %}

{#- Takes off the years that 1C adds in MS SQL (`year_offset` of a source). A database holds shifted
    and plain dates side by side, so the value decides; its empty date is the first day of 2001. -#}
{% macro unshifted_years(iso) -%}
    {%- set shifted = [] -%}
    {%- for name, source in var('sources').items() if source.year_offset -%}
        {%- do shifted.append("'" ~ name ~ "'") -%}
    {%- endfor -%}
    {%- if not shifted -%}
        {{ iso }}
    {%- else -%}
        case
            when
                _source in ({{ shifted | join(', ') }})
                and (substr({{ iso }}, 1, 4) >= '3001' or substr({{ iso }}, 1, 10) = '2001-01-01')
                and {{ matches(iso, '^[0-9]{4}-') }}
                then lpad(
                    cast(cast(substr({{ iso }}, 1, 4) as integer) - 2000 as {{ dbt.type_string() }}),
                    4, '0'
                ) || substr({{ iso }}, 5)
            else {{ iso }}
        end
    {%- endif -%}
{%- endmacro %}

{#- A moment that says its offset from UTC, such as 2026-03-05T14:30:00+03:00. -#}
{% macro says_offset(iso) -%}
    {{ matches(iso, '^.{19}([.][0-9]{1,6})?[+-][0-9]{2}(:?[0-9]{2})?$') }}
{%- endmacro %}

{#- A cell as timestamp of the clock that it was written by; null when empty or not a date. -#}
{% macro local_time(column) -%}
    {%- set iso = "replace(" ~ date_text(column) ~ ", ' UTC', 'Z')" -%}
    {{ parse_timestamp(
        'case when ' ~ says_offset(iso) ~ ' then substr(' ~ iso ~ ', 1, 19) else ' ~ iso ~ ' end'
    ) }}
{%- endmacro %}

{#- A cell as UTC instant, read in the time zone of the row's source unless it says Z, UTC or an
    offset itself. -#}
{% macro instant(column, crm) -%}
    {%- set iso = date_text(column) -%}
    case
        when {{ iso }} like '%Z' or {{ iso }} like '% UTC' then {{ local_time(column) }}
        when {{ says_offset(iso) }} then {{ offset_instant(iso, local_time(column)) }}
        else {{ to_utc(local_time(column), source_timezone(crm)) }}
    end
{%- endmacro %}

{#- Whether a local timestamp carries no time of day. -#}
{% macro is_midnight(local) -%}
    {{ local }} = cast(cast({{ local }} as date) as timestamp)
{%- endmacro %}
