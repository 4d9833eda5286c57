{#- A cell as timestamp of the clock that it was written by; null when empty (as 1C says it, too) or
    not a date. -#}
{% macro local_time(column) -%}
    nullif({{ unshifted_years(parse_timestamp(text(column))) }}, timestamp '0001-01-01 00:00:00')
{%- endmacro %}

{#- A filled cell that is no date. MySQL's 0000-00-00 is an empty one, as are false, [] and {}, which
    web services in loosely typed languages write for none. -#}
{% macro is_unreadable_date(column) -%}
    {{ parse_timestamp(text(column)) }} is null
    and {{ text(column) }} not like '0000-00-00%'
    and not {{ is_one_of(text(column), ['false', '[]', '{}']) }}
{%- endmacro %}

{#- A cell as UTC instant, read in the time zone of the row's source unless it says Z, UTC or an
    offset itself. -#}
{% macro instant(column, crm) -%}
    case
        when {{ matches(text(column), ':[0-9.]+( ?UTC|Z|[+-][0-9]{2}(:?[0-9]{2})?)$') }}
            then {{ unshifted_years(parse_instant(text(column))) }}
        else {{ to_utc(local_time(column), source_timezone(crm)) }}
    end
{%- endmacro %}

{#- Takes off the 2000 years that 1C adds in MS SQL (`year_offset` of a source). A database holds
    shifted and plain dates side by side, so the value decides; its empty date is the first of 2001. -#}
{% macro unshifted_years(moment) -%}
    {%- set shifted = shifted_sources() -%}
    {%- if not shifted -%}
        {{ moment }}
    {%- else -%}
        case
            when _source in ({{ shifted | join(', ') }}) then
                case
                    when
                        {{ moment }} >= timestamp '3001-01-01 00:00:00'
                        or {{ moment }} = timestamp '2001-01-01 00:00:00'
                        then {{ moment }} - interval '2000' year
                    else {{ moment }}
                end
            else {{ moment }}
        end
    {%- endif -%}
{%- endmacro %}

{#- Names of the sources with a `year_offset`, quoted. -#}
{% macro shifted_sources() -%}
    {%- set shifted = [] -%}
    {%- for name, source in var('sources').items() if source.year_offset -%}
        {%- do shifted.append("'" ~ name ~ "'") -%}
    {%- endfor -%}
    {{ return(shifted) }}
{%- endmacro %}

{#- Whether a local timestamp carries no time of day. -#}
{% macro is_midnight(local) -%}
    {{ local }} = cast(cast({{ local }} as date) as timestamp)
{%- endmacro %}
