-- grain: period, interaction group and manager (each with `all`)
with periods as (
    select * from {{ ref('int_periods') }}
),

events as (
    select
        events.*,
        interactions.result_class,
        case
            when events.measure = 'closed' and interactions.completed_at >= interactions.created_at
                then {{ seconds_between('interactions.created_at', 'interactions.completed_at') }}
        end as seconds_to_close
    from {{ ref('int_interactions__group_events') }} as events
    inner join {{ ref('int_interactions__classified') }} as interactions
        on events.interaction_id = interactions.interaction_id
),

counts as (
    select
        period_kind,
        period_start,
        coalesce(interaction_group, 'all') as interaction_group,
        coalesce(manager_id, 'all') as manager_id,
        {%- for measure in ['counted', 'previous', 'opened', 'closed', 'first contact'] %}
            count(case when measure = '{{ measure }}' then 1 end)
                as {{ measure | replace(' ', '_') }}_count,
        {%- endfor %}
        count(distinct case when measure = 'client' then client_id end) as client_count,
        count(case when measure = 'counted' and interaction_group = 'first_contact' then 1 end)
            as labelled_first_contact_count,
        {%- for result in ['positive', 'neutral', 'negative', 'none', 'unmapped'] %}
            count(case when measure = 'counted' and result_class = '{{ result }}' then 1 end)
                as {{ result }}_count,
        {%- endfor %}
        count(seconds_to_close) as timed_count,
        sum(seconds_to_close) as seconds_to_close,
        {{ percentile('seconds_to_close', 0.5, unit=3600) }} as median_hours_to_close
    from events
    group by period_kind, period_start, rollup(interaction_group), rollup(manager_id)
),

spine as (
    select
        period_kind,
        period_start,
        interaction_group,
        manager_id
    from counts
    union
    select
        period_kind,
        period_start,
        'all',
        manager_id
    from {{ ref('int_managers__in_periods') }}
    union
    select
        period_kind,
        period_start,
        'all',
        'all'
    from periods
),

final as (
    select
        spine.period_kind,
        spine.period_start,
        periods.close_month,
        spine.interaction_group,
        spine.manager_id,
        coalesce(counts.counted_count, 0) as interaction_count,
        coalesce(counts.previous_count, 0) as previous_interaction_count,
        coalesce(counts.counted_count - counts.previous_count, 0) as change_interaction_count,
        coalesce(counts.client_count, 0) as client_count,
        coalesce(counts.first_contact_count, 0) as first_contact_client_count,
        coalesce(counts.labelled_first_contact_count, 0) as labelled_first_contact_count,
        coalesce(counts.positive_count, 0) as positive_count,
        coalesce(counts.neutral_count, 0) as neutral_count,
        coalesce(counts.negative_count, 0) as negative_count,
        coalesce(counts.none_count, 0) as no_result_count,
        coalesce(counts.unmapped_count, 0) as unmapped_result_count,
        {{ ratio('counts.counted_count - counts.none_count', 'counts.counted_count') }}
            as with_result_share,
        {{ ratio(
            'counts.positive_count',
            '(counts.positive_count + counts.neutral_count + counts.negative_count)'
        ) }} as positive_share,
        coalesce(counts.opened_count, 0) as opened_count,
        coalesce(counts.closed_count, 0) as closed_count,
        {{ ratio('counts.seconds_to_close', '3600 * counts.timed_count', 2) }}
            as mean_hours_to_close,
        counts.median_hours_to_close
    from spine
    inner join periods
        on spine.period_kind = periods.period_kind and spine.period_start = periods.period_start
    left join counts
        on
            spine.period_kind = counts.period_kind
            and spine.period_start = counts.period_start
            and spine.interaction_group = counts.interaction_group
            and spine.manager_id = counts.manager_id
)

select * from final
