-- grain: month, manager (with `no manager` and `manager left`) and client class (with `all`)
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

loads as (
    select * from {{ ref('int_managers__client_load') }}
),

managers as (
    select spine.manager_id
    from {{ ref('int_managers__in_periods') }} as spine
    inner join period on spine.period_kind = period.period_kind
    inner join {{ ref('managers') }} as managers on spine.manager_id = managers.manager_id
    where coalesce(managers.left_on >= period.period_end, true)
    union
    select manager_id from loads
    union
    select 'no manager'
    union
    select 'manager left'
),

classes as (
    select 'all' as client_class
    union
    select client_class from loads
),

counts as (
    select
        manager_id,
        coalesce(client_class, 'all') as client_class,
        count(case when is_main then 1 end) as main_client_count,
        count(case when not is_main then 1 end) as second_client_count,
        count(case when is_main and is_active then 1 end) as active_client_count,
        sum(case when is_main then planned_next_month_count else 0 end)
            as planned_next_month_count
    from loads
    group by manager_id, rollup(client_class)
),

rows_of_managers as (
    select
        managers.manager_id,
        classes.client_class,
        case
            when managers.manager_id in ('no manager', 'manager left') then managers.manager_id
            else 'manager'
        end as row_kind,
        coalesce(counts.main_client_count, 0) as main_client_count,
        coalesce(counts.second_client_count, 0) as second_client_count,
        coalesce(counts.active_client_count, 0) as active_client_count,
        coalesce(counts.planned_next_month_count, 0) as planned_next_month_count
    from managers
    cross join classes
    left join counts
        on
            managers.manager_id = counts.manager_id
            and classes.client_class = counts.client_class
),

totals as (
    select
        client_class,
        sum(main_client_count) as base_client_count,
        {%- set of_managers = "case when row_kind = 'manager' then main_client_count end" %}
        min({{ of_managers }}) as least_main_client_count,
        {{ percentile(of_managers, 0.25) }} as lower_quartile_main_client_count,
        {{ percentile(of_managers, 0.5) }} as median_main_client_count,
        {{ percentile(of_managers, 0.75) }} as upper_quartile_main_client_count,
        max({{ of_managers }}) as most_main_client_count
    from rows_of_managers
    group by client_class
),

final as (
    select
        period.period_kind,
        period.period_start,
        period.close_month,
        load_rows.manager_id,
        load_rows.client_class,
        load_rows.row_kind,
        load_rows.main_client_count,
        load_rows.second_client_count,
        cast(totals.base_client_count as bigint) as base_client_count,
        {{ ratio('load_rows.main_client_count', 'totals.base_client_count') }}
            as main_client_share,
        {%- for place in ['least', 'lower_quartile', 'median', 'upper_quartile', 'most'] %}
            totals.{{ place }}_main_client_count,
        {%- endfor %}
        load_rows.active_client_count,
        load_rows.main_client_count - load_rows.active_client_count as silent_client_count,
        cast(load_rows.planned_next_month_count as bigint) as planned_next_month_count
    from rows_of_managers as load_rows
    cross join period
    inner join totals on load_rows.client_class = totals.client_class
)

select * from final
