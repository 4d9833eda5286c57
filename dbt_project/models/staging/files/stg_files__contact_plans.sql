with source as (
    {{ raw_versions('files', 'contact_plans') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ text('plan_id') }} as plan_id,
        {{ whole_number('plan_version') }} as plan_version,
        {{ text('manager_id') }} as manager_id,
        {{ text('client_id') }} as client_id,
        {{ text('interaction_kind') }} as interaction_kind,
        {{ text('interaction_group') }} as interaction_group,
        {{ whole_number('planned_count') }} as planned_count,
        {{ instant('approved_at', 'files') }} as approved_at,
        cast({{ local_time('period_start') }} as date) as period_start,
        cast({{ local_time('period_end') }} as date) as period_end,
        {{ quarantine_reason([
            [text('plan_id') ~ ' is null', 'plan_id is empty'],
            [whole_number('plan_version') ~ ' is null', 'plan_version is not a number'],
            [text('manager_id') ~ ' is null', 'manager_id is empty'],
            [whole_number('planned_count') ~ ' is null', 'planned_count is not a number'],
            [whole_number('planned_count') ~ ' < 0', 'planned_count is below 0'],
            [
                text('interaction_kind') ~ " not in ('meeting', 'call', 'visit', 'email', 'message')",
                'interaction_kind is not meeting, call, visit, email or message',
            ],
            [local_time('approved_at') ~ ' is null', 'approved_at is not a date'],
            [local_time('period_start') ~ ' is null', 'period_start is not a date'],
            [local_time('period_end') ~ ' is null', 'period_end is not a date'],
            [
                local_time('period_end') ~ ' <= ' ~ local_time('period_start'),
                'period_end is not after period_start',
            ],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
