-- grain: version of a call, claim, request, meeting or message
{%- set columns = [
    'known_from', 'known_to', 'is_latest', 'is_baseline', 'loaded_at', 'source_updated_at',
    'interaction_id', 'interaction_kind', 'raw_type', 'direction', 'subject',
    'responsible_manager_id', 'created_by_id', 'client_id', 'created_at', 'planned_start_at',
    'planned_end_at', 'actual_start_at', 'actual_end_at', 'deadline_at', 'deadline_is_date',
    'state', 'completed_at', 'completed_at_source', 'cancelled_at', 'is_all_day',
    'duration_seconds', 'result', 'is_auto', 'is_deleted',
] %}
{%- for relation in ['cases', 'meetings', 'messages'] %}
    select {{ columns | join(', ') }}
    from {{ ref('odoo__' ~ relation) }}
    {%- if not loop.last %}
        union all
    {%- endif %}
{%- endfor %}
