-- grain: month, named segment at its start and at its end (`no segment`, `not in base` too)
with run_period as (
    select close_month from {{ ref('run_period') }}
),

states as (
    select
        base.boundary,
        base.client_id,
        coalesce(members.segment, 'no segment') as segment
    from {{ ref('int_clients__at_boundaries') }} as base
    left join {{ ref('int_clients__named_segments') }} as members
        on base.boundary = members.boundary and base.client_id = members.client_id
),

starts as (
    select * from states
    where boundary = 'start'
),

ends as (
    select * from states
    where boundary = 'end'
),

pairs as (
    select
        coalesce(starts.segment, 'not in base') as segment_from,
        coalesce(ends.segment, 'not in base') as segment_to
    from starts
    full outer join ends on starts.client_id = ends.client_id
),

final as (
    select
        'month' as period_kind,
        run_period.close_month as period_start,
        run_period.close_month,
        pairs.segment_from,
        pairs.segment_to,
        count(*) as client_count
    from pairs
    cross join run_period
    group by run_period.close_month, pairs.segment_from, pairs.segment_to
)

select * from final
