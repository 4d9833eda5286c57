-- A returned row is an intermediate relation with rows of the same key, or with none as the first
-- part of it. One test for all: one apiece would cost a close more than the relations do.
{{ config(meta={'dagster': {'ref': {'name': 'int_periods'}}}) }}
{%- set keys = [
    ('int_clients__absences', 'client_id, known_from, reason'),
    ('int_clients__activity', 'period_kind, period_start, client_id'),
    ('int_clients__at_boundaries', 'boundary, client_id'),
    ('int_clients__base_spells', 'client_id, entered_at'),
    (
        'int_clients__contact_persons',
        'client_id, person_id, position, role, unmapped_position, unmapped_role'
    ),
    ('int_clients__contact_state', 'client_id'),
    ('int_clients__first_contacts', 'period_kind, period_start, client_id'),
    ('int_clients__memberships', 'client_id, characteristic, entered_at'),
    ('int_clients__named_segments', 'boundary, client_id, segment'),
    ('int_clients__next_planned', 'client_id'),
    ('int_clients__owners', 'client_id, valid_from, manager_id'),
    ('int_clients__segment_cells', 'cell_id, characteristic, value'),
    ('int_clients__segment_values', 'boundary, client_id, characteristic, value'),
    ('int_clients__segments_in_force', 'segment'),
    ('int_clients__survivors', 'client_id, merge_count'),
    ('int_interactions__at_close', 'interaction_id'),
    ('int_interactions__attributed', 'period_kind, period_start, interaction_id, attribution'),
    ('int_interactions__classified', 'interaction_id'),
    (
        'int_interactions__client_counts',
        'period_kind, period_start, attribution, manager_id, interaction_kind, interaction_group'
    ),
    ('int_interactions__client_touches', 'client_id, interaction_id'),
    ('int_interactions__clients', 'interaction_id, client_id'),
    ('int_interactions__deadlines', 'period_start, interaction_id'),
    ('int_interactions__due', 'period_start, basis, interaction_id'),
    ('int_interactions__entries', 'interaction_id'),
    ('int_interactions__further_clients', 'interaction_id, client_id'),
    (
        'int_interactions__group_events',
        'period_kind, period_start, measure, interaction_id, client_id'
    ),
    ('int_interactions__in_periods', 'period_kind, period_start, interaction_id'),
    (
        'int_interactions__kpis',
        'period_kind, period_start, attribution, manager_id, interaction_kind, interaction_group'
    ),
    ('int_interactions__lateness', 'interaction_id'),
    ('int_interactions__overdue_flows', 'period_kind, period_start, manager_id, interaction_kind'),
    ('int_interactions__overdue_spells', 'interaction_id, overdue_from'),
    ('int_interactions__party_lists', 'interaction_id'),
    ('int_interactions__performers', 'interaction_id'),
    ('int_interactions__period_clients', 'period_kind, period_start, interaction_id, client_id'),
    ('int_interactions__period_outcomes', 'period_kind, period_start, interaction_id'),
    ('int_interactions__planned', 'interaction_id'),
    ('int_interactions__planned_ahead', 'interaction_id'),
    ('int_interactions__registered', 'interaction_id'),
    ('int_interactions__timeline', 'interaction_id, valid_from'),
    ('int_managers__client_load', 'client_id, manager_id, is_main'),
    ('int_managers__in_periods', 'period_kind, period_start, manager_id'),
    ('int_managers__ranking_candidates', 'period_start, manager_id'),
    ('int_managers__ranking_clients', 'period_start, manager_id, client_id'),
    ('int_managers__ranking_draws', 'period_start, manager_id, draw'),
    ('int_managers__ranking_scores', 'period_start, manager_id, draw'),
    ('int_managers__working_days', 'period_start, manager_id'),
    ('int_months', 'period_start'),
    ('int_periods', 'period_kind, period_start'),
    ('int_plans__amendments', 'period_start, plan_id'),
    ('int_plans__cells', 'row_kind, manager_id, client_id, interaction_kind, interaction_group'),
    ('int_plans__contacts', 'period_start, interaction_id, client_id'),
    ('int_plans__facts', 'period_start, plan_id, manager_id'),
    ('int_plans__lines', 'period_start, plan_id'),
    ('int_plans__norms', 'period_start, plan_id'),
    ('int_plans__parts', 'period_start, plan_id, manager_id'),
    ('int_plans__totals', 'manager_id'),
    ('int_working_days', 'calendar_date'),
] %}
with doubled as (
    {%- for relation, key in keys %}
        select '{{ relation }}' as relation_name
        from {{ ref(relation) }}
        group by {{ key }}
        having count(*) > 1 or min({{ key.split(', ')[0] }}) is null
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
)

select
    relation_name,
    count(*) as key_count
from doubled
group by relation_name
