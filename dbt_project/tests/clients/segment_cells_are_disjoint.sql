-- A returned row is a month whose finest cells do not add up to the base.
{{ config(meta={'dagster': {'ref': {'name': 'fct_segment_cells'}}}) }}
with cells as (
    select distinct
        fct_segment_cells.cell_id,
        fct_segment_cells.client_count
    from {{ ref('fct_segment_cells') }} as fct_segment_cells
    inner join {{ ref('run_period') }} as run_period
        on fct_segment_cells.close_month = run_period.close_month
),

total as (
    select coalesce(sum(client_count), 0) as client_count from cells
),

base as (
    select count(*) as client_count from {{ ref('int_clients__at_boundaries') }}
    where boundary = 'end'
)

select
    total.client_count,
    base.client_count as base_client_count
from total
cross join base
where total.client_count <> base.client_count
