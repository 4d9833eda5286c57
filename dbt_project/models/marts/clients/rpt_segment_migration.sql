-- grain: month, named segment that clients left and the one that they entered
with run_period as (
    select close_month from {{ ref('run_period') }}
),

base as (
    select * from {{ ref('int_clients__at_boundaries') }}
),

clients as (
    select distinct client_id from base
),

states as (
    {%- for boundary in ['start', 'end'] %}
        select
            '{{ boundary }}' as boundary,
            clients.client_id,
            case
                when base.client_id is null then 'not in base'
                else coalesce(members.segment, 'no segment')
            end as segment
        from clients
        left join base
            on clients.client_id = base.client_id and base.boundary = '{{ boundary }}'
        left join {{ ref('int_clients__named_segments') }} as members
            on clients.client_id = members.client_id and members.boundary = '{{ boundary }}'
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

changes as (
    select
        client_id,
        segment,
        max(case when boundary = 'start' then 1 else 0 end) as was_in,
        max(case when boundary = 'end' then 1 else 0 end) as is_in
    from states
    group by client_id, segment
),

segments_left as (
    select * from changes
    where is_in = 0
),

segments_entered as (
    select * from changes
    where was_in = 0
),

moves as (
    select
        segment as segment_from,
        segment as segment_to
    from changes
    where was_in = 1 and is_in = 1
    union all
    select
        coalesce(segments_left.segment, 'none left') as segment_from,
        coalesce(segments_entered.segment, 'none entered') as segment_to
    from segments_left
    full outer join segments_entered on segments_left.client_id = segments_entered.client_id
),

final as (
    select
        'month' as period_kind,
        run_period.close_month as period_start,
        run_period.close_month,
        moves.segment_from,
        moves.segment_to,
        count(*) as client_count
    from moves
    cross join run_period
    group by run_period.close_month, moves.segment_from, moves.segment_to
)

select * from final
