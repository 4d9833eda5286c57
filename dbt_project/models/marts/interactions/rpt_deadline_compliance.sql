-- grain: month and responsible at the deadline (`all` for the total)
{%- set classes = [
    'on time', 'late', 'moved after expiry', 'cancelled after deadline', 'still open'
] %}
with months as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

due as (
    select
        due.*,
        coalesce(due.manager_id, 'no manager') as responsible_id,
        due.basis = 'current' and due.deadline_class <> 'not yet due' as is_counted
    from {{ ref('int_interactions__due') }} as due
    inner join months on due.period_start = months.period_start
),

counts as (
    select
        coalesce(responsible_id, 'all') as manager_id,
        {%- for basis, prefix in [('current', ''), ('first', 'first_')] %}
            count(case when basis = '{{ basis }}' and deadline_class <> 'not yet due' then 1 end)
                as {{ prefix }}due_count,
            {%- for class in classes %}
                count(case
                    when basis = '{{ basis }}' and deadline_class = '{{ class }}' then 1
                end) as {{ prefix }}{{ class | replace(' ', '_') }}_count,
            {%- endfor %}
        {%- endfor %}
        count(case when is_moved and is_counted then 1 end) as moved_count,
        sum(case when is_counted then move_count else 0 end) as move_count,
        count(case when is_moved_after_expiry and is_counted then 1 end)
            as moved_after_expiry_item_count,
        count(case when is_working_on_time and is_counted then 1 end) as working_on_time_count,
        count(case when basis = 'current' and deadline_class = 'not yet due' then 1 end)
            as not_yet_due_count
    from due
    group by rollup(responsible_id)
),

spine as (
    select manager_id from counts
    union
    select manager_id from {{ ref('int_managers__in_periods') }}
    where period_kind = 'month'
    union
    select 'all'
),

final as (
    select
        months.period_kind,
        months.period_start,
        months.close_month,
        spine.manager_id,
        {%- for prefix in ['', 'first_'] %}
            {%- for class in ['due'] + classes %}
                {%- set column = prefix ~ class | replace(' ', '_') ~ '_count' %}
                coalesce(counts.{{ column }}, 0) as {{ column }},
            {%- endfor %}
            {{ ratio('counts.' ~ prefix ~ 'on_time_count', 'counts.' ~ prefix ~ 'due_count') }}
                as {{ prefix }}on_time_share,
        {%- endfor %}
        coalesce(counts.moved_count, 0) as moved_count,
        cast(coalesce(counts.move_count, 0) as bigint) as move_count,
        coalesce(counts.moved_after_expiry_item_count, 0) as moved_after_expiry_item_count,
        coalesce(counts.working_on_time_count, 0) as working_on_time_count,
        {{ ratio('counts.working_on_time_count', 'counts.due_count') }} as working_on_time_share,
        coalesce(counts.not_yet_due_count, 0) as not_yet_due_count
    from spine
    cross join months
    left join counts on spine.manager_id = counts.manager_id
)

select * from final
