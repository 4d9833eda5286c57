-- grain: month, kind of row, manager, client, interaction kind and interaction group
with run_period as (
    select close_month from {{ ref('run_period') }}
),

report_rows as (
    select
        row_kind,
        manager_id,
        client_id,
        interaction_kind,
        interaction_group,
        plan_ids,
        plan_version,
        planned_count,
        fact_count,
        fulfilled_count,
        unplanned_count,
        case when planned_count > 0 and client_id <> 'any' then 1 else 0 end
            as planned_client_count,
        case when planned_count > 0 and client_id <> 'any' then 1 - is_missed else 0 end
            as covered_client_count,
        amendment_count,
        amended_planned_count
    from {{ ref('int_plans__cells') }}
    union all
    select
        case when manager_id = 'all' then 'total' else 'manager' end,
        manager_id,
        'all',
        'all',
        'all',
        cast(null as {{ dbt.type_string() }}),
        cast(null as int),
        planned_count,
        fact_count,
        fulfilled_count,
        unplanned_count,
        planned_client_count,
        covered_client_count,
        amendment_count,
        cast(null as bigint)
    from {{ ref('int_plans__totals') }}
),

final as (
    select
        'month' as period_kind,
        run_period.close_month as period_start,
        run_period.close_month,
        report_rows.row_kind,
        report_rows.manager_id,
        report_rows.client_id,
        report_rows.interaction_kind,
        report_rows.interaction_group,
        case when report_rows.planned_count is null then 'no plan' else 'planned' end
            as plan_status,
        report_rows.plan_ids,
        report_rows.plan_version,
        cast(report_rows.planned_count as bigint) as planned_count,
        cast(report_rows.fact_count as bigint) as fact_count,
        cast(report_rows.fulfilled_count as bigint) as fulfilled_count,
        {{ ratio('report_rows.fulfilled_count', 'report_rows.planned_count') }}
            as fulfilment_share,
        {{ ratio('report_rows.fact_count', 'report_rows.planned_count') }} as uncapped_share,
        cast(report_rows.unplanned_count as bigint) as unplanned_count,
        cast(report_rows.planned_client_count as bigint) as planned_client_count,
        cast(report_rows.covered_client_count as bigint) as covered_client_count,
        {{ ratio('report_rows.covered_client_count', 'report_rows.planned_client_count') }}
            as coverage_share,
        cast(report_rows.amendment_count as bigint) as amendment_count,
        cast(report_rows.amended_planned_count as bigint) as amended_planned_count
    from report_rows
    cross join run_period
)

select * from final
