-- A returned row is a month whose base at its end (or start) differs between growth, segments,
-- manager load and the no-contact list.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_no_contact_clients'}}}) }}
with run_period as (
    select close_month from {{ ref('run_period') }}
),

growth as (
    select
        rpt_client_growth.close_month,
        rpt_client_growth.opening_client_count,
        rpt_client_growth.closing_client_count
    from {{ ref('rpt_client_growth') }} as rpt_client_growth
    inner join run_period on rpt_client_growth.close_month = run_period.close_month
    where
        rpt_client_growth.period_kind = 'month' and rpt_client_growth.characteristic = 'all'
),

segments as (
    select
        rpt_segment_sizes.client_count,
        rpt_segment_sizes.previous_client_count
    from {{ ref('rpt_segment_sizes') }} as rpt_segment_sizes
    inner join run_period on rpt_segment_sizes.close_month = run_period.close_month
    where rpt_segment_sizes.combination = 'all'
),

loads as (
    select sum(rpt_manager_load.main_client_count) as client_count
    from {{ ref('rpt_manager_load') }} as rpt_manager_load
    inner join run_period on rpt_manager_load.close_month = run_period.close_month
    where rpt_manager_load.client_class = 'all'
),

statuses as (
    select count(*) as client_count
    from {{ ref('rpt_no_contact_clients') }} as rpt_no_contact_clients
    inner join run_period on rpt_no_contact_clients.close_month = run_period.close_month
)

select
    growth.*,
    segments.client_count as segments_count,
    segments.previous_client_count,
    loads.client_count as loads_count,
    statuses.client_count as statuses_count
from growth
cross join segments
cross join loads
cross join statuses
where
    growth.closing_client_count <> segments.client_count
    or growth.opening_client_count <> segments.previous_client_count
    or growth.closing_client_count <> coalesce(loads.client_count, 0)
    or growth.closing_client_count <> statuses.client_count
