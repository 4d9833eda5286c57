-- grain: interaction whose rows an update writes anew; none where all are built anew
{%- if 'plain_files' in var('contract_tables') %}
select interaction_id from {{ ref('int_plain_files__changed_interactions') }}
{%- else %}
select cast(null as {{ dbt.type_string() }}) as interaction_id
where false
{%- endif %}
