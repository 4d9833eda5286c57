-- grain: client version and reason for which the client was out of the base
with clients as (
    select
        client_id,
        registered_at
    from {{ ref('clients') }}
    where not is_test
),

versions as (
    select
        *,
        row_number() over (partition by client_id order by known_from) as version_number,
        lead(known_from) over (partition by client_id order by known_from) as next_known_from
    from {{ ref('client_versions') }}
),

absences as (
    -- Archived since the date the CRM gives,
    select
        client_id,
        known_from,
        'archived' as reason,
        archived_at as out_from,
        next_known_from as out_to
    from versions
    where archived_at is not null
    union all
    -- not a client or marked as deleted, since the load that first shows it,
    select
        client_id,
        known_from,
        'no client',
        case when version_number > 1 then known_from end,
        next_known_from
    from versions
    where not coalesce(is_client, false) or is_deleted
    union all
    -- or gone from the extract.
    select
        client_id,
        known_from,
        'gone',
        known_to,
        next_known_from
    from versions
    where known_to is not null
),

final as (
    select
        absences.client_id,
        absences.known_from,
        absences.reason,
        greatest(clients.registered_at, coalesce(absences.out_from, clients.registered_at))
            as out_from,
        absences.out_to
    from absences
    inner join clients on absences.client_id = clients.client_id
    where
        coalesce(absences.out_to > clients.registered_at, true)
        -- No gap where the next version follows at once, or before the client was to be archived.
        and coalesce(absences.out_to > absences.out_from, true)
)

select * from final
