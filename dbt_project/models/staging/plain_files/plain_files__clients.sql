-- grain: row of clients, as each load showed it
select
    {{ versions('clients') }},
    clients.client_id,
    clients.parent_client_id,
    clients.responsible_manager_id,
    clients.client_name,
    clients.client_kind,
    clients.region,
    clients.city,
    clients.industry,
    clients.client_class,
    clients.source_channel,
    clients.tax_id,
    clients.is_client,
    clients.do_not_contact,
    clients.is_test,
    clients.is_migrated,
    clients.is_deleted,
    clients.registered_at,
    clients.archived_at,
    clients.source_updated_at,
    clients.custom
from {{ ref('stg_plain_files__clients') }} as clients
where clients.quarantine_reason is null
