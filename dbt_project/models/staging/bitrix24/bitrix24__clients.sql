-- grain: version of a company, or of a contact that is or was a client by itself
with companies as (
    select * from {{ ref('stg_bitrix24__companies') }}
    where quarantine_reason is null
),

contacts as (
    select
        *,
        max(case when is_person_client then 1 else 0 end) over (partition by contact_id)
            as was_person_client
    from {{ ref('stg_bitrix24__contacts') }}
    where quarantine_reason is null
),

parties as (
    select
        {{ versions('companies') }},
        source_updated_at,
        company_id as client_id,
        company_name as client_name,
        'organisation' as client_kind,
        not is_own_company
        and coalesce(company_type, '') not in ('SUPPLIER', 'COMPETITOR', 'PARTNER') as is_client,
        entered_at as registered_at,
        responsible_id as responsible_manager_id,
        region,
        city,
        industry,
        source_channel,
        custom
    from companies
    union all
    select
        {{ versions('contacts') }},
        source_updated_at,
        contact_client_id,
        coalesce(full_name, contact_id),
        'person',
        is_person_client,
        entered_at,
        responsible_id,
        region,
        city,
        null,
        source_channel,
        custom
    from contacts
    where was_person_client = 1
),

final as (
    select
        *,
        false as do_not_contact,
        false as is_test,
        false as is_migrated,
        false as is_deleted
    from parties
)

select * from final
