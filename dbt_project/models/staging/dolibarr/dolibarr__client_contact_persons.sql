-- grain: client, contact, position and stretch of time in which the loads showed them so
with contacts as (
    select
        *,
        lag(known_to) over (partition by contact_id order by known_from) as previous_known_to,
        lag(third_party_id) over (partition by contact_id order by known_from)
            as previous_third_party_id,
        lag(position) over (partition by contact_id order by known_from) as previous_position
    from {{ ref('stg_dolibarr__contacts') }}
    where quarantine_reason is null
),

numbered as (
    -- A version that shows the same client and position goes on with the stretch before it.
    select
        *,
        sum(case
            when
                previous_known_to = known_from
                and third_party_id is not distinct from previous_third_party_id
                and position is not distinct from previous_position
                then 0
            else 1
        end) over (partition by contact_id order by known_from) as stretch_number
    from contacts
),

stretches as (
    select
        contact_id,
        third_party_id,
        position,
        stretch_number,
        min(known_from) as known_from,
        case when count(*) = count(known_to) then max(known_to) end as known_to,
        max(case when is_baseline then 1 else 0 end) = 1 as is_baseline
    from numbered
    where third_party_id is not null
    group by contact_id, third_party_id, position, stretch_number
)

select
    stretches.known_from,
    stretches.known_to,
    true as is_latest,
    stretches.is_baseline,
    stretches.known_from as loaded_at,
    stretches.third_party_id as client_id,
    stretches.contact_id as person_id,
    stretches.position,
    case when not stretches.is_baseline then stretches.known_from end as valid_from,
    stretches.known_to as valid_to,
    false as is_primary,
    false as is_deleted
from stretches
