{#- An id of 1C, the same from OData (GUID) and from MS SQL: there binary(16) in hex, with or without
    0x, holds the GUID's parts in another order. The zero GUID is null. -#}
{% macro onec_id(column) -%}
    {%- set hex = "replace(lower(" ~ text(column) ~ "), '0x', '')" -%}
    _source || ':' || nullif(case
        when {{ matches(text(column), '^(0[xX])?[0-9a-fA-F]{32}$') }}
            then
                substr({{ hex }}, 25, 8) || '-' || substr({{ hex }}, 21, 4)
                || '-' || substr({{ hex }}, 17, 4) || '-' || substr({{ hex }}, 1, 4)
                || '-' || substr({{ hex }}, 5, 12)
        when {{ text(column) }} like '________-____-____-____-____________'
            then lower({{ text(column) }})
        else {{ text(column) }}
    end, '00000000-0000-0000-0000-000000000000')
{%- endmacro %}

{#- Seconds of a duration, which 1C keeps as a time of day on its empty date: 0001-01-01, in MS SQL
    2001-01-01. Null when it is anything else. -#}
{% macro onec_seconds(column) -%}
    {%- set moment = parse_timestamp(text(column)) -%}
    {%- set empty_dates = ["timestamp '0001-01-01 00:00:00'"] -%}
    {%- if shifted_sources() -%}
        {%- do empty_dates.append("timestamp '2001-01-01 00:00:00'") -%}
    {%- endif -%}
    case
    {%- for empty_date in empty_dates %}
        when
            {{ moment }} >= {{ empty_date }}
            and {{ moment }} < {{ empty_date }} + interval '1' day
            {%- if not loop.first %}
            and _source in ({{ shifted_sources() | join(', ') }})
            {%- endif %}
            then cast(round({{ seconds_between(empty_date, moment) }}) as bigint)
    {%- endfor %}
    end
{%- endmacro %}

{#- What a composite reference points to as a party: its type is the name of a catalog, in whatever
    form (StandardODATA.Catalog_Партнеры, Catalog_Партнеры, Справочник.Партнеры). -#}
{% macro onec_party_kind(type) -%}
    case
    {%- for name, kind in {
        'Партнеры': 'client', 'КонтактныеЛицаПартнеров': 'person', 'Пользователи': 'manager',
    }.items() %}
        when {{ matches(type, '[._]' ~ name ~ '$') }} then '{{ kind }}'
    {%- endfor %}
    end
{%- endmacro %}
