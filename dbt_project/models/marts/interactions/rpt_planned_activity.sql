-- grain: month, manager and interaction kind
{%- set flows = ['opening', 'added', 'moved_in', 'moved_out', 'cancelled', 'done', 'not_done'] %}
with months as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

counts as (
    select
        coalesce(manager_id, 'no manager') as manager_id,
        interaction_kind,
        {%- for flow in flows %}
            count(case when is_{{ flow }} then 1 end) as {{ flow }}_count,
        {%- endfor %}
        count(case when is_next then 1 end) as next_period_planned_count
    from {{ ref('int_interactions__planned') }}
    group by coalesce(manager_id, 'no manager'), interaction_kind
),

spine as (
    select
        manager_id,
        interaction_kind
    from counts
    -- Managers without a row of their own still stand in the report, with zeros.
    {%- for interaction_kind in ['call', 'meeting', 'task'] %}
        union
        select
            manager_id,
            '{{ interaction_kind }}'
        from {{ ref('int_managers__in_periods') }}
        where period_kind = 'month'
    {%- endfor %}
),

final as (
    select
        months.period_kind,
        months.period_start,
        months.close_month,
        spine.manager_id,
        spine.interaction_kind,
        {%- for flow in flows %}
            coalesce(counts.{{ flow }}_count, 0) as {{ flow }}_count,
        {%- endfor %}
        {{ ratio('counts.done_count', '(counts.done_count + counts.not_done_count)') }}
            as done_share,
        coalesce(counts.next_period_planned_count, 0) as next_period_planned_count
    from spine
    cross join months
    left join counts
        on
            spine.manager_id = counts.manager_id
            and spine.interaction_kind = counts.interaction_kind
)

select * from final
