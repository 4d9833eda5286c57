-- grain: calendar date
select
    calendar_date,
    is_working,
    min(case when is_working then calendar_date end) over (
        order by calendar_date
        rows between current row and unbounded following
    ) as next_working_date,
    count(case when is_working then 1 end) over (
        order by calendar_date
        rows between unbounded preceding and current row
    ) as working_day_number
from {{ ref('working_calendar') }}
where not is_deleted
