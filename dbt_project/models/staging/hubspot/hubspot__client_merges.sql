-- grain: company that was merged into another
with merged_lists as (
    select
        company_id,
        _source,
        known_from as seen_at,
        known_from,
        is_baseline,
        {{ split_list('merged_ids', ';') }} as losing_id
    from {{ ref('stg_hubspot__companies') }}
    where quarantine_reason is null
    union all
    -- The history of the property knows the moment.
    select
        company_id,
        _source,
        set_at,
        known_from,
        is_baseline,
        {{ split_list('property_value', ';') }}
    from {{ ref('stg_hubspot__company_property_history') }}
    where quarantine_reason is null and property_name = 'hs_merged_object_ids'
),

ranked as (
    select
        *,
        _source || ':' || trim(losing_id) as losing_client_id,
        row_number() over (
            partition by _source, trim(losing_id) order by seen_at, company_id
        ) as place
    from merged_lists
    where trim(losing_id) <> '' and _source || ':' || trim(losing_id) <> company_id
)

select
    known_from,
    cast(null as timestamp) as known_to,
    true as is_latest,
    is_baseline,
    known_from as loaded_at,
    losing_client_id,
    company_id as surviving_client_id,
    seen_at as merged_at,
    false as is_deleted
from ranked
where place = 1
