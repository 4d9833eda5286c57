{{ config(pre_hook="{{ after_changed_interactions() }}") }}
-- grain: row of interaction_changes, as each load showed it
select
    {{ versions('interaction_changes') }},
    interaction_changes.interaction_id,
    interaction_changes.changed_by_id,
    interaction_changes.field,
    interaction_changes.old_value,
    interaction_changes.new_value,
    interaction_changes.changed_at,
    false as is_deleted
from {{ ref('stg_plain_files__interaction_changes') }} as interaction_changes
where
    interaction_changes.quarantine_reason is null
    and {{ is_written('interaction_changes.interaction_id') }}
