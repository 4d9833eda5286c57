-- grain: row of client_merges, as each load showed it
select
    {{ versions('client_merges') }},
    client_merges.losing_client_id,
    client_merges.surviving_client_id,
    -- Without a date the merge is known from the load that first shows it.
    coalesce(client_merges.merged_at, client_merges.known_from) as merged_at,
    false as is_deleted
from {{ ref('stg_plain_files__client_merges') }} as client_merges
where client_merges.quarantine_reason is null
