-- grain: client, as last known
with run_period as (
    select as_of from {{ ref('run_period') }}
),

owners as (
    select
        owners.client_id,
        owners.manager_id
    from {{ ref('int_clients__owners') }} as owners
    cross join run_period
    where
        owners.is_main
        and {{ valid_at('owners', 'run_period.as_of') }}
),

survivors as (
    select
        survivors.client_id,
        survivors.surviving_client_id
    from {{ ref('int_clients__survivors') }} as survivors
    cross join run_period
    where
        {{ valid_at('survivors', 'run_period.as_of') }}
)

select
    clients.client_id,
    survivors.surviving_client_id,
    owners.manager_id as owner_now_id,
    clients.parent_client_id,
    clients.client_kind,
    clients.client_class,
    clients.region,
    clients.city,
    clients.industry,
    clients.source_channel,
    clients.is_client,
    clients.do_not_contact,
    clients.is_test,
    clients.is_migrated,
    clients.is_deleted,
    clients.registered_at,
    clients.archived_at
from {{ ref('clients') }} as clients
left join owners on clients.client_id = owners.client_id
left join survivors on clients.client_id = survivors.client_id
