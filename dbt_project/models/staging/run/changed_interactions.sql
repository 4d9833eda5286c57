-- grain: interaction whose rows an update writes anew; none where all are built anew
{%- for crm in var('crms_that_tell_changes') %}
    select interaction_id from {{ ref('int_' ~ crm ~ '__changed_interactions') }}
    union all
{%- endfor %}
select cast(null as {{ dbt.type_string() }}) as interaction_id
where false
