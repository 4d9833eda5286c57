{#- An Odoo reference as id. None is an empty cell, f or false; search:... is one that was never
    resolved; of an API's [7, "Name"] the number counts. -#}
{% macro odoo_id(column) -%}
    _source || ':' || case
        when lower({{ text(column) }}) in ('f', 'false') or {{ text(column) }} like 'search:%'
            then null
        else nullif(trim(split_part(
            replace(replace({{ text(column) }}, '[', ''), ']', ''), ',', 1
        )), '')
    end
{%- endmacro %}

{#- An Odoo list of references as `;id;id;`: parted by comma or semicolon, in brackets or not. -#}
{% macro odoo_list(column) -%}
    ';' || replace(replace(replace(replace(
        case when lower({{ text(column) }}) not in ('f', 'false', '[]') then {{ text(column) }} end,
        '[', ''), ']', ''), ' ', ''), ',', ';') || ';'
{%- endmacro %}

{#- A row of this table as Odoo names any record, `<source>:<model>,<id>`: ids of different tables
    may be the same. -#}
{% macro odoo_record(model) -%}
    _source || ':{{ model }},' || {{ text('id') }}
{%- endmacro %}
