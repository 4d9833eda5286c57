-- grain: month, plan line and manager who has the line or a part of it
with lines as (
    select * from {{ ref('int_plans__lines') }}
    union all
    select * from {{ ref('int_plans__norms') }}
),

owners as (
    -- An owner has a day that ends while the client is his.
    select
        client_id,
        manager_id,
        valid_from,
        valid_to,
        cast({{ to_business('valid_from') }} as date) as first_owned_day,
        cast({{ to_business('valid_to') }} as date) as end_owned_day
    from {{ ref('int_clients__owners') }}
    where is_main
),

owned as (
    select
        lines.period_start,
        lines.plan_id,
        lines.manager_id as planned_manager_id,
        lines.planned_count,
        owners.manager_id,
        greatest(owners.first_owned_day, lines.first_day) as first_owned_day,
        {{ days_between(
            'greatest(owners.first_owned_day, lines.first_day)',
            'least(coalesce(owners.end_owned_day, lines.end_day), lines.end_day)'
        ) }} as day_count,
        case
            when
                owners.manager_id = lines.manager_id
                and {{ valid_at('owners', 'lines.approved_at') }} then 1
            else 0
        end as is_owner_at_approval
    from lines
    inner join owners on lines.client_id = owners.client_id
),

shares as (
    select
        period_start,
        plan_id,
        planned_manager_id,
        planned_count,
        manager_id,
        min(case when day_count > 0 then first_owned_day end) as first_owned_day,
        sum(case when day_count > 0 then day_count else 0 end) as day_count,
        max(is_owner_at_approval) as is_owner_at_approval
    from owned
    group by period_start, plan_id, planned_manager_id, planned_count, manager_id
),

ownership as (
    -- A plan for a client goes with the client when its manager was the owner to begin with.
    select
        *,
        sum(day_count) over (partition by period_start, plan_id) as owned_day_count,
        max(case
            when manager_id = planned_manager_id and (day_count > 0 or is_owner_at_approval = 1)
                then 1
            else 0
        end) over (partition by period_start, plan_id) as is_of_owner
    from shares
),

quotas as (
    select
        *,
        planned_count * day_count % owned_day_count as left_over,
        cast(
            (planned_count * day_count - planned_count * day_count % owned_day_count)
            / owned_day_count as bigint
        ) as whole_count
    from ownership
    where is_of_owner = 1 and day_count > 0
),

ranked as (
    select
        *,
        planned_count - sum(whole_count) over (partition by period_start, plan_id) as left_count,
        row_number() over (
            partition by period_start, plan_id
            order by left_over desc nulls last, first_owned_day asc, manager_id asc
        ) as place
    from quotas
),

final as (
    select
        lines.period_start,
        lines.plan_id,
        coalesce(ranked.manager_id, lines.manager_id) as manager_id,
        lines.plan_version,
        lines.first_day,
        lines.end_day,
        lines.client_id,
        lines.interaction_kind,
        lines.interaction_group,
        cast(case
            when ranked.plan_id is null then lines.planned_count
            when ranked.place <= ranked.left_count then ranked.whole_count + 1
            else ranked.whole_count
        end as bigint) as planned_count
    from lines
    left join ranked
        on lines.period_start = ranked.period_start and lines.plan_id = ranked.plan_id
    -- A share of nothing is no plan; a plan of 0 that somebody wrote is one.
    where
        ranked.plan_id is null
        or lines.planned_count = 0
        or ranked.whole_count > 0
        or ranked.place <= ranked.left_count
)

select * from final
