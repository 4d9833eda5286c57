-- grain: account, owner and stretch of time: by its history, else as the loads showed it
with stretches as (
    select * from {{ ref('int_salesforce__owner_stretches') }}
),

client_versions as (
    select * from {{ ref('salesforce__clients') }}
),

histories as (
    select distinct account_id from stretches
),

-- Without a history changes are seen from load to load, as in the canonical layer.
shown as (
    select
        client_versions.*,
        lag(client_versions.responsible_manager_id) over (
            partition by client_versions.client_id order by client_versions.known_from
        ) as previous_owner_id,
        row_number() over (
            partition by client_versions.client_id order by client_versions.known_from
        ) as version_number
    from client_versions
    left join histories on client_versions.client_id = histories.account_id
    where histories.account_id is null
),

changes as (
    select
        *,
        lead(known_from) over (partition by client_id order by known_from) as next_change_at
    from shown
    where version_number = 1 or responsible_manager_id is distinct from previous_owner_id
),

assignments as (
    select
        account_id as client_id,
        owner_id as manager_id,
        owned_from as valid_from,
        owned_until as valid_to,
        false as is_inferred,
        loaded_at
    from stretches
    union all
    -- The first owner that a history knows is taken to have had the account from the beginning.
    select
        stretches.account_id,
        stretches.owner_id,
        client_versions.registered_at,
        stretches.owned_from,
        true,
        stretches.loaded_at
    from stretches
    inner join client_versions
        on
            stretches.account_id = client_versions.client_id
            and stretches.owned_from > client_versions.registered_at
    where stretches.stretch_number = 1 and client_versions.is_latest
    union all
    select
        client_id,
        responsible_manager_id,
        case when version_number = 1 then least(registered_at, known_from) else known_from end,
        next_change_at,
        true,
        loaded_at
    from changes
)

select
    loaded_at as known_from,
    cast(null as timestamp) as known_to,
    -- Each stretch is a fact of its own, not a version of one.
    true as is_latest,
    false as is_baseline,
    loaded_at,
    client_id,
    manager_id,
    'main' as assignment_role,
    valid_from,
    valid_to,
    is_inferred,
    false as is_deleted
from assignments
where manager_id is not null
