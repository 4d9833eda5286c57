-- A returned row is a characteristic of a period whose values do not add up to the total, or whose
-- moves in and out are not the same number.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_client_growth'}}}) }}
{%- set columns = [
    'opening', 'new', 'migrated', 'restored', 'lost', 'merged', 'closing', 'active', 'reactivated'
] %}
with growth as (
    select growth.*
    from {{ ref('rpt_client_growth') }} as growth
    inner join {{ ref('run_period') }} as run_period
        on growth.close_month = run_period.close_month
),

sums as (
    select
        period_kind,
        period_start,
        characteristic,
        {%- for column in columns %}
            sum({{ column }}_client_count) as {{ column }}_client_count,
        {%- endfor %}
        sum(moved_in_client_count) as moved_in_client_count,
        sum(moved_out_client_count) as moved_out_client_count
    from growth
    group by period_kind, period_start, characteristic
)

select sums.*
from sums
inner join growth
    on
        sums.period_kind = growth.period_kind
        and sums.period_start = growth.period_start
        and growth.characteristic = 'all'
where
    sums.moved_in_client_count <> sums.moved_out_client_count
    {%- for column in columns %}
        or sums.{{ column }}_client_count <> growth.{{ column }}_client_count
    {%- endfor %}
