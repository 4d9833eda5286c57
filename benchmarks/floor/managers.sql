-- Marts of models/marts/managers, out of what clients.sql left: base, activity, next_planned.

-- grain: month, manager (with `no manager` and `manager left`) and client class (with `all`)
create table rpt_manager_load as
with loads as (
    select
        coalesce(base.owner_manager_id, 'no manager') as manager_id,
        base.class_value as client_class,
        activity.is_active,
        coalesce(next_planned.planned_next_month_count, 0) as planned_next_month_count
    from base
    left join activity
        on
            base.client_id = activity.client_id
            and activity.period = (select months.period from numbered_periods as months where months.period_kind = 'month')
    left join next_planned on base.client_id = next_planned.client_id
    where base.is_in_base
),

counts as (
    select
        manager_id,
        coalesce(client_class, 'all') as client_class,
        count(*) as main_client_count,
        count(*) filter (where is_active) as active_client_count,
        sum(planned_next_month_count) as planned_next_month_count
    from loads
    group by manager_id, rollup (client_class)
),

rows_of as (
    select manager_id, 'manager' as row_kind
    from managers
    union all
    select unnest(['no manager', 'manager left']), unnest(['no manager', 'manager left'])
),

classes as (
    select 'all' as client_class
    union
    select client_class from counts
),

filled as (
    select
        rows_of.manager_id,
        rows_of.row_kind,
        classes.client_class,
        coalesce(counts.main_client_count, 0) as main_client_count,
        coalesce(counts.active_client_count, 0) as active_client_count,
        coalesce(counts.planned_next_month_count, 0) as planned_next_month_count
    from rows_of
    cross join classes
    left join counts on rows_of.manager_id = counts.manager_id and classes.client_class = counts.client_class
),

totals as (
    select
        client_class,
        sum(main_client_count) as base_client_count,
        min(main_client_count) filter (where row_kind = 'manager') as least,
        quantile_cont(cast(main_client_count as double), [0.25, 0.5, 0.75]) filter (where row_kind = 'manager')
            as quartiles,
        max(main_client_count) filter (where row_kind = 'manager') as most
    from filled
    group by client_class
)

select
    'month' as period_kind,
    getvariable('close_month') as period_start,
    getvariable('close_month') as close_month,
    filled.manager_id,
    filled.client_class,
    filled.row_kind,
    filled.main_client_count,
    -- Nobody is ever assigned as second manager.
    0 as second_client_count,
    totals.base_client_count,
    share(filled.main_client_count, totals.base_client_count) as main_client_share,
    totals.least as least_main_client_count,
    two_places(totals.quartiles[1]) as lower_quartile_main_client_count,
    two_places(totals.quartiles[2]) as median_main_client_count,
    two_places(totals.quartiles[3]) as upper_quartile_main_client_count,
    totals.most as most_main_client_count,
    filled.active_client_count,
    filled.main_client_count - filled.active_client_count as silent_client_count,
    filled.planned_next_month_count
from filled
inner join totals on filled.client_class = totals.client_class;

-- grain: month and manager; without plans nobody is ranked, now or in the month before, so that no draw is made
create table rpt_manager_ranking as
with period as (
    select
        *,
        cast(period_end - interval 1 day as date) as last_day
    from periods
    where period_kind = 'month'
),

calendar as (
    select count(*) as working_day_count
    from working_days
    inner join period
        on
            working_days.calendar_date >= period.period_start
            and working_days.calendar_date < period.period_end
    where working_days.is_working
),

weights as (
    select
        coalesce(sum(cast(lists.weight as decimal(9, 4))) filter (where lists.part = 'on_time'), 0) as on_time,
        coalesce(sum(cast(lists.weight as decimal(9, 4))) filter (where lists.part = 'no_overdue'), 0) as no_overdue
    from read_csv(getvariable('reference') || 'ranking_weights.csv', header = true, all_varchar = true) as lists
    inner join period
        on
            coalesce(cast(lists.valid_from as date) <= period.last_day, true)
            and coalesce(cast(lists.valid_to as date) > period.last_day, true)
),

main_clients as (
    select owner_manager_id as manager_id, count(*) as main_client_count
    from base
    where is_in_base
    group by owner_manager_id
),

-- Due in the month and known to be so at as_of, and open at its end; the responsible never changed.
items as (
    select
        interactions.responsible_manager_id as manager_id,
        interactions.deadline_at >= period.start_at
        and interactions.deadline_at < period.end_at
        and interactions.deadline_at <= period.as_of
        and coalesce(interactions.cancelled_at >= interactions.deadline_at, true) as is_due,
        interactions.completed_at <= interactions.deadline_at
        and interactions.completed_at < period.scheduled_close_at
        and coalesce(interactions.cancelled_at >= period.scheduled_close_at, true) as is_on_time,
        interactions.created_at < period.end_at
        and coalesce(interactions.closed_at >= period.end_at, true) as is_open,
        interactions.deadline_at < period.end_at as is_overdue
    from interactions
    cross join period
    where
        coalesce(interactions.closed_at >= period.end_at, true)
        or (interactions.deadline_at >= period.start_at and interactions.deadline_at < period.end_at)
),

sums as (
    select
        manager_id,
        count(*) filter (where is_due and is_on_time) as on_time_count,
        count(*) filter (where is_due) as due_count,
        count(*) filter (where is_open and is_overdue) as overdue_count,
        count(*) filter (where is_open) as open_count
    from items
    group by manager_id
),

candidates as (
    select
        managers.manager_id,
        main_clients.main_client_count,
        coalesce(sums.on_time_count, 0) as on_time_count,
        coalesce(sums.due_count, 0) as due_count,
        coalesce(sums.overdue_count, 0) as overdue_count,
        coalesce(sums.open_count, 0) as open_count,
        if(coalesce(sums.due_count, 0) = 0, 0, weights.on_time) as on_time_weight,
        weights.no_overdue as no_overdue_weight
    from managers
    cross join weights
    left join main_clients on managers.manager_id = main_clients.manager_id
    left join sums on managers.manager_id = sums.manager_id
)

select
    'month' as period_kind,
    period.close_month as period_start,
    period.close_month,
    candidates.manager_id,
    false as is_ranked,
    case
        when candidates.main_client_count is null then 'no clients'
        when calendar.working_day_count < getvariable('ranking_min_working_days') then 'too few working days'
        else 'no plan'
    end as not_ranked_reason,
    null::bigint as place,
    null::bigint as previous_place,
    null::bigint as place_from,
    null::bigint as place_to,
    null::boolean as is_apart_from_next,
    null::varchar as next_manager_id,
    null::decimal(18, 6) as score,
    null::decimal(18, 6) as fulfilment_part,
    0 as fulfilled_count,
    0 as planned_count,
    share(0, candidates.on_time_weight + candidates.no_overdue_weight) as fulfilment_weight,
    null::decimal(18, 6) as coverage_part,
    0 as covered_client_count,
    0 as planned_client_count,
    share(0, candidates.on_time_weight + candidates.no_overdue_weight) as coverage_weight,
    cast(cast(candidates.on_time_count / nullif(candidates.due_count, 0) as decimal(38, 8)) as decimal(18, 6))
        as on_time_part,
    candidates.on_time_count,
    candidates.due_count,
    share(candidates.on_time_weight, candidates.on_time_weight + candidates.no_overdue_weight) as on_time_weight,
    coalesce(
        cast(
            cast(
                (candidates.open_count - candidates.overdue_count) / nullif(candidates.open_count, 0)
                as decimal(38, 8)
            ) as decimal(18, 6)
        ),
        1
    ) as no_overdue_part,
    candidates.overdue_count,
    candidates.open_count,
    share(candidates.no_overdue_weight, candidates.on_time_weight + candidates.no_overdue_weight)
        as no_overdue_weight,
    coalesce(candidates.main_client_count, 0) as main_client_count,
    calendar.working_day_count,
    0 as absence_day_count
from candidates
cross join period
cross join calendar;
