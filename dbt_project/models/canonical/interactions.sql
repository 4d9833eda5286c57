-- grain: interaction, as last known
-- Few types and days stand for many interactions. (A step that several others read is a copy of all
-- its rows: the versions are read where they lie.)
with types_of_days as (
    select distinct
        crm,
        raw_type,
        cast({{ to_business('created_at') }} as date) as created_on
    from {{ ref('interaction_versions') }}
    where is_latest and {{ is_written() }}
),

types as (
    select
        types_of_days.crm,
        types_of_days.raw_type,
        types_of_days.created_on,
        type_names.interaction_kind,
        type_names.interaction_group,
        row_number() over (
            partition by types_of_days.crm, types_of_days.raw_type, types_of_days.created_on
            order by
                type_names.priority,
                case when type_names.crm = '*' then 2 else 1 end,
                type_names.valid_from nulls last
        ) as place
    from types_of_days
    inner join {{ ref('interaction_types') }} as type_names
        on
            types_of_days.raw_type = type_names.raw_type
            and type_names.crm in (types_of_days.crm, '*')
            and {{ valid_at('type_names', 'types_of_days.created_on') }}
),

-- Few interactions were seen in several versions.
edited_interactions as (
    select distinct interaction_id from {{ ref('interaction_versions') }}
    where not is_latest and {{ is_written() }}
),

edited as (
    select
        versions.interaction_id,
        versions.state,
        versions.known_from,
        lag(versions.state) over (
            partition by versions.interaction_id order by versions.known_from
        ) as previous_state
    from {{ ref('interaction_versions') }} as versions
    inner join edited_interactions
        on versions.interaction_id = edited_interactions.interaction_id
),

state_starts as (
    -- The load that first showed the present state; a later edit does not move it.
    select
        interaction_id,
        max(known_from) as state_known_from,
        max(known_from) = max(case when previous_state is null then known_from end)
            as is_state_first_seen
    from edited
    where state is distinct from previous_state
    group by interaction_id
),

seen as (
    select
        versions.*,
        cast({{ to_business('versions.created_at') }} as date) as created_on,
        coalesce(state_starts.state_known_from, versions.known_from) as state_known_from,
        coalesce(state_starts.is_state_first_seen, true) as is_state_first_seen
    from {{ ref('interaction_versions') }} as versions
    left join state_starts on versions.interaction_id = state_starts.interaction_id
    where versions.is_latest and {{ is_written('versions.interaction_id') }}
),

dated as (
    select
        *,
        -- A time that was inferred from the row's own dates moves with them.
        case when completed_at_source = 'inferred' then known_from else state_known_from end
            as completion_known_from,
        least(
            state_known_from,
            coalesce(actual_end_at, planned_end_at, actual_start_at, planned_start_at, created_at)
        ) as inferred_close_at,
        -- Without a cancelled state: gone before its planned start is cancelled.
        known_to is not null
        and state = 'open'
        and coalesce(planned_start_at > known_to, false) as is_dropped
    from seen
),

clients as (
    select client_id from {{ ref('clients') }}
),

managers as (
    select manager_id from {{ ref('managers') }}
),

final as (
    select
        dated.interaction_id,
        coalesce(types.interaction_kind, dated.interaction_kind) as interaction_kind,
        dated.raw_type,
        types.interaction_group,
        dated.direction,
        dated.subject,
        responsibles.manager_id as responsible_manager_id,
        case when responsibles.manager_id is null then dated.responsible_manager_id end
            as dangling_responsible_manager_id,
        creators.manager_id as created_by_id,
        case when creators.manager_id is null then dated.created_by_id end
            as dangling_created_by_id,
        clients.client_id,
        case when clients.client_id is null then dated.client_id end as dangling_client_id,
        dated.created_at,
        dated.planned_start_at,
        dated.planned_end_at,
        dated.actual_start_at,
        dated.actual_end_at,
        coalesce(dated.deadline_at, dated.planned_end_at, dated.planned_start_at) as deadline_at,
        case
            when dated.deadline_at is not null then 'field'
            when dated.planned_end_at is not null then 'planned_end'
            when dated.planned_start_at is not null then 'planned_start'
        end as deadline_source,
        case
            when dated.deadline_at is not null then coalesce(dated.deadline_is_date, false)
            else coalesce(dated.is_all_day, false)
        end as deadline_is_date,
        case
            when dated.state <> 'completed' then null
            when dated.completed_at <= dated.completion_known_from then dated.completed_at
            when dated.is_state_first_seen then dated.inferred_close_at
            else dated.state_known_from
        end as completed_at,
        case
            when dated.state <> 'completed' then null
            when dated.completed_at <= dated.completion_known_from
                then coalesce(dated.completed_at_source, 'field')
            when dated.is_state_first_seen then 'inferred'
            else 'load'
        end as completed_at_source,
        case
            when dated.is_dropped then dated.known_to
            when dated.state <> 'cancelled' then null
            when dated.cancelled_at <= dated.state_known_from then dated.cancelled_at
            when dated.is_state_first_seen then dated.inferred_close_at
            else dated.state_known_from
        end as cancelled_at,
        coalesce(dated.is_all_day, false) as is_all_day,
        dated.answered,
        dated.talk_seconds,
        coalesce(
            dated.duration_seconds,
            cast({{ seconds_between('dated.actual_start_at', 'dated.actual_end_at') }} as bigint)
        ) as duration_seconds,
        case
            when dated.duration_seconds is not null then 'recorded'
            when dated.actual_start_at is not null and dated.actual_end_at is not null
                then 'computed'
            when dated.planned_start_at is not null and dated.planned_end_at is not null
                then 'planned'
            else 'none'
        end as duration_source,
        dated.result,
        case
            when dated.result is null then 'none'
            else coalesce(result_names.result_class, 'unmapped')
        end as result_class,
        coalesce(dated.is_mass, false) as is_mass,
        coalesce(dated.is_auto, false) as is_auto,
        dated.group_id,
        dated.source_updated_at,
        dated.loaded_at,
        coalesce(dated.known_to, dated.known_from) as last_changed_at,
        dated.is_deleted or (dated.known_to is not null and not dated.is_dropped) as is_deleted,
        case
            when dated.is_deleted then dated.known_from
            when not dated.is_dropped then dated.known_to
        end as deleted_at
    from dated
    left join types
        on
            dated.crm = types.crm
            and dated.raw_type = types.raw_type
            and dated.created_on = types.created_on
            and types.place = 1
    left join {{ ref('interaction_results') }} as result_names
        on
            dated.crm = result_names.crm
            and dated.result = result_names.raw_result
            and {{ valid_at('result_names', 'dated.created_on') }}
    left join clients on dated.client_id = clients.client_id
    left join managers as responsibles on dated.responsible_manager_id = responsibles.manager_id
    left join managers as creators on dated.created_by_id = creators.manager_id
)

select * from final
