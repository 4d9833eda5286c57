-- grain: contact that was merged into another
with recursive merged_lists as (
    select
        contact_id,
        _source,
        known_from,
        {{ split_list('merged_ids', ';') }} as losing_id
    from {{ ref('stg_hubspot__contacts') }}
    where quarantine_reason is null
),

recorded_merges as (
    select
        losing_contact_id as contact_id,
        surviving_contact_id as survivor_id,
        coalesce(merged_at, known_from) as merged_at
    from {{ ref('stg_hubspot__contact_merges') }}
    where quarantine_reason is null and losing_contact_id <> surviving_contact_id
    union all
    select
        _source || ':' || trim(losing_id),
        contact_id,
        known_from
    from merged_lists
    where trim(losing_id) <> '' and _source || ':' || trim(losing_id) <> contact_id
),

ranked as (
    -- What was merged twice, by the audit and in a list, goes the later way.
    select
        contact_id,
        survivor_id,
        min(merged_at) over (partition by contact_id) as merged_at,
        row_number() over (
            partition by contact_id order by merged_at desc nulls last, survivor_id asc
        ) as place
    from recorded_merges
),

pairs as (
    select
        contact_id,
        survivor_id,
        merged_at
    from ranked
    where place = 1
),

chains as (
    select
        contact_id,
        survivor_id,
        merged_at,
        1 as merge_count
    from pairs
    union all
    select
        chains.contact_id,
        pairs.survivor_id,
        chains.merged_at,
        chains.merge_count + 1 as merge_count
    from chains
    inner join pairs on chains.survivor_id = pairs.contact_id
    where chains.merge_count < {{ merge_depth_limit() }}
)

-- A chain that ends nowhere is a circle: its contacts stay what they are.
select
    chains.contact_id,
    chains.survivor_id,
    chains.merged_at
from chains
left join pairs on chains.survivor_id = pairs.contact_id
where pairs.contact_id is null
