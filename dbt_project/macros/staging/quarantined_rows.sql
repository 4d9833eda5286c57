{#- Unusable rows of a CRM's staging models with the raw row as JSON.
    `staged` lists [staging model, crm, raw table]. -#}
{% macro quarantined_rows(staged) %}
    {%- for model, crm, table in staged %}
    select
        staged._source as source,
        '{{ table }}' as table_name,
        staged._load_id as load_id,
        staged._file as file_name,
        staged._line as line_number,
        staged.quarantine_reason as reason,
        {{ row_as_json('raw_rows', raw_columns(crm, table)) }} as raw_row,
        staged.known_from as loaded_at,
        staged.known_to as left_at
    from {{ ref(model) }} as staged
    inner join {{ raw_table(crm, table) }} as raw_rows
        on
            staged._load_id = raw_rows._load_id
            and staged._file = raw_rows._file
            and staged._line = raw_rows._line
    where staged.quarantine_reason is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endmacro %}
