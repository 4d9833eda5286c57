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

loads as (
    select distinct
        source,
        extracted_at
    from {{ ref('stg_landing__loads') }}
),

starts_passed as (
    select
        versions.interaction_id,
        versions.known_from,
        min(loads.extracted_at) as passed_at
    from versions
    inner join loads
        on
            versions._source = loads.source
            and versions.known_from <= loads.extracted_at
            and versions.begins_at <= loads.extracted_at
            and (versions.known_to is null or versions.known_to > loads.extracted_at)
    group by versions.interaction_id, versions.known_from
),

shown as (
    select
        versions.*,
        starts_passed.passed_at,
        coalesce(starts_passed.passed_at > versions.known_from, false) as is_split,
        principals.client_id
    from versions
    left join starts_passed
        on
            versions.interaction_id = starts_passed.interaction_id
            and versions.known_from = starts_passed.known_from
    left join {{ ref('odoo__principals') }} as principals
        on
            versions.interaction_id = principals.interaction_id
            and versions.known_from = principals.known_from
),

phases as (
    select
        shown.*,
        known_from as phase_from,
        case when is_split then passed_at else known_to end as phase_to,
        is_latest and not is_split as is_latest_phase,
        case when passed_at <= known_from then 'completed' else 'open' end as state
    from shown
    union all
    select
        shown.*,
        passed_at,
        known_to,
        is_latest,
        'completed'
    from shown
    where is_split
),

final as (
    select
        phase_from as known_from,
        phase_to as known_to,
        is_latest_phase as is_latest,
        is_baseline and phase_from = known_from as is_baseline,
        phase_from as loaded_at,
        source_updated_at,
        interaction_id,
        'meeting' as interaction_kind,
        'calendar.event' as raw_type,
        cast(null as {{ dbt.type_string() }}) as direction,
        subject,
        responsible_id as responsible_manager_id,
        author_id as created_by_id,
        client_id,
        entered_at as created_at,
        begins_at as planned_start_at,
        ends_at as planned_end_at,
        case when state = 'completed' then begins_at end as actual_start_at,
        case when state = 'completed' and not is_all_day then ends_at end as actual_end_at,
        cast(null as timestamp) as deadline_at,
        false as deadline_is_date,
        state,
        case when state = 'completed' then coalesce(ends_at, begins_at) end as completed_at,
        'inferred' as completed_at_source,
        cast(null as timestamp) as cancelled_at,
        is_all_day,
        case when state = 'completed' and not is_all_day then nullif(duration_seconds, 0) end
            as duration_seconds,
        cast(null as {{ dbt.type_string() }}) as result,
        false as is_auto,
        not is_active as is_deleted
    from phases
)

select * from final
