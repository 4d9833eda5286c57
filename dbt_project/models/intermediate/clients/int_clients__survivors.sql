-- grain: client and start of the time in which it goes under one surviving client
with recursive merges as (
    select losing_client_id, surviving_client_id, merged_at
    from {{ ref('client_merges') }}
    where not is_deleted
),

chains as (
    select losing_client_id as client_id, surviving_client_id, merged_at as valid_from, 1 as depth
    from merges
    union all
    -- A merged into B goes under C once both merges have happened. A cycle ends at the limit,
    -- where the test merges_form_no_cycle finds it.
    select
        chains.client_id,
        merges.surviving_client_id,
        greatest(chains.valid_from, merges.merged_at) as valid_from,
        chains.depth + 1 as depth
    from chains
    inner join merges on chains.surviving_client_id = merges.losing_client_id
    where chains.depth < {{ merge_depth_limit() }}
),

identities as (
    select
        client_id,
        client_id as surviving_client_id,
        cast(null as timestamp) as valid_from,
        0 as depth
    from {{ ref('clients') }}
    union all
    select client_id, surviving_client_id, valid_from, depth from chains
),

final as (
    select
        client_id,
        surviving_client_id,
        valid_from,
        lead(valid_from) over (partition by client_id order by depth) as valid_to,
        depth
    from identities
)

select * from final
