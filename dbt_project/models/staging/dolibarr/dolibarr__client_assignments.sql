-- grain: client, manager and stretch of time in which the loads showed the pair
select
    representatives.known_from,
    representatives.known_to,
    -- Dolibarr dates nothing: each stretch is a fact of its own, not a version of one.
    true as is_latest,
    representatives.is_baseline,
    representatives.known_from as loaded_at,
    representatives.third_party_id as client_id,
    representatives.user_id as manager_id,
    'main' as assignment_role,
    case when not representatives.is_baseline then representatives.known_from end as valid_from,
    representatives.known_to as valid_to,
    true as is_inferred,
    false as is_deleted
from {{ ref('stg_dolibarr__sales_representatives') }} as representatives
where representatives.quarantine_reason is null
