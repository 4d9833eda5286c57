-- grain: client, owner and start of validity: from the history of the property where a client has
-- one, else from what the loads showed
with owner_history as (
    select
        {{ versions('history') }},
        history.company_id,
        history.value_id as owner_id,
        history.set_at
    from {{ ref('stg_hubspot__company_property_history') }} as history
    where history.quarantine_reason is null and history.property_name = 'hubspot_owner_id'
),

recorded as (
    select
        *,
        lag(owner_id) over (partition by company_id order by set_at) as previous_owner_id,
        row_number() over (partition by company_id order by set_at) as entry_number
    from owner_history
    where is_latest
),

recorded_changes as (
    select
        *,
        lead(set_at) over (partition by company_id order by set_at) as next_change_at
    from recorded
    where entry_number = 1 or owner_id is distinct from previous_owner_id
),

shown as (
    select
        clients.*,
        lag(clients.responsible_manager_id) over (
            partition by clients.client_id order by clients.known_from
        ) as previous_owner_id,
        row_number() over (partition by clients.client_id order by clients.known_from)
            as version_number
    from {{ ref('hubspot__clients') }} as clients
    left join recorded
        on clients.client_id = recorded.company_id and recorded.entry_number = 1
    where recorded.company_id is null
),

shown_changes as (
    select
        *,
        lead(known_from) over (partition by client_id order by known_from) as next_change_at
    from shown
    where version_number = 1 or responsible_manager_id is distinct from previous_owner_id
),

final as (
    select
        known_from,
        known_to,
        is_latest,
        is_baseline,
        loaded_at,
        company_id as client_id,
        owner_id as manager_id,
        'main' as assignment_role,
        set_at as valid_from,
        next_change_at as valid_to,
        false as is_inferred,
        false as is_deleted
    from recorded_changes
    where owner_id is not null
    union all
    select
        known_from,
        cast(null as timestamp) as known_to,
        true as is_latest,
        is_baseline,
        known_from as loaded_at,
        client_id,
        responsible_manager_id as manager_id,
        'main' as assignment_role,
        -- The first known owner is taken to have had the client from the beginning.
        case
            when version_number = 1 then coalesce(least(registered_at, known_from), known_from)
            else known_from
        end as valid_from,
        next_change_at as valid_to,
        true as is_inferred,
        false as is_deleted
    from shown_changes
    where responsible_manager_id is not null
)

select * from final
