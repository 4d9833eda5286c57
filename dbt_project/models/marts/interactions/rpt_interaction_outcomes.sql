-- grain: period, manager and interaction kind
with periods as (
    select * from {{ ref('int_periods') }}
),

outcomes as (
    select
        period_kind,
        period_start,
        coalesce(manager_id, 'no manager') as manager_id,
        interaction_kind,
        count(*) as interaction_count,
        {%- for outcome in interaction_outcomes() %}
            count(case when outcome = '{{ outcome }}' then 1 end)
                as {{ outcome | replace(',', '') | replace(' ', '_') }}_count,
        {%- endfor %}
        count(case when days_overdue between 0 and 7 then 1 end) as overdue_1_to_7_days_count,
        count(case when days_overdue between 8 and 30 then 1 end) as overdue_8_to_30_days_count,
        count(case when days_overdue between 31 and 90 then 1 end) as overdue_31_to_90_days_count,
        count(case when days_overdue > 90 then 1 end) as overdue_over_90_days_count
    from {{ ref('int_interactions__period_outcomes') }}
    group by period_kind, period_start, coalesce(manager_id, 'no manager'), interaction_kind
),

flows as (
    select * from {{ ref('int_interactions__overdue_flows') }}
),

spine as (
    select
        period_kind,
        period_start,
        manager_id,
        interaction_kind
    from outcomes
    union
    select
        period_kind,
        period_start,
        manager_id,
        interaction_kind
    from flows
    -- Managers without a row of their own still stand in the report, with zeros.
    {%- for interaction_kind in ['call', 'meeting', 'task'] %}
        union
        select
            period_kind,
            period_start,
            manager_id,
            '{{ interaction_kind }}'
        from {{ ref('int_managers__in_periods') }}
    {%- endfor %}
),

final as (
    select
        spine.period_kind,
        spine.period_start,
        periods.close_month,
        spine.manager_id,
        spine.interaction_kind,
        {%- for outcome in interaction_outcomes() %}
            {%- set column = outcome | replace(',', '') | replace(' ', '_') ~ '_count' %}
            coalesce(outcomes.{{ column }}, 0) as {{ column }},
        {%- endfor %}
        coalesce(outcomes.interaction_count, 0) as interaction_count,
        {{ ratio(
            'outcomes.completed_on_time_count',
            '(outcomes.completed_on_time_count + outcomes.completed_late_count)'
        ) }} as completed_on_time_share,
        {%- for flow in ['opening', 'inflow', 'transferred_in', 'outflow', 'transferred_out'] %}
            coalesce(flows.overdue_{{ flow }}_count, 0) as overdue_{{ flow }}_count,
        {%- endfor %}
    {%- for days in ['1_to_7', '8_to_30', '31_to_90', 'over_90'] %}
        coalesce(outcomes.overdue_{{ days }}_days_count, 0) as overdue_{{ days }}_days_count
        {{- ',' if not loop.last }}
    {%- endfor %}
    from spine
    inner join periods
        on spine.period_kind = periods.period_kind and spine.period_start = periods.period_start
    left join outcomes
        on
            spine.period_kind = outcomes.period_kind
            and spine.period_start = outcomes.period_start
            and spine.manager_id = outcomes.manager_id
            and spine.interaction_kind = outcomes.interaction_kind
    left join flows
        on
            spine.period_kind = flows.period_kind
            and spine.period_start = flows.period_start
            and spine.manager_id = flows.manager_id
            and spine.interaction_kind = flows.interaction_kind
)

select * from final
