{#- When a row version was known: every model <crm>__<table> carries these beside the contract's
    columns, and the canonical layer infers from them what the CRM does not record.
    Windows come after `where`: of the usable versions the last one stands, though a newer one be
    in quarantine. `key` lists the columns that identify a row where loads may write the same key
    in two ways; else it is the raw key. -#}
{% macro versions(relation, key=['_source', '_key']) -%}
    {%- set is_latest -%}
        row_number() over (
            partition by {{ relation }}.{{ key | join(', ' ~ relation ~ '.') }}
            order by {{ relation }}.known_from desc
        ) = 1
    {%- endset -%}
    {{ relation }}.known_from,
    case
        when {{ is_latest }} then {{ relation }}.key_known_to else {{ relation }}.known_to
    end as known_to,
    {{ is_latest }} as is_latest,
    {{ relation }}.is_baseline,
    {{ relation }}.known_from as loaded_at
{%- endmacro %}
