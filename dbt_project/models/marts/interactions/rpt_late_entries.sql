-- grain: month closed, month whose interactions are counted and manager (`all` for the total)
{%- set late = ['1 to 7', '8 to 30', '31 to 90', 'over 90'] %}
{%- set classes = ['in month', 'in grace days'] %}
{%- for days in late %}{% do classes.append('late ' ~ days ~ ' days') %}{% endfor %}
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

months as (
    select * from {{ ref('int_entry_months') }}
),

first_loads as (
    select
        source,
        min(extracted_at) as first_load_at
    from {{ ref('source_loads') }}
    group by source
),

states as (
    select
        months.event_month,
        count(first_loads.source) > 0 as is_reconstructed
    from months
    left join first_loads on months.end_at <= first_loads.first_load_at
    group by months.event_month
),

counts as (
    select
        event_month,
        coalesce(manager_id, 'all') as manager_id,
        count(*) as interaction_count,
        {%- for entry_class in classes + ['not judged'] %}
            count(case when entry_class = '{{ entry_class }}' then 1 end)
                as {{ entry_class | replace(' ', '_') }}_count,
        {%- endfor %}
        count(case when entry_class <> 'not judged' then 1 end) as judged_count,
        count(case when entry_class like 'late %' then 1 end) as late_count
    from {{ ref('int_interactions__entries') }}
    group by event_month, rollup(manager_id)
),

spine as (
    select
        event_month,
        manager_id
    from counts
    union
    select
        event_month,
        'all'
    from months
    -- Managers of the month closed stand in its row, with zeros too.
    union
    select
        period.period_start,
        managers.manager_id
    from {{ ref('int_managers__in_periods') }} as managers
    inner join period
        on
            managers.period_kind = period.period_kind
            and managers.period_start = period.period_start
),

final as (
    select
        period.period_kind,
        period.period_start,
        period.close_month,
        spine.event_month,
        spine.manager_id,
        {%- for count in ['interaction', 'not judged', 'judged'] + classes + ['late'] %}
            {%- set column = count | replace(' ', '_') ~ '_count' %}
            coalesce(counts.{{ column }}, 0) as {{ column }},
        {%- endfor %}
        {{ ratio('counts.judged_count - counts.in_month_count', 'counts.judged_count') }}
            as entered_after_month_share,
        {{ ratio('counts.judged_count - counts.late_count', 'counts.judged_count') }}
            as complete_at_close_share,
        states.is_reconstructed
    from spine
    cross join period
    inner join states on spine.event_month = states.event_month
    left join counts
        on spine.event_month = counts.event_month and spine.manager_id = counts.manager_id
)

select * from final
