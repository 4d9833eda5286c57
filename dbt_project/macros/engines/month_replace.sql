{#- The one incremental strategy: the run's month is deleted and written anew in one transaction, so
    that a re-run changes nothing and a month that became empty loses its old rows.
    The month comes from the run_period relation at execution, never from a literal. -#}
{% macro get_incremental_month_replace_sql(arg_dict) %}
    {#- Named through the graph: every mart descends from run_period, few name it themselves. -#}
    {%- set run_period = graph.nodes['model.crm_marts.run_period'].relation_name -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }}
    where close_month = (select close_month from {{ run_period }});
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
