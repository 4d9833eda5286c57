-- grain: version of an interaction that names partners
with ranked as (
    select
        *,
        party_kind = 'manager' as is_manager,
        row_number() over (
            partition by interaction_id, known_from, party_kind = 'manager'
            order by
                case when is_own_company then 2 when is_known then 1 else 3 end, place, partner_id
        ) as rank
    from {{ ref('odoo__participants') }}
)

select
    interaction_id,
    known_from,
    max(case when is_manager then party_id end) as manager_id,
    max(case when not is_manager then client_id end) as client_id,
    max(case when not is_manager and is_known then client_id end) as known_client_id
from ranked
where rank = 1
group by interaction_id, known_from
