{#- A number with n decimals, the same on every engine: the first cast mends binary fractions. -#}
{% macro rounded(number, decimals=2) -%}
    cast(cast({{ number }} as decimal(38, 8)) as decimal(18, {{ decimals }}))
{%- endmacro %}

{#- Numerator over denominator, null when the denominator is 0. -#}
{% macro ratio(numerator, denominator, decimals=4) -%}
    {{ rounded(
        'cast(' ~ numerator ~ ' as decimal(18, 4)) / nullif(cast(' ~ denominator
        ~ ' as decimal(18, 4)), 0)', decimals
    ) }}
{%- endmacro %}

{#- Continuous percentile of a column, `fraction` between 0 and 1, in units of so many of the
    column's: engines keep different numbers of decimals when they divide each row. -#}
{% macro percentile(column, fraction, unit=1, decimals=2) -%}
    {{ rounded(
        'percentile_cont(' ~ fraction ~ ') within group (order by cast(' ~ column
        ~ ' as ' ~ double_type() ~ ')) / ' ~ unit, decimals
    ) }}
{%- endmacro %}

{#- Eight-byte floating point. -#}
{% macro double_type() %}{{ return(adapter.dispatch('double_type')()) }}{% endmacro %}
{% macro default__double_type() %}double precision{% endmacro %}
{% macro spark__double_type() %}double{% endmacro %}
