-- grain: interaction that a report of the month being closed names, or that changed since the month
-- began, as last known
select
    interactions.interaction_id,
    interactions.subject,
    told.close_month
from {{ ref('dim_interactions') }} as told
inner join {{ ref('interactions') }} as interactions
    on told.interaction_id = interactions.interaction_id
