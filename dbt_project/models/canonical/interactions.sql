-- grain: interaction, as last known
with versions as (
    select * from {{ ref('interaction_versions') }}
    where is_latest and {{ is_written() }}
),

classes as (
    select * from {{ ref('interaction_classes') }}
),

clients as (
    select client_id from {{ ref('clients') }}
),

managers as (
    select manager_id from {{ ref('managers') }}
),

final as (
    select
        versions.interaction_id,
        coalesce(classes.interaction_kind, versions.interaction_kind) as interaction_kind,
        versions.raw_type,
        classes.interaction_group,
        versions.direction,
        versions.subject,
        responsibles.manager_id as responsible_manager_id,
        case when responsibles.manager_id is null then versions.responsible_manager_id end
            as dangling_responsible_manager_id,
        creators.manager_id as created_by_id,
        case when creators.manager_id is null then versions.created_by_id end
            as dangling_created_by_id,
        clients.client_id,
        case when clients.client_id is null then versions.client_id end as dangling_client_id,
        versions.created_at,
        versions.planned_start_at,
        versions.planned_end_at,
        versions.actual_start_at,
        versions.actual_end_at,
        coalesce(versions.deadline_at, versions.planned_end_at, versions.planned_start_at)
            as deadline_at,
        case
            when versions.deadline_at is not null then 'field'
            when versions.planned_end_at is not null then 'planned_end'
            when versions.planned_start_at is not null then 'planned_start'
        end as deadline_source,
        case
            when versions.deadline_at is not null then coalesce(versions.deadline_is_date, false)
            else coalesce(versions.is_all_day, false)
        end as deadline_is_date,
        closings.completed_at,
        closings.completed_at_source,
        closings.cancelled_at,
        coalesce(versions.is_all_day, false) as is_all_day,
        versions.answered,
        versions.talk_seconds,
        coalesce(
            versions.duration_seconds,
            cast({{ seconds_between(
                'versions.actual_start_at', 'versions.actual_end_at'
            ) }} as bigint)
        ) as duration_seconds,
        case
            when versions.duration_seconds is not null then 'recorded'
            when versions.actual_start_at is not null and versions.actual_end_at is not null
                then 'computed'
            when versions.planned_start_at is not null and versions.planned_end_at is not null
                then 'planned'
            else 'none'
        end as duration_source,
        versions.result,
        coalesce(classes.result_class, 'none') as result_class,
        coalesce(versions.is_mass, false) as is_mass,
        coalesce(versions.is_auto, false) as is_auto,
        versions.group_id,
        versions.source_updated_at,
        versions.loaded_at,
        versions.is_deleted or (versions.known_to is not null and not closings.is_dropped)
            as is_deleted,
        case
            when versions.is_deleted then versions.known_from
            when not closings.is_dropped then versions.known_to
        end as deleted_at
    from versions
    inner join {{ ref('interaction_closings') }} as closings
        on versions.interaction_id = closings.interaction_id
    left join classes on versions.interaction_id = classes.interaction_id
    left join clients on versions.client_id = clients.client_id
    left join managers as responsibles
        on versions.responsible_manager_id = responsibles.manager_id
    left join managers as creators on versions.created_by_id = creators.manager_id
)

select * from final
