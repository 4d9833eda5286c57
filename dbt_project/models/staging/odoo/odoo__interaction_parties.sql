-- grain: version of an interaction, and party that it names
select
    participants.known_from,
    participants.known_to,
    participants.is_latest,
    participants.is_baseline,
    participants.loaded_at,
    participants.interaction_id,
    participants.party_kind,
    participants.party_id,
    'participant' as party_role,
    false as is_deleted
from {{ ref('odoo__participants') }} as participants
