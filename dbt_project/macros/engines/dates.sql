{#- Whole days from one date to another. -#}
{% macro days_between(first, last) %}
    {{- return(adapter.dispatch('days_between')(first, last)) -}}
{% endmacro %}

{% macro default__days_between(first, last) -%}
    (cast({{ last }} as date) - cast({{ first }} as date))
{%- endmacro %}

{% macro spark__days_between(first, last) -%}
    datediff(cast({{ last }} as date), cast({{ first }} as date))
{%- endmacro %}

{#- Seconds from one timestamp to another, as decimal. -#}
{% macro seconds_between(first, last) %}
    {{- return(adapter.dispatch('seconds_between')(first, last)) -}}
{% endmacro %}

{% macro default__seconds_between(first, last) -%}
    cast(extract(epoch from ({{ last }}) - ({{ first }})) as decimal(18, 0))
{%- endmacro %}

{% macro spark__seconds_between(first, last) -%}
    cast(timestampdiff(microsecond, {{ first }}, {{ last }}) / 1000000 as decimal(18, 0))
{%- endmacro %}

{#- A date series: one row `day` for each day from first to last, both included. -#}
{% macro day_series(first, last) %}
    {{- return(adapter.dispatch('day_series')(first, last)) -}}
{% endmacro %}

{% macro default__day_series(first, last) -%}
    select cast(days.moment as date) as day
    from generate_series(
        cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval '1' day
    ) as days (moment)
{%- endmacro %}

{% macro spark__day_series(first, last) -%}
    select explode(
        sequence(cast({{ first }} as date), cast({{ last }} as date), interval 1 day)
    ) as day
{%- endmacro %}

{#- Day of the week, Monday 1 to Sunday 7. -#}
{% macro iso_weekday(day) %}{{ return(adapter.dispatch('iso_weekday')(day)) }}{% endmacro %}
{% macro default__iso_weekday(day) %}cast(extract(isodow from {{ day }}) as int){% endmacro %}
{% macro spark__iso_weekday(day) %}cast(extract(dayofweek_iso from {{ day }}) as int){% endmacro %}

{#- ISO week of a date, 1 to 53, and the year that it belongs to. -#}
{% macro iso_week(day) %}cast(extract(week from {{ day }}) as int){% endmacro %}
{% macro iso_year(day) %}{{ return(adapter.dispatch('iso_year')(day)) }}{% endmacro %}
{% macro default__iso_year(day) %}cast(extract(isoyear from {{ day }}) as int){% endmacro %}
{% macro spark__iso_year(day) %}cast(extract(yearofweek from {{ day }}) as int){% endmacro %}
