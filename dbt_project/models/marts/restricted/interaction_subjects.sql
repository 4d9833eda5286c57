-- grain: interaction that the month's reports name or that changed since it began, as last known
select
    interactions.interaction_id,
    interactions.subject,
    told.close_month
from {{ ref('dim_interactions') }} as told
inner join {{ ref('interactions') }} as interactions
    on told.interaction_id = interactions.interaction_id
