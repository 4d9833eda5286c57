-- grain: plan line version, as each load showed it
select
    {{ versions('plans') }},
    plans.plan_id,
    plans.plan_version,
    plans.approved_at,
    plans.period_start,
    plans.period_end,
    plans.manager_id,
    plans.client_id,
    plans.interaction_kind,
    plans.interaction_group,
    plans.planned_count,
    false as is_deleted
from {{ ref('stg_files__contact_plans') }} as plans
where plans.quarantine_reason is null
