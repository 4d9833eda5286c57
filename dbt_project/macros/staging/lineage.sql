{#- Where a staged row comes from and when it was known; every staging model carries these. -#}
{% macro lineage() -%}
    _source,
    _key,
    _load_id,
    _file,
    _line,
    known_from,
    known_to,
    key_known_to,
    is_latest,
    is_baseline
{%- endmacro %}
