-- grain: version of a task or event that Salesforce did not yet have in the recycle bin
{%- set columns = [
    'known_from', 'known_to', 'is_baseline', 'source_updated_at', 'interaction_id',
    'interaction_kind', 'raw_type', 'direction', 'subject', 'responsible_manager_id',
    'created_by_id', 'client_id', 'created_at', 'planned_start_at', 'planned_end_at',
    'actual_start_at', 'deadline_at', 'deadline_is_date', 'state', 'completed_at',
    'completed_at_source', 'is_all_day', 'talk_seconds', 'duration_seconds', 'result', 'is_mass',
    'group_id', 'is_deleted',
] %}
with activities as (
    select {{ columns | join(', ') }} from {{ ref('int_salesforce__tasks_by_state') }}
    union all
    select {{ columns | join(', ') }} from {{ ref('int_salesforce__events_by_state') }}
),

marked as (
    select
        *,
        max(case when is_deleted then 0 else 1 end) over (
            partition by interaction_id order by known_from
        ) = 1 as was_alive
    from activities
)

-- The recycle bin is how the connector shows that a row is gone: the version before it ended then,
-- and what that means (cancelled before its start, else deleted) is the canonical layer's to say.
select
    {{ columns | join(', ') }},
    row_number() over (partition by interaction_id order by known_from desc) = 1 as is_latest,
    known_from as loaded_at,
    false as is_auto
from marked
where not (is_deleted and was_alive)
