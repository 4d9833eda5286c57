-- A returned row is a month in which too many interactions have a type that nobody mapped to a
-- group. Add their types to seeds/reference/interaction_types.csv.
{{ config(meta={'dagster': {'ref': {'name': 'fct_interactions'}}}) }}
select
    facts.close_month,
    count(case when facts.interaction_group = 'unclassified' then 1 end) as unclassified_count,
    count(*) as interaction_count
from {{ ref('fct_interactions') }} as facts
inner join {{ ref('run_period') }} as run_period on facts.close_month = run_period.close_month
group by facts.close_month
having
    count(case when facts.interaction_group = 'unclassified' then 1 end)
    > {{ var('unclassified_share') }} * count(*)
