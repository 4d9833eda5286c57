-- A returned row is a manager of the month whose parts do not follow from their counts, whose
-- weights do not sum to 1, or whose score is not the sum of the parts by their weights.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_manager_ranking'}}}) }}
{%- set parts = ranking_parts() %}
with ranking as (
    select
        rpt_manager_ranking.*,
        {%- for part in parts %}
            {{ '+ ' if not loop.first }}{{ part }}_weight
        {%- endfor %} as weight_sum,
        {%- for part in parts %}
            {{ '+ ' if not loop.first }}{{ part }}_weight * coalesce({{ part }}_part, 0)
        {%- endfor %} as recomputed_score
    from {{ ref('rpt_manager_ranking') }} as rpt_manager_ranking
    inner join {{ ref('run_period') }} as run_period
        on rpt_manager_ranking.close_month = run_period.close_month
)

select
    period_start,
    manager_id,
    score,
    recomputed_score,
    weight_sum
from ranking
where
    -- Weights stand in the row with four decimals.
    coalesce(abs(score - recomputed_score) > 0.0004, false)
    or coalesce(abs(weight_sum - 1) > 0.0004, true)
    {%- for part, counts in parts.items() if part != 'no_overdue' %}
        or (coalesce({{ part }}_part, 0) > 0) <> ({{ counts[0] }} > 0)
        or coalesce(abs({{ part }}_part * {{ counts[1] }} - {{ counts[0] }}), 0)
        > 0.000001 * {{ counts[1] }}
    {%- endfor %}
    or abs((1 - no_overdue_part) * open_count - overdue_count) > 0.000001 * open_count
