-- grain: interaction that was or is planned for the month being closed, or is for the next one
with months as (
    select * from {{ ref('int_months') }}
    where is_closing
),

interactions as (
    select * from {{ ref('int_interactions__classified') }}
),

timeline as (
    select * from {{ ref('int_interactions__timeline') }}
),

at_close as (
    select * from {{ ref('int_interactions__at_close') }}
),

ahead as (
    select * from {{ ref('int_interactions__planned_ahead') }}
),

-- A plan counts as known at the month's start when the interaction was entered by then.
planned as (
    select
        interactions.interaction_id,
        interactions.interaction_kind,
        at_close.holder_id,
        at_close.completed_at,
        at_close.cancelled_at,
        interactions.created_at < months.start_at as is_known_at_start,
        coalesce(
            timeline.planned_start_at >= months.start_at
            and timeline.planned_start_at < months.end_at,
            false
        ) as was_in_month,
        coalesce(
            at_close.planned_start_at >= months.start_at
            and at_close.planned_start_at < months.end_at,
            false
        ) as is_in_month,
        coalesce(ahead.is_in_next_month, false) as is_next
    from interactions
    cross join months
    inner join at_close on interactions.interaction_id = at_close.interaction_id
    inner join timeline
        on
            interactions.interaction_id = timeline.interaction_id
            and {{ valid_before('timeline', 'months.start_at') }}
    left join ahead on interactions.interaction_id = ahead.interaction_id
    where coalesce(at_close.cancelled_at, months.start_at) >= months.start_at
),

flows as (
    select
        interaction_id,
        interaction_kind,
        holder_id as manager_id,
        is_known_at_start and was_in_month as is_opening,
        not is_known_at_start and is_in_month as is_added,
        is_known_at_start and is_in_month and not was_in_month as is_moved_in,
        is_known_at_start and was_in_month and not is_in_month as is_moved_out,
        is_in_month and cancelled_at is not null as is_cancelled,
        is_in_month and completed_at is not null as is_done,
        is_in_month and cancelled_at is null and completed_at is null as is_not_done,
        is_next
    from planned
),

final as (
    select
        *,
        is_opening or is_added or is_moved_in as is_planned
    from flows
    where is_opening or is_added or is_moved_in or is_next
)

select * from final
