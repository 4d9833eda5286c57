-- grain: month, plan line and manager who has the line or a part of it
with contacts as (
    select
        period_start,
        plan_id,
        manager_id,
        count(*) as contact_count
    from {{ ref('int_plans__contacts') }}
    where plan_id is not null
    group by period_start, plan_id, manager_id
),

final as (
    select
        parts.period_start,
        parts.plan_id,
        parts.manager_id,
        parts.plan_version,
        parts.client_id,
        parts.interaction_kind,
        parts.interaction_group,
        parts.planned_count,
        coalesce(contacts.contact_count, 0) as fact_count,
        least(coalesce(contacts.contact_count, 0), parts.planned_count) as fulfilled_count
    from {{ ref('int_plans__parts') }} as parts
    left join contacts
        on
            parts.period_start = contacts.period_start
            and parts.plan_id = contacts.plan_id
            and parts.manager_id = contacts.manager_id
)

select * from final
