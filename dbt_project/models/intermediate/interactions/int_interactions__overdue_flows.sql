-- grain: period, manager and interaction kind with anything overdue at its start or in it
with periods as (
    select * from {{ ref('int_periods') }}
),

spells as (
    select * from {{ ref('int_interactions__overdue_spells') }}
)

select
    periods.period_kind,
    periods.period_start,
    coalesce(spells.manager_id, 'no manager') as manager_id,
    spells.interaction_kind,
    count(case
        when
            spells.overdue_from < periods.start_at
            and coalesce(spells.overdue_to >= periods.start_at, true) then 1
    end) as overdue_opening_count,
    count(case
        when spells.is_inflow and spells.overdue_from >= periods.start_at then 1
    end) as overdue_inflow_count,
    count(case
        when spells.is_transferred_in and spells.overdue_from >= periods.start_at then 1
    end) as overdue_transferred_in_count,
    count(case
        when spells.is_outflow and spells.overdue_to < periods.end_at then 1
    end) as overdue_outflow_count,
    count(case
        when spells.is_transferred_out and spells.overdue_to < periods.end_at then 1
    end) as overdue_transferred_out_count
from periods
inner join spells
    on
        periods.end_at > spells.overdue_from
        and coalesce(periods.start_at <= spells.overdue_to, true)
group by
    periods.period_kind,
    periods.period_start,
    coalesce(spells.manager_id, 'no manager'),
    spells.interaction_kind
