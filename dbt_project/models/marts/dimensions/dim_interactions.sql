-- grain: interaction that the month's reports name or that changed since it began, as last known
select
    interaction_id,
    responsible_manager_id as responsible_now_id,
    completed_at,
    cancelled_at,
    {{ effective_deadline('deadline_at', 'deadline_is_date') }} as deadline_at,
    is_deleted,
    last_changed_at,
    close_month
from ({{ told_interactions() }}) as told
