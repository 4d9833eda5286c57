-- A returned row is a characteristic whose values leave clients of the base out. Where a client has
-- several values the sum is larger, never smaller.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_segment_sizes'}}}) }}
select
    sizes.combination,
    max(sizes.base_client_count) as base_client_count,
    sum(sizes.client_count) as client_count
from {{ ref('rpt_segment_sizes') }} as sizes
inner join {{ ref('run_period') }} as run_period on sizes.close_month = run_period.close_month
group by sizes.combination
having
    sum(sizes.client_count) < max(sizes.base_client_count)
    or (
        sizes.combination in ('all', 'client_class', 'client_kind', 'region')
        and sum(sizes.client_count) <> max(sizes.base_client_count)
    )
