-- grain: month, named segment and another one (with `any other`)
with run_period as (
    select close_month from {{ ref('run_period') }}
),

in_force as (
    select segment from {{ ref('int_clients__segments_in_force') }}
),

members as (
    select
        client_id,
        segment
    from {{ ref('int_clients__named_segments') }}
    where boundary = 'end'
),

sizes as (
    select
        segment,
        count(*) as client_count
    from members
    group by segment
),

pairs as (
    select
        in_force.segment,
        second_ones.segment as other_segment
    from in_force
    inner join in_force as second_ones on in_force.segment <> second_ones.segment
    union all
    select
        segment,
        'any other'
    from in_force
),

member_total as (
    select count(distinct client_id) as client_count from members
),

shared as (
    select
        members.segment,
        second_ones.segment as other_segment,
        members.client_id
    from members
    inner join members as second_ones
        on members.client_id = second_ones.client_id and members.segment <> second_ones.segment
),

overlap_counts as (
    select
        segment,
        other_segment,
        count(*) as client_count
    from shared
    group by segment, other_segment
    union all
    select
        segment,
        'any other',
        count(distinct client_id)
    from shared
    group by segment
),

counts as (
    select
        pairs.segment,
        pairs.other_segment,
        coalesce(sizes.client_count, 0) as client_count,
        coalesce(other_sizes.client_count, 0) as other_client_count,
        coalesce(overlap_counts.client_count, 0) as overlap_client_count,
        coalesce(sizes.client_count, 0) - coalesce(overlap_counts.client_count, 0)
            as exclusive_client_count
    from pairs
    left join sizes on pairs.segment = sizes.segment
    left join sizes as other_sizes on pairs.other_segment = other_sizes.segment
    left join overlap_counts
        on
            pairs.segment = overlap_counts.segment
            and pairs.other_segment = overlap_counts.other_segment
),

final as (
    select
        'month' as period_kind,
        run_period.close_month as period_start,
        run_period.close_month,
        counts.segment,
        counts.other_segment,
        counts.client_count,
        case
            -- All members but those of this segment alone.
            when counts.other_segment = 'any other'
                then member_total.client_count - counts.exclusive_client_count
            else counts.other_client_count
        end as other_client_count,
        counts.overlap_client_count,
        counts.exclusive_client_count,
        {{ ratio('counts.overlap_client_count', 'counts.client_count') }} as overlap_share
    from counts
    cross join run_period
    cross join member_total
)

select * from final
