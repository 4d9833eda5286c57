-- grain: client and start of the time in which it goes under one surviving client
with recursive valid_merges as (
    select
        losing_client_id,
        surviving_client_id,
        merged_at
    from {{ ref('client_merges') }}
    where not is_deleted
),

chains as (
    select
        losing_client_id as client_id,
        surviving_client_id,
        merged_at as valid_from,
        1 as merge_count
    from valid_merges
    union all
    -- A merged into B goes under C once both merges have happened. A cycle ends at the limit,
    -- where the test merges_form_no_cycle finds it.
    select
        chains.client_id,
        valid_merges.surviving_client_id,
        greatest(chains.valid_from, valid_merges.merged_at) as valid_from,
        chains.merge_count + 1 as merge_count
    from chains
    inner join valid_merges on chains.surviving_client_id = valid_merges.losing_client_id
    where chains.merge_count < {{ merge_depth_limit() }}
),

identities as (
    select
        client_id,
        client_id as surviving_client_id,
        cast(null as timestamp) as valid_from,
        0 as merge_count
    from {{ ref('clients') }}
    union all
    select
        client_id,
        surviving_client_id,
        valid_from,
        merge_count
    from chains
),

final as (
    select
        client_id,
        surviving_client_id,
        valid_from,
        lead(valid_from) over (partition by client_id order by merge_count) as valid_to,
        merge_count
    from identities
)

select * from final
