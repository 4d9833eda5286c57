-- grain: interaction that the month's reports name or that changed since it began, as last known
select
    interaction_id,
    subject,
    close_month
from ({{ told_interactions() }}) as told
