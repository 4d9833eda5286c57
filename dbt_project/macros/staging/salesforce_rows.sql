{#- Whether a row of Fivetran's is one that Salesforce no longer has: in the recycle bin, marked by
    the connector itself, or of a record whose history has no active row any more. -#}
{% macro fivetran_is_deleted() -%}
    (
        coalesce({{ flag('is_deleted') }}, false)
        or coalesce({{ flag('_fivetran_deleted') }}, false)
        or not coalesce({{ flag('_fivetran_active') }}, true)
    )
{%- endmacro %}

{#- End of a row of Fivetran's history; the last day of time stands for no end. -#}
{% macro fivetran_end() -%}
    case
        when {{ local_time('_fivetran_end') }} < timestamp '9999-12-31 00:00:00'
            then {{ instant('_fivetran_end', 'salesforce') }}
    end
{%- endmacro %}

{#- Id of a reference that may point into several tables, when its first letters name this one. -#}
{% macro salesforce_reference(column, prefix) -%}
    case when {{ text(column) }} like '{{ prefix }}%' then {{ source_id(column) }} end
{%- endmacro %}
