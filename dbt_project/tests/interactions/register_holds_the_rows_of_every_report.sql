-- A returned row is a figure of the month that the rows of the register do not add up to.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_interaction_register'}}}) }}
{%- set conditions = {
    'interaction': 'is_counted',
    'conversation': 'is_counted and is_conversation',
    'attempt': 'is_counted and is_attempt',
    'known_duration': "is_counted and duration_state = 'known'",
    'opened': 'is_opened',
    'due': "is_due and deadline_class <> 'not yet due'",
    'not_yet_due': "is_due and deadline_class = 'not yet due'",
    'on_time': "deadline_class = 'on time'",
    'late': "deadline_class = 'late'",
    'moved_after_expiry': "deadline_class = 'moved after expiry'",
    'cancelled_after_deadline': "deadline_class = 'cancelled after deadline'",
    'still_open': "deadline_class = 'still open'",
    'first_due': 'is_first_due and first_deadline_at <= as_of',
    'opening': "planned_activity like 'opening,%'",
    'added': "planned_activity like 'added,%'",
    'moved_in': "planned_activity like 'moved in,%'",
    'moved_out': "planned_activity like '%, moved out'",
    'planned_cancelled': "planned_activity like '%, cancelled'",
    'planned_done': "planned_activity like '%, done'",
    'planned_not_done': "planned_activity like '%, not done'",
    'next_period_planned': 'is_planned_next',
    'in_no_report': 'not (is_counted or is_in_outcomes or is_overdue_flow or is_due or is_first_due'
    ~ ' or is_planned or is_planned_next or is_opened)',
} %}
with register as (
    select
        rpt_interaction_register.*,
        run_period.as_of
    from {{ ref('rpt_interaction_register') }} as rpt_interaction_register
    inner join {{ ref('run_period') }} as run_period
        on rpt_interaction_register.close_month = run_period.close_month
),

run_period as (
    select * from {{ ref('run_period') }}
),

registered as (
    {%- for figure, condition in conditions.items() %}
        select
            '{{ figure }}' as figure,
            count(*) as register_count
        from register
        where {{ condition }}
        union all
    {%- endfor %}
    select
        outcome,
        count(*)
    from register
    where is_in_outcomes
    group by outcome
),

reported as (
    select
        'in_no_report' as figure,
        0 as figure_count
    union all
    {%- for figure, report in {
        'interaction': 'rpt_interaction_kpis',
        'conversation': 'rpt_interaction_kpis',
        'attempt': 'rpt_interaction_kpis',
        'known_duration': 'rpt_interaction_kpis',
        'opened': 'rpt_interaction_groups',
    }.items() %}
        select
            '{{ figure }}' as figure,
            sum(report.{{ figure }}_count) as figure_count
        from {{ ref(report) }} as report
        inner join run_period on report.close_month = run_period.close_month
        where
            report.period_kind = 'month'
            and report.manager_id = 'all'
            and report.interaction_group = 'all'
            {%- if report == 'rpt_interaction_kpis' %}
                and report.interaction_kind = 'all'
                and report.attribution = 'performer'
            {%- endif %}
        union all
    {%- endfor %}
    {%- for figure in [
        'due', 'not_yet_due', 'on_time', 'late', 'moved_after_expiry', 'cancelled_after_deadline',
        'still_open', 'first_due'
    ] %}
        select
            '{{ figure }}',
            sum(report.{{ figure }}_count)
        from {{ ref('rpt_deadline_compliance') }} as report
        inner join run_period on report.close_month = run_period.close_month
        where report.manager_id = 'all'
        union all
    {%- endfor %}
    {%- for figure in [
        'opening', 'added', 'moved_in', 'moved_out', 'cancelled', 'done', 'not_done',
        'next_period_planned'
    ] %}
        select
            '{{ 'planned_' ~ figure if figure in ('cancelled', 'done', 'not_done') else figure }}',
            coalesce(sum(report.{{ figure }}_count), 0)
        from {{ ref('rpt_planned_activity') }} as report
        inner join run_period on report.close_month = run_period.close_month
        union all
    {%- endfor %}
    {%- for outcome in interaction_outcomes() %}
        select
            '{{ outcome }}',
            coalesce(sum(report.{{ outcome | replace(',', '') | replace(' ', '_') }}_count), 0)
        from {{ ref('rpt_interaction_outcomes') }} as report
        inner join run_period on report.close_month = run_period.close_month
        where report.period_kind = 'month'
        {{- ' union all' if not loop.last }}
    {%- endfor %}
)

select
    reported.figure,
    reported.figure_count,
    registered.register_count
from reported
left join registered on reported.figure = registered.figure
where reported.figure_count <> coalesce(registered.register_count, 0)
