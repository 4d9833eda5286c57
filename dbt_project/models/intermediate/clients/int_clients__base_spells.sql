-- grain: client and uninterrupted time in the client base
with clients as (
    select client_id, registered_at, is_migrated
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

merges as (
    select client_id, min(valid_from) as merged_at
    from {{ ref('int_clients__survivors') }}
    where depth > 0
    group by client_id
),

absences as (
    -- Out of the base: archived since the date the CRM gives,
    select client_id, archived_at as out_from, next_known_from as out_to
    from versions
    where archived_at is not null
    union all
    -- not a client or marked as deleted, since the load that first shows it,
    select
        client_id,
        case when version_number > 1 then known_from end as out_from,
        next_known_from as out_to
    from versions
    where not coalesce(is_client, false) or is_deleted
    union all
    -- or gone from the extract.
    select client_id, known_to as out_from, next_known_from as out_to
    from versions
    where known_to is not null and (next_known_from is null or known_to < next_known_from)
),

steps as (
    select client_id, registered_at as step_at, 0 as absence_change
    from clients
    union all
    select
        clients.client_id,
        greatest(clients.registered_at, coalesce(absences.out_from, clients.registered_at)),
        1
    from clients
    inner join absences on clients.client_id = absences.client_id
    where
        coalesce(absences.out_to > clients.registered_at, true)
        and coalesce(absences.out_to > absences.out_from, true)
    union all
    select clients.client_id, absences.out_to, -1
    from clients
    inner join absences on clients.client_id = absences.client_id
    where
        absences.out_to > clients.registered_at
        and coalesce(absences.out_to > absences.out_from, true)
),

moments as (
    select client_id, step_at, sum(absence_change) as absence_change
    from steps
    group by client_id, step_at
),

states as (
    select
        client_id,
        step_at,
        sum(absence_change) over (
            partition by client_id order by step_at
            rows between unbounded preceding and current row
        ) = 0 as is_in_base
    from moments
),

turns as (
    select
        *,
        lag(is_in_base) over (partition by client_id order by step_at) as was_in_base
    from states
),

switches as (
    select
        client_id,
        is_in_base,
        step_at as entered_at,
        lead(step_at) over (partition by client_id order by step_at) as left_at
    from turns
    where is_in_base is distinct from was_in_base
),

final as (
    select
        switches.client_id,
        switches.entered_at,
        case
            when merges.merged_at <= coalesce(switches.left_at, merges.merged_at)
                then merges.merged_at
            else switches.left_at
        end as left_at,
        case
            when row_number() over (partition by switches.client_id order by switches.entered_at) > 1
                then 'restored'
            when clients.is_migrated then 'migrated'
            else 'new'
        end as entry_kind,
        case
            when merges.merged_at <= coalesce(switches.left_at, merges.merged_at) then 'merged'
            when switches.left_at is not null then 'lost'
        end as exit_kind
    from switches
    inner join clients on switches.client_id = clients.client_id
    left join merges on switches.client_id = merges.client_id
    where
        switches.is_in_base
        and coalesce(switches.entered_at < merges.merged_at, true)
)

select * from final
