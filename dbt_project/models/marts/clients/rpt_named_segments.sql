-- grain: month and named segment
with run_period as (
    select close_month from {{ ref('run_period') }}
),

in_force as (
    select * from {{ ref('int_clients__segments_in_force') }}
),

base as (
    select count(*) as base_client_count from {{ ref('int_clients__at_boundaries') }}
    where boundary = 'end'
),

members as (
    select
        segment,
        client_id,
        max(case when boundary = 'end' then 1 else 0 end) as is_member,
        max(case when boundary = 'start' then 1 else 0 end) as was_member
    from {{ ref('int_clients__named_segments') }}
    group by segment, client_id
),

counts as (
    select
        segment,
        sum(is_member) as client_count,
        sum(was_member) as previous_client_count,
        sum(case when is_member > was_member then 1 else 0 end) as entered_client_count,
        sum(case when is_member < was_member then 1 else 0 end) as left_client_count
    from members
    group by segment
),

final as (
    select
        'month' as period_kind,
        run_period.close_month as period_start,
        run_period.close_month,
        in_force.segment,
        in_force.segment_title,
        in_force.segment_version,
        cast(coalesce(counts.client_count, 0) as bigint) as client_count,
        base.base_client_count,
        {{ ratio('coalesce(counts.client_count, 0)', 'base.base_client_count') }} as client_share,
        cast(coalesce(counts.previous_client_count, 0) as bigint) as previous_client_count,
        cast(coalesce(counts.entered_client_count, 0) as bigint) as entered_client_count,
        cast(coalesce(counts.left_client_count, 0) as bigint) as left_client_count
    from in_force
    cross join run_period
    cross join base
    left join counts on in_force.segment = counts.segment
)

select * from final
