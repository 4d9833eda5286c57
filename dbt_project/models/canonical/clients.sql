-- grain: client, as last known
with versions as (
    select * from {{ ref('client_versions') }}
    where is_latest
),

managers as (
    select manager_id from {{ ref('managers') }}
),

first_versions as (
    select
        client_id,
        -- Whom the first load shows was there before the data began: nobody is new by it.
        case
            when max(case when is_baseline then 1 else 0 end) = 1
                then least(
                    min(known_from),
                    {{ from_business("timestamp '" ~ var('data_start') ~ " 00:00:00'") }}
                    - interval '0.000001' second
                )
            else min(known_from)
        end as known_from
    from {{ ref('client_versions') }}
    group by client_id
),

parents as (
    select client_id from versions
),

final as (
    select
        versions.client_id,
        versions.client_name,
        versions.client_kind,
        versions.is_client,
        parents.client_id as parent_client_id,
        case when parents.client_id is null then versions.parent_client_id end
            as dangling_parent_client_id,
        coalesce(versions.registered_at, first_versions.known_from) as registered_at,
        versions.archived_at,
        managers.manager_id as responsible_manager_id,
        case when managers.manager_id is null then versions.responsible_manager_id end
            as dangling_responsible_manager_id,
        versions.region,
        versions.city,
        versions.industry,
        versions.client_class,
        versions.source_channel,
        versions.tax_id,
        versions.do_not_contact,
        versions.is_test,
        versions.is_migrated,
        versions.custom,
        versions.source_updated_at,
        versions.loaded_at,
        versions.is_deleted or versions.known_to is not null as is_deleted,
        case
            when versions.known_to is not null then versions.known_to
            when versions.is_deleted then versions.known_from
        end as deleted_at
    from versions
    inner join first_versions on versions.client_id = first_versions.client_id
    left join managers on versions.responsible_manager_id = managers.manager_id
    left join parents on versions.parent_client_id = parents.client_id
)

select * from final
