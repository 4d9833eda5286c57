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

merges as (
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

pairs as (
    select
        contact_id,
        survivor_id,
        min(merged_at) as merged_at
    from merges
    group by contact_id, survivor_id
),

chains as (
    select
        contact_id,
        survivor_id,
        merged_at,
        1 as merge_count
    from pairs
    union
    select
        chains.contact_id,
        pairs.survivor_id,
        chains.merged_at,
        chains.merge_count + 1 as merge_count
    from chains
    inner join pairs on chains.survivor_id = pairs.contact_id
    where chains.merge_count < {{ merge_depth_limit() }}
),

ends as (
    -- A chain that ends nowhere is a circle: its contacts stay what they are.
    select
        chains.contact_id,
        chains.survivor_id,
        min(chains.merged_at) over (partition by chains.contact_id) as merged_at,
        row_number() over (
            partition by chains.contact_id order by chains.merge_count, chains.survivor_id
        ) as place
    from chains
    left join pairs on chains.survivor_id = pairs.contact_id
    where pairs.contact_id is null
)

select
    contact_id,
    survivor_id,
    merged_at
from ends
where place = 1
