{#- When a row version was known: every model <crm>__<table> carries these beside the contract's
    columns, and the canonical layer infers from them what the CRM does not record. -#}
{% macro versions(relation) -%}
    {{ relation }}.known_from,
    {{ relation }}.known_to,
    {{ relation }}.is_latest,
    {{ relation }}.is_baseline,
    {{ relation }}.known_from as loaded_at
{%- endmacro %}
