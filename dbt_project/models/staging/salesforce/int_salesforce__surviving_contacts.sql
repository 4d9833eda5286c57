-- grain: merged contact
with recursive valid_merges as (
    select
        contact_id,
        surviving_contact_id
    from {{ ref('stg_salesforce__contacts') }}
    where
        quarantine_reason is null
        and is_latest
        and surviving_contact_id is not null
        and surviving_contact_id <> contact_id
),

chains as (
    select
        contact_id,
        surviving_contact_id,
        1 as merge_count
    from valid_merges
    union all
    select
        chains.contact_id,
        valid_merges.surviving_contact_id,
        chains.merge_count + 1 as merge_count
    from chains
    inner join valid_merges on chains.surviving_contact_id = valid_merges.contact_id
    where chains.merge_count < {{ merge_depth_limit() }}
),

ranked as (
    select
        contact_id,
        surviving_contact_id,
        row_number() over (
            partition by contact_id order by merge_count desc nulls last
        ) as place
    from chains
)

select
    contact_id,
    surviving_contact_id
from ranked
where place = 1
