-- grain: interaction and client taking part, itself or by a contact person
select
    interactions.interaction_id,
    interactions.client_id
from {{ ref('interactions') }} as interactions
inner join {{ ref('clients') }} as clients on interactions.client_id = clients.client_id
where not clients.is_test
union all
select
    interaction_id,
    client_id
from {{ ref('int_interactions__further_clients') }}
