-- grain: third party version
with third_parties as (
    select
        *,
        min(known_from) over (partition by third_party_id) as first_known_from,
        -- Since when it is closed, unmoved by later edits; meaningless while it is not.
        max(case when not is_closed then known_to end) over (
            partition by third_party_id order by known_from
        ) as last_seen_open_until
    from {{ ref('stg_dolibarr__third_parties') }}
    where quarantine_reason is null
),

company_types as (
    select * from {{ ref('stg_dolibarr__company_types') }}
    where quarantine_reason is null and is_latest
),

final as (
    select
        {{ versions('third_parties') }},
        third_parties.source_updated_at,
        third_parties.third_party_id as client_id,
        third_parties.third_party_name as client_name,
        case
            when company_types.company_type_code = 'TE_PRIVATE' then 'person' else 'organisation'
        end as client_kind,
        coalesce(third_parties.client_code in ('1', '2', '3'), false) as is_client,
        third_parties.parent_third_party_id as parent_client_id,
        third_parties.entered_at as registered_at,
        case
            when third_parties.is_closed
                then coalesce(third_parties.last_seen_open_until, third_parties.first_known_from)
        end as archived_at,
        third_parties.city,
        third_parties.prospect_level as client_class,
        third_parties.tax_id,
        third_parties.custom,
        third_parties.do_not_contact,
        false as is_test,
        third_parties.is_imported as is_migrated,
        false as is_deleted
    from third_parties
    left join company_types on third_parties.company_type_id = company_types.company_type_id
)

select * from final
