-- A returned row is a named segment that is not what it was with who entered less who left, or that
-- has another size or number of stayers in the reports of overlap and migration.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_named_segments'}}}) }}
with run_period as (
    select close_month from {{ ref('run_period') }}
),

overlap_counts as (
    select rpt_segment_overlap.*
    from {{ ref('rpt_segment_overlap') }} as rpt_segment_overlap
    inner join run_period on rpt_segment_overlap.close_month = run_period.close_month
    where rpt_segment_overlap.other_segment = 'any other'
),

stayers as (
    select rpt_segment_migration.*
    from {{ ref('rpt_segment_migration') }} as rpt_segment_migration
    inner join run_period on rpt_segment_migration.close_month = run_period.close_month
    where rpt_segment_migration.segment_from = rpt_segment_migration.segment_to
)

select
    segments.segment,
    segments.client_count,
    segments.previous_client_count,
    segments.entered_client_count,
    segments.left_client_count,
    overlap_counts.client_count as overlap_client_count,
    stayers.client_count as stayer_count
from {{ ref('rpt_named_segments') }} as segments
inner join run_period on segments.close_month = run_period.close_month
left join overlap_counts on segments.segment = overlap_counts.segment
left join stayers on segments.segment = stayers.segment_from
where
    segments.client_count
    <> segments.previous_client_count + segments.entered_client_count - segments.left_client_count
    or segments.client_count is distinct from overlap_counts.client_count
    or segments.client_count
    <> overlap_counts.overlap_client_count + overlap_counts.exclusive_client_count
    or segments.client_count - segments.entered_client_count <> coalesce(stayers.client_count, 0)
    or segments.client_count > segments.base_client_count
