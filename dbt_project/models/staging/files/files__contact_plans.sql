-- grain: plan line version, as each load showed it
select
    {{ versions('plan_lines') }},
    plan_lines.plan_id,
    plan_lines.plan_version,
    plan_lines.approved_at,
    plan_lines.period_start,
    plan_lines.period_end,
    plan_lines.manager_id,
    plan_lines.client_id,
    plan_lines.interaction_kind,
    plan_lines.interaction_group,
    plan_lines.planned_count,
    false as is_deleted
from {{ ref('stg_files__contact_plans') }} as plan_lines
where plan_lines.quarantine_reason is null
