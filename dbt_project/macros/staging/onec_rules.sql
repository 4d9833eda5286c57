{#- Rules for dates of 1C: readable, and not 2000 years ahead as MS SQL has them. -#}
{% macro onec_dates(columns) -%}
    {%- set shifted = shifted_sources() -%}
    {%- set rules = unreadable_dates(columns) -%}
    {%- for column in columns -%}
        {%- do rules.append([
            local_time(column) ~ " >= timestamp '3001-01-01 00:00:00'"
            ~ (' and _source not in (' ~ shifted | join(', ') ~ ')' if shifted else ''),
            column ~ ' is in year 4026 or so: set year_offset = 2000 for this source',
        ]) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{#- Rule for a duration: a filled cell is a time of day on the empty date. -#}
{% macro onec_durations(columns) -%}
    {%- set rules = [] -%}
    {%- for column in columns -%}
        {%- do rules.append([
            text(column) ~ ' is not null and ' ~ onec_seconds(column) ~ ' is null',
            column ~ ' is not a time of day on 0001-01-01 (2001-01-01 with year_offset = 2000)',
        ]) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{#- Rules for columns that say by name what MS SQL keeps as a number: types and values of lists. -#}
{% macro onec_names(columns) -%}
    {%- set rules = [] -%}
    {%- for column in columns -%}
        {%- do rules.append([
            matches(text(column), '^0[xX]0*[1-9a-fA-F][0-9a-fA-F]*$'),
            column ~ ' is a number of the database: select the name that it stands for',
        ]) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{#- Rules that make a line of a tabular section of contacts unusable. -#}
{% macro onec_line_rules() -%}
    {{ return([
        [onec_id('Ref_Key') ~ ' is null', 'Ref_Key is empty'],
        [whole_number('LineNumber') ~ ' is null', 'LineNumber is not a number'],
    ] + onec_names(['Контакт_Type'])) }}
{%- endmacro %}
