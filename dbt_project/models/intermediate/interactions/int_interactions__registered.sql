-- grain: interaction whose figures enter a report of the month being closed
{%- set reasons = [
    'counted', 'in outcomes', 'overdue flow', 'due', 'first due', 'planned', 'planned next',
    'opened',
] %}
with months as (
    select * from {{ ref('int_months') }}
    where is_closing
),

planned as (
    select * from {{ ref('int_interactions__planned') }}
),

entries as (
    select
        interaction_id,
        'counted' as reason
    from {{ ref('int_interactions__in_periods') }}
    where period_kind = 'month'
    union all
    select
        outcomes.interaction_id,
        'in outcomes'
    from {{ ref('int_interactions__period_outcomes') }} as outcomes
    inner join months on outcomes.period_start = months.period_start
    where outcomes.period_kind = 'month'
    union all
    select
        spells.interaction_id,
        'overdue flow'
    from {{ ref('int_interactions__overdue_spells') }} as spells
    inner join months
        on
            spells.overdue_from < months.end_at
            and coalesce(spells.overdue_to, months.start_at) >= months.start_at
    union all
    select
        due.interaction_id,
        case when due.basis = 'current' then 'due' else 'first due' end
    from {{ ref('int_interactions__due') }} as due
    inner join months on due.period_start = months.period_start
    union all
    select
        interaction_id,
        'planned'
    from planned
    where is_planned
    union all
    select
        interaction_id,
        'planned next'
    from planned
    where is_next
    union all
    select
        interactions.interaction_id,
        'opened'
    from {{ ref('int_interactions__classified') }} as interactions
    inner join months
        on
            interactions.created_at >= months.start_at
            and interactions.created_at < months.end_at
)

select
    {%- for reason in reasons %}
        count(case when reason = '{{ reason }}' then 1 end) > 0
            as is_{{ reason | replace(' ', '_') }},
    {%- endfor %}
    interaction_id
from entries
group by interaction_id
