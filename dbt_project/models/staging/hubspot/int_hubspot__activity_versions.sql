-- grain: engagement or ticket version; the table engagement, which has owner and dates in the older
-- schema, changes on its own and makes versions too
with activities as (
    select * from {{ ref('int_hubspot__activities') }}
),

engagements as (
    select
        *,
        lead(known_from) over (partition by engagement_id order by known_from) as next_known_from
    from {{ ref('stg_hubspot__engagements') }}
    where quarantine_reason is null
),

starts as (
    select
        activity_id,
        known_from as activity_known_from,
        known_from
    from activities
    union
    select
        activities.activity_id,
        activities.known_from as activity_known_from,
        engagements.known_from
    from activities
    inner join engagements
        on
            activities.engagement_id = engagements.engagement_id
            and activities.known_from < engagements.known_from
            and (activities.known_to is null or activities.known_to > engagements.known_from)
),

phases as (
    select
        *,
        lead(known_from) over (
            partition by activity_id, activity_known_from order by known_from
        ) as next_from
    from starts
),

dated as (
    select
        phases.known_from as phase_from,
        coalesce(phases.next_from, activities.known_to) as phase_to,
        activities.is_latest and phases.next_from is null as is_latest_phase,
        activities.is_baseline and phases.known_from = activities.known_from as is_baseline_phase,
        activities.*,
        engagements.engagement_type,
        coalesce(activities.activity_type, engagements.activity_type) as picked_type,
        coalesce(activities.owner_id, engagements.owner_id) as responsible_id,
        coalesce(activities.entered_at, engagements.entered_at) as recorded_at,
        coalesce(activities.occurred_at, engagements.timestamp_at) as dated_at,
        coalesce(activities.source_updated_at, engagements.source_updated_at) as changed_at,
        activities.is_deleted or coalesce(engagements.is_deleted, false) as is_gone
    from phases
    inner join activities
        on
            phases.activity_id = activities.activity_id
            and phases.activity_known_from = activities.known_from
    left join engagements
        on
            activities.engagement_id = engagements.engagement_id
            and phases.known_from >= engagements.known_from
            and (
                engagements.next_known_from is null
                or phases.known_from < engagements.next_known_from
            )
),

final as (
    select
        _source,
        activity_id,
        activity_kind,
        phase_from as known_from,
        phase_to as known_to,
        is_latest_phase as is_latest,
        is_baseline_phase as is_baseline,
        first_known_from,
        coalesce(picked_type, engagement_type, hubspot_type) as raw_type,
        subject,
        coalesce(
            direction,
            case coalesce(activity_type, engagement_type)
                when 'EMAIL' then 'out'
                when 'INCOMING_EMAIL' then 'in'
            end
        ) as direction,
        responsible_id,
        created_by_user_id,
        -- Without a date of entry, as in the older schema, it was no later than the first load.
        coalesce(recorded_at, least(dated_at, first_known_from)) as entered_at,
        case
            when activity_kind <> 'task' then coalesce(dated_at, recorded_at)
        end as occurred_at,
        end_at,
        case when activity_kind = 'task' then coalesce(deadline_at, dated_at) end as deadline_at,
        state,
        completed_at,
        call_status,
        result,
        talk_seconds,
        changed_at as source_updated_at,
        is_gone as is_deleted
    from dated
)

select * from final
