{#- When a row version was known: every model <crm>__<table> carries these beside the contract's
    columns, and the canonical layer infers from them what the CRM does not record.
    Windows come after `where`: of the usable versions the last one stands, though a newer one be
    in quarantine. `key` lists the columns that identify a row where loads may write the same key
    in two ways; else it is the raw key. A model of many rows says itself which one `is_latest`,
    with stand_ins instead of a window over all of them. -#}
{% macro versions(relation, key=['_source', '_key'], is_latest=none) -%}
    {%- if not is_latest -%}
        {%- set is_latest -%}
            row_number() over (
                partition by {{ relation }}.{{ key | join(', ' ~ relation ~ '.') }}
                order by {{ relation }}.known_from desc
            ) = 1
        {%- endset -%}
    {%- endif -%}
    {{ relation }}.known_from,
    case
        when {{ is_latest }} then {{ relation }}.key_known_to else {{ relation }}.known_to
    end as known_to,
    {{ is_latest }} as is_latest,
    {{ relation }}.is_baseline,
    {{ relation }}.known_from as loaded_at
{%- endmacro %}

{#- Of staged rows whose newest version is in quarantine, the last usable version, which stands. -#}
{% macro stand_ins(staged) -%}
    select
        usable._source,
        usable._key,
        max(usable.known_from) as known_from
    from {{ staged }} as usable
    inner join {{ staged }} as newest
        on usable._source = newest._source and usable._key = newest._key
    where
        usable.quarantine_reason is null
        and newest.is_latest
        and newest.quarantine_reason is not null
    group by usable._source, usable._key
{%- endmacro %}
