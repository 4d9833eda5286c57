-- grain: interaction that counts in one of the last twelve months, with the moment of its entry
with months as (
    select * from {{ ref('int_entry_months') }}
),

loads as (
    select * from {{ ref('source_loads') }}
),

interactions as (
    select
        months.event_month,
        months.end_at,
        months.scheduled_close_at,
        months.known_until,
        interactions.interaction_id,
        interactions.performer_id,
        interactions.created_at
    from {{ ref('int_interactions__classified') }} as interactions
    inner join months
        on interactions.event_at >= months.start_at and interactions.event_at < months.end_at
),

first_versions as (
    select
        versions.interaction_id,
        split_part(versions.interaction_id, ':', 1) as source_name,
        min(versions.known_from) as first_known_from
    from {{ ref('interaction_versions') }} as versions
    inner join interactions on versions.interaction_id = interactions.interaction_id
    group by versions.interaction_id
),

sources as (
    select
        source,
        min(extracted_at) as first_load_at
    from loads
    group by source
),

-- The last complete load that did not have the interactions that a later one shows first.
moments as (
    select distinct
        source_name,
        first_known_from
    from first_versions
),

absences as (
    select
        moments.source_name,
        moments.first_known_from,
        max(loads.extracted_at) as absent_at
    from moments
    inner join loads
        on
            moments.source_name = loads.source
            and moments.first_known_from > loads.extracted_at
            and loads.is_complete
    group by moments.source_name, moments.first_known_from
),

entered as (
    select
        interactions.event_month,
        interactions.end_at,
        interactions.scheduled_close_at,
        interactions.known_until,
        interactions.interaction_id,
        coalesce(interactions.performer_id, 'no manager') as manager_id,
        coalesce(sources.first_load_at < interactions.end_at, false) as is_judged,
        -- Not before a complete load that lacks it, whatever the CRM says, nor after its first one.
        least(
            first_versions.first_known_from,
            greatest(interactions.created_at, coalesce(absences.absent_at, interactions.created_at))
        ) as entered_at
    from interactions
    inner join first_versions on interactions.interaction_id = first_versions.interaction_id
    left join sources on first_versions.source_name = sources.source
    left join absences
        on
            first_versions.source_name = absences.source_name
            and first_versions.first_known_from = absences.first_known_from
),

aged as (
    select
        *,
        {{ days_between(
            to_business('scheduled_close_at'), to_business('entered_at')
        ) }} as days_late
    from entered
    where entered_at < known_until
),

final as (
    select
        event_month,
        interaction_id,
        manager_id,
        entered_at,
        case
            when not is_judged then 'not judged'
            when entered_at < end_at then 'in month'
            when entered_at < scheduled_close_at then 'in grace days'
            when days_late <= 7 then 'late 1 to 7 days'
            when days_late <= 30 then 'late 8 to 30 days'
            when days_late <= 90 then 'late 31 to 90 days'
            else 'late over 90 days'
        end as entry_class
    from aged
)

select * from final
