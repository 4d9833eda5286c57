-- grain: client, characteristic and value, as the loads showed them
with third_parties as (
    -- Which version is the latest is told before a client has several characteristics.
    select
        {{ versions('staged') }},
        staged.third_party_id,
        staged.prospect_status_id,
        staged.company_type_id,
        staged.staff_size_id
    from {{ ref('stg_dolibarr__third_parties') }} as staged
    where staged.quarantine_reason is null
),

dictionaries as (
    select
        'prospect_status' as characteristic,
        prospect_status_id as value_id,
        prospect_status as value
    from {{ ref('stg_dolibarr__prospect_statuses') }}
    where quarantine_reason is null and is_latest
    union all
    select
        'company_type',
        company_type_id,
        company_type
    from {{ ref('stg_dolibarr__company_types') }}
    where quarantine_reason is null and is_latest
    union all
    select
        'staff_size',
        staff_size_id,
        staff_size
    from {{ ref('stg_dolibarr__staff_sizes') }}
    where quarantine_reason is null and is_latest
),

tagged as (
    select
        links.*,
        categories.category
    from {{ ref('stg_dolibarr__client_categories') }} as links
    inner join {{ ref('stg_dolibarr__categories') }} as categories
        on links.category_id = categories.category_id and categories.is_latest
    where links.quarantine_reason is null and categories.quarantine_reason is null
),

final as (
    select
        third_parties.known_from,
        third_parties.known_to,
        third_parties.is_latest,
        third_parties.is_baseline,
        third_parties.loaded_at,
        third_parties.third_party_id as client_id,
        dictionaries.characteristic,
        dictionaries.value,
        cast(null as timestamp) as valid_from,
        cast(null as timestamp) as valid_to,
        false as is_deleted
    from third_parties
    inner join dictionaries
        on dictionaries.value_id = case dictionaries.characteristic
            when 'prospect_status' then third_parties.prospect_status_id
            when 'company_type' then third_parties.company_type_id
            else third_parties.staff_size_id
        end
    where dictionaries.value is not null
    union all
    select
        tagged.known_from,
        tagged.known_to,
        -- Each stretch of time in which the tag was seen is a fact of its own.
        true as is_latest,
        tagged.is_baseline,
        tagged.known_from as loaded_at,
        tagged.third_party_id,
        'category',
        tagged.category,
        case when not tagged.is_baseline then tagged.known_from end,
        tagged.known_to as valid_to,
        false
    from tagged
    where tagged.category is not null
)

select * from final
