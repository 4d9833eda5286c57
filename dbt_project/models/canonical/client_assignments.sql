-- grain: client, manager, role and start of validity
with supplied as (
    {{ contract_rows('client_assignments', contract_columns(model.columns)) }}
),

recorded as (
    select distinct client_id from supplied
),

client_versions as (
    -- Where a CRM keeps only the manager of today, changes are seen from load to load.
    select versions.*
    from {{ ref('client_versions') }} as versions
    left join recorded on versions.client_id = recorded.client_id
    where recorded.client_id is null
),

managers as (
    select
        *,
        lag(responsible_manager_id) over (partition by client_id order by known_from)
            as previous_manager_id,
        row_number() over (partition by client_id order by known_from) as version_number
    from client_versions
),

changes as (
    select
        *,
        lead(known_from) over (partition by client_id order by known_from) as next_change_at
    from managers
    where version_number = 1 or responsible_manager_id is distinct from previous_manager_id
),

final as (
    select {{ canonical_columns(model.columns) }}
    from supplied
    where is_latest
    union all
    select
        client_id,
        responsible_manager_id as manager_id,
        'main' as assignment_role,
        -- The first known manager is taken to have had the client from the beginning.
        case
            when version_number > 1 then known_from
            when registered_at is not null then least(registered_at, known_from)
            when not is_baseline then known_from
        end as valid_from,
        next_change_at as valid_to,
        true as is_inferred,
        source_updated_at,
        loaded_at,
        false as is_deleted,
        cast(null as timestamp) as deleted_at
    from changes
    where responsible_manager_id is not null
)

select * from final
