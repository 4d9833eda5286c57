-- A returned row is a manager of the month who is missing from the ranking, has not the place that
-- the number of better scores gives, or is neither ranked nor has a reason.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_manager_ranking'}}}) }}
with ranking as (
    select rpt_manager_ranking.*
    from {{ ref('rpt_manager_ranking') }} as rpt_manager_ranking
    inner join {{ ref('run_period') }} as run_period
        on rpt_manager_ranking.close_month = run_period.close_month
),

better as (
    select
        ranking.manager_id,
        count(rivals.manager_id) + 1 as place
    from ranking
    left join ranking as rivals on ranking.score < rivals.score
    where ranking.is_ranked
    group by ranking.manager_id
)

select
    spine.manager_id,
    ranking.place,
    better.place as expected_place
from {{ ref('int_managers__in_periods') }} as spine
left join ranking on spine.manager_id = ranking.manager_id
left join better on spine.manager_id = better.manager_id
where
    spine.period_kind = 'month'
    and (
        ranking.manager_id is null
        or ranking.place is distinct from better.place
        or ranking.is_ranked <> (ranking.not_ranked_reason is null)
        or ranking.is_ranked <> (ranking.place is not null)
    )
