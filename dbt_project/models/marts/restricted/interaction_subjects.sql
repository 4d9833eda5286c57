-- grain: interaction, as last known
select
    interaction_id,
    subject
from {{ ref('interactions') }}
