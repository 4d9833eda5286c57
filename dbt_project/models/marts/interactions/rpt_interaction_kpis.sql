-- grain: period, attribution, manager, interaction kind and interaction group (each with `all`)
with measures as (
    select * from {{ ref('int_interactions__kpis') }}
),

clients as (
    select * from {{ ref('int_interactions__client_counts') }}
),

managers as (
    -- Managers without a row of their own still stand in the report, and so does the total.
    select
        period_kind,
        period_start,
        manager_id
    from {{ ref('int_managers__in_periods') }}
    union all
    select
        period_kind,
        period_start,
        'all'
    from {{ ref('int_periods') }}
),

spine as (
    select
        period_kind,
        period_start,
        attribution,
        manager_id,
        interaction_kind,
        interaction_group
    from measures
    {%- for attribution in ['performer', 'owner at event', 'owner at period end'] %}
        union
        select
            period_kind,
            period_start,
            '{{ attribution }}',
            manager_id,
            'all',
            'all'
        from managers
    {%- endfor %}
),

final as (
    select
        spine.period_kind,
        spine.period_start,
        periods.close_month,
        spine.attribution,
        spine.manager_id,
        spine.interaction_kind,
        spine.interaction_group,
        coalesce(measures.interaction_count, 0) as interaction_count,
        coalesce(clients.client_count, 0) as client_count,
        coalesce(measures.conversation_count, 0) as conversation_count,
        coalesce(measures.attempt_count, 0) as attempt_count,
        {{ rounded('coalesce(measures.call_seconds, 0) / 60.0') }} as call_minutes,
        {{ rounded('coalesce(measures.meeting_seconds, 0) / 60.0') }} as meeting_minutes,
        {{ rounded('coalesce(measures.person_seconds, 0) / 60.0') }} as person_minutes,
        {{ rounded('coalesce(measures.planned_seconds, 0) / 60.0') }} as planned_minutes,
        coalesce(measures.known_duration_count, 0) as known_duration_count,
        coalesce(measures.unknown_duration_count, 0) as unknown_duration_count,
        coalesce(measures.invalid_duration_count, 0) as invalid_duration_count,
        {{ ratio(
            'measures.known_seconds', '60 * measures.known_duration_count', 2
        ) }} as mean_minutes,
        measures.median_minutes,
        measures.p90_minutes
    from spine
    inner join {{ ref('int_periods') }} as periods
        on spine.period_kind = periods.period_kind and spine.period_start = periods.period_start
    left join measures
        on
            spine.period_kind = measures.period_kind
            and spine.period_start = measures.period_start
            and spine.attribution = measures.attribution
            and spine.manager_id = measures.manager_id
            and spine.interaction_kind = measures.interaction_kind
            and spine.interaction_group = measures.interaction_group
    left join clients
        on
            spine.period_kind = clients.period_kind
            and spine.period_start = clients.period_start
            and spine.attribution = clients.attribution
            and spine.manager_id = clients.manager_id
            and spine.interaction_kind = clients.interaction_kind
            and spine.interaction_group = clients.interaction_group
)

select * from final
