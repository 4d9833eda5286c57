-- grain: interaction that was or is planned for the month being closed, or is for the next one
with months as (
    select
        start_at,
        end_at,
        {{ from_business("cast(period_end + interval '1' month as timestamp)") }} as next_end_at
    from {{ ref('int_months') }}
    where is_closing
),

interactions as (
    select * from {{ ref('int_interactions__classified') }}
),

timeline as (
    select * from {{ ref('int_interactions__timeline') }}
),

performers as (
    select * from {{ ref('int_interactions__performers') }}
),

-- A plan counts as known at the month's start when the interaction was entered by then.
planned as (
    select
        interactions.interaction_id,
        interactions.interaction_kind,
        interactions.completed_at,
        interactions.cancelled_at,
        interactions.created_at < months.start_at as is_known_at_start,
        coalesce(
            timeline.planned_start_at >= months.start_at
            and timeline.planned_start_at < months.end_at,
            false
        ) as was_in_month,
        coalesce(
            interactions.planned_start_at >= months.start_at
            and interactions.planned_start_at < months.end_at,
            false
        ) as is_in_month,
        coalesce(
            interactions.planned_start_at >= months.end_at
            and interactions.planned_start_at < months.next_end_at,
            false
        ) as is_in_next_month
    from interactions
    cross join months
    inner join timeline
        on
            interactions.interaction_id = timeline.interaction_id
            and {{ valid_before('timeline', 'months.start_at') }}
    where coalesce(interactions.cancelled_at, months.start_at) >= months.start_at
),

flows as (
    select
        interaction_id,
        interaction_kind,
        is_known_at_start and was_in_month as is_opening,
        not is_known_at_start and is_in_month as is_added,
        is_known_at_start and is_in_month and not was_in_month as is_moved_in,
        is_known_at_start and was_in_month and not is_in_month as is_moved_out,
        is_in_month and cancelled_at is not null as is_cancelled,
        is_in_month and completed_at is not null as is_done,
        is_in_month and cancelled_at is null and completed_at is null as is_not_done,
        is_in_next_month and cancelled_at is null as is_next
    from planned
),

final as (
    select
        flows.*,
        performers.holder_id as manager_id,
        flows.is_opening or flows.is_added or flows.is_moved_in as is_planned
    from flows
    left join performers on flows.interaction_id = performers.interaction_id
    where flows.is_opening or flows.is_added or flows.is_moved_in or flows.is_next
)

select * from final
