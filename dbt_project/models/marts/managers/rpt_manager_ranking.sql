-- grain: month and manager
{%- set parts = ranking_parts() %}
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

scores as (
    select * from {{ ref('int_managers__ranking_scores') }}
),

ranked as (
    select
        period_start,
        manager_id,
        place,
        lead(manager_id) over (
            partition by period_start order by place, manager_id
        ) as next_manager_id
    from scores
    where draw = 0 and is_ranked
),

intervals as (
    select
        draws.manager_id,
        percentile_disc(0.05) within group (order by draws.place) as place_from,
        percentile_disc(0.95) within group (order by draws.place) as place_to,
        percentile_disc(0.05) within group (order by draws.score - next_draws.score)
            as least_difference,
        percentile_disc(0.95) within group (order by draws.score - next_draws.score)
            as most_difference
    from scores as draws
    inner join ranked
        on draws.period_start = ranked.period_start and draws.manager_id = ranked.manager_id
    left join scores as next_draws
        on
            draws.period_start = next_draws.period_start
            and draws.draw = next_draws.draw
            and ranked.next_manager_id = next_draws.manager_id
    where draws.draw > 0
    group by draws.manager_id
),

final as (
    select
        period.period_kind,
        period.period_start,
        period.close_month,
        candidates.manager_id,
        scores.is_ranked,
        candidates.not_ranked_reason,
        cast(ranked.place as bigint) as place,
        cast(previous.place as bigint) as previous_place,
        cast(intervals.place_from as bigint) as place_from,
        cast(intervals.place_to as bigint) as place_to,
        case
            when ranked.next_manager_id is not null
                then intervals.least_difference > 0 or intervals.most_difference < 0
        end as is_apart_from_next,
        ranked.next_manager_id,
        scores.score,
        {%- for part, counts in parts.items() %}
            scores.{{ part }}_part,
            candidates.{{ counts[0] }},
            candidates.{{ counts[1] }},
            scores.{{ part }}_weight,
        {%- endfor %}
        candidates.main_client_count,
        candidates.working_day_count,
        candidates.absence_day_count
    from period
    inner join {{ ref('int_managers__in_periods') }} as spine
        on period.period_kind = spine.period_kind and period.period_start = spine.period_start
    inner join {{ ref('int_managers__ranking_candidates') }} as candidates
        on
            period.period_start = candidates.period_start
            and spine.manager_id = candidates.manager_id
    inner join scores
        on
            candidates.period_start = scores.period_start
            and candidates.manager_id = scores.manager_id
            and scores.draw = 0
    left join ranked
        on
            period.period_start = ranked.period_start
            and candidates.manager_id = ranked.manager_id
    left join ranked as previous
        on
            period.previous_period_start = previous.period_start
            and candidates.manager_id = previous.manager_id
    left join intervals on candidates.manager_id = intervals.manager_id
)

select * from final
