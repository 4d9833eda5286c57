-- grain: meeting version, split at the first load after its start
with meetings as (
    select
        *,
        -- A date is a day of the office, not of UTC.
        case
            when is_all_day
                then {{ from_business('cast(cast(start_local as date) as timestamp)') }}
            else start_at
        end as begins_at,
        case
            when is_all_day
                then {{ from_business('cast(cast(stop_local as date) as timestamp)') }}
            else stop_at
        end as ends_at
    from {{ ref('stg_odoo__meetings') }}
    where quarantine_reason is null
),

versions as (
    select
        {{ versions('meetings') }},
        meetings.source_updated_at,
        meetings.interaction_id,
        meetings._source,
        meetings.subject,
        meetings.responsible_id,
        meetings.author_id,
        meetings.duration_seconds,
        meetings.is_all_day,
        meetings.is_active,
        meetings.begins_at,
        meetings.ends_at,
        meetings.entered_at
    from meetings
),

phases as (
    {{ phases_by_start('versions', 'interaction_id', 'versions.begins_at') }}
),

final as (
    select
        phases.phase_from as known_from,
        phases.phase_to as known_to,
        phases.is_latest_phase as is_latest,
        phases.is_baseline and phases.phase_from = phases.known_from as is_baseline,
        phases.phase_from as loaded_at,
        phases.source_updated_at,
        phases.interaction_id,
        'meeting' as interaction_kind,
        'calendar.event' as raw_type,
        cast(null as {{ dbt.type_string() }}) as direction,
        phases.subject,
        phases.responsible_id as responsible_manager_id,
        phases.author_id as created_by_id,
        principals.client_id,
        phases.entered_at as created_at,
        phases.begins_at as planned_start_at,
        phases.ends_at as planned_end_at,
        case when phases.is_over then phases.begins_at end as actual_start_at,
        case when phases.is_over and not phases.is_all_day then phases.ends_at end as actual_end_at,
        cast(null as timestamp) as deadline_at,
        false as deadline_is_date,
        case when phases.is_over then 'completed' else 'open' end as state,
        case when phases.is_over then coalesce(phases.ends_at, phases.begins_at) end
            as completed_at,
        'inferred' as completed_at_source,
        cast(null as timestamp) as cancelled_at,
        phases.is_all_day,
        case
            when phases.is_over and not phases.is_all_day then nullif(phases.duration_seconds, 0)
        end as duration_seconds,
        cast(null as {{ dbt.type_string() }}) as result,
        false as is_auto,
        not phases.is_active as is_deleted
    from phases
    left join {{ ref('odoo__principals') }} as principals
        on
            phases.interaction_id = principals.interaction_id
            and phases.known_from = principals.known_from
)

select * from final
