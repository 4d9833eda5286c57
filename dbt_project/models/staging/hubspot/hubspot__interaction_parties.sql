-- grain: party of an engagement or ticket version
select
    known_from,
    known_to,
    is_latest,
    is_baseline,
    loaded_at,
    activity_id as interaction_id,
    party_kind,
    party_id,
    'participant' as party_role,
    is_deleted
from {{ ref('int_hubspot__activity_parties') }}
