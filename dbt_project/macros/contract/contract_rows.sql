{#- All CRMs' rows of one contract table with the types that the calling model declares in its
    YAML (`columns` is its model.columns). A column that a CRM's model lacks is null, `crm` is the
    staging folder's name, and without any CRM the relation is empty. -#}
{% macro contract_rows(table, columns) %}
    {%- set parts = [] -%}
    {%- for crm, tables in var('contract_tables').items() if table in tables -%}
        {%- set relation = ref(crm ~ '__' ~ table) -%}
        {%- set found = adapter.get_columns_in_relation(relation) if execute else [] -%}
        {%- set present = found | map(attribute='name') | list -%}
        {%- do parts.append(typed_cells(columns, present, crm) ~ ' from ' ~ relation) -%}
    {%- endfor -%}
    {{ parts | join(' union all ') if parts else typed_cells(columns, [], '') ~ ' where false' }}
{% endmacro %}

{#- `select` of declared columns with their types; null where a column is not present. -#}
{% macro typed_cells(columns, present, crm) -%}
    select
    {%- for name, column in columns.items() %}
        {%- set value = "'" ~ crm ~ "'" if name == 'crm' else name if name in present else 'null' %}
        cast({{ value }} as {{ api.Column.translate_type(column.data_type) }}) as {{ name }}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
