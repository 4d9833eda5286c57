{{ config(pre_hook="{{ after_changed_interactions() }}") }}
-- grain: row of interaction_parties, as each load showed it
select
    {{ versions('interaction_parties') }},
    interaction_parties.interaction_id,
    interaction_parties.party_id,
    interaction_parties.party_kind,
    interaction_parties.party_role,
    interaction_parties.attended,
    false as is_deleted
from {{ ref('stg_plain_files__interaction_parties') }} as interaction_parties
where
    interaction_parties.quarantine_reason is null
    and {{ is_written('interaction_parties.interaction_id') }}
