-- grain: month and manager
with months as (
    select * from {{ ref('int_months') }}
),

working_days as (
    select * from {{ ref('int_managers__working_days') }}
),

main_clients as (
    select
        months.period_start,
        owners.manager_id,
        count(*) as main_client_count
    from {{ ref('int_clients__owners') }} as owners
    inner join months on {{ valid_before('owners', 'months.end_at') }}
    inner join {{ ref('int_clients__base_spells') }} as spells
        on
            owners.client_id = spells.client_id
            and months.end_at > spells.entered_at
            and months.end_at <= coalesce(spells.left_at, months.end_at)
    where owners.is_main
    group by months.period_start, owners.manager_id
),

sums as (
    select
        period_start,
        manager_id,
        {%- for count in ranking_parts().values() | sum(start=[]) %}
            cast(sum({{ count }}) as bigint) as {{ count }},
        {%- endfor %}
        sum(plan_line_count) as plan_line_count
    from {{ ref('int_managers__ranking_clients') }}
    group by period_start, manager_id
),

final as (
    select
        working_days.period_start,
        working_days.manager_id,
        working_days.working_day_count,
        working_days.absence_day_count,
        coalesce(main_clients.main_client_count, 0) as main_client_count,
        {%- for count in ranking_parts().values() | sum(start=[]) %}
            coalesce(sums.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        case
            when main_clients.main_client_count is null then 'no clients'
            when
                working_days.working_day_count > 0
                and working_days.working_day_count = working_days.absence_day_count
                then 'absent'
            when
                working_days.working_day_count - working_days.absence_day_count
                < {{ var('ranking_min_working_days') }}
                then 'too few working days'
            when coalesce(sums.plan_line_count, 0) = 0 then 'no plan'
            when sums.planned_count < {{ var('ranking_min_planned') }} then 'plan too small'
        end as not_ranked_reason
    from working_days
    left join main_clients
        on
            working_days.period_start = main_clients.period_start
            and working_days.manager_id = main_clients.manager_id
    left join sums
        on
            working_days.period_start = sums.period_start
            and working_days.manager_id = sums.manager_id
)

select * from final
