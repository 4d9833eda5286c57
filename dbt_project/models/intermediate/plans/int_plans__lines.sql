-- grain: month and plan line that is in force at its start
with months as (
    select * from {{ ref('int_months') }}
),

approved as (
    -- The last version approved by the month's start stands, also when it moved the line elsewhere.
    select
        months.period_start as month_start,
        months.period_end as month_end,
        months.end_at,
        plan_versions.*,
        row_number() over (
            partition by months.period_start, plan_versions.plan_id
            order by plan_versions.plan_version desc nulls last
        ) as place
    from months
    inner join {{ ref('contact_plans') }} as plan_versions
        on
            months.start_at >= plan_versions.approved_at
            and (not plan_versions.is_deleted or months.start_at < plan_versions.deleted_at)
),

final as (
    select
        approved.month_start as period_start,
        approved.plan_id,
        approved.plan_version,
        approved.approved_at,
        approved.period_start as first_day,
        approved.period_end as end_day,
        approved.manager_id,
        coalesce(survivors.surviving_client_id, approved.client_id) as client_id,
        approved.interaction_kind,
        approved.interaction_group,
        approved.planned_count
    from approved
    left join {{ ref('int_clients__survivors') }} as survivors
        on
            approved.client_id = survivors.client_id
            and {{ valid_before('survivors', 'approved.end_at') }}
    where
        approved.place = 1
        and approved.period_start >= approved.month_start
        and approved.period_end <= approved.month_end
)

select * from final
