-- grain: interaction, moment and field
with supplied as (
    {{ contract_rows('interaction_changes', contract_columns(model.columns)) }}
),

edited_interactions as (
    select distinct interaction_id from {{ ref('interaction_versions') }}
    where not is_latest and {{ is_written() }}
),

effective as (
    select
        *,
        {{ effective_deadline(
            'coalesce(deadline_at, planned_end_at, planned_start_at)',
            'case when deadline_at is not null then deadline_is_date else is_all_day end'
        ) }} as effective_deadline_at
    from {{ ref('interaction_versions') }}
    where interaction_id in (select edited_interactions.interaction_id from edited_interactions)
),

versions as (
    select
        *,
        lag(known_from) over (partition by interaction_id order by known_from) as previous_from,
        lag(state) over (partition by interaction_id order by known_from) as previous_state,
        lag(responsible_manager_id) over (partition by interaction_id order by known_from)
            as previous_responsible_id,
        lag(effective_deadline_at) over (partition by interaction_id order by known_from)
            as previous_deadline_at,
        lag(planned_start_at) over (partition by interaction_id order by known_from)
            as previous_planned_start_at
    from effective
),

changes as (
    select
        interaction_id,
        known_from,
        'status' as field,
        previous_state as old_value,
        state as new_value,
        source_updated_at
    from versions
    where previous_from is not null and state is distinct from previous_state
    union all
    select
        interaction_id,
        known_from,
        'responsible',
        previous_responsible_id,
        responsible_manager_id,
        source_updated_at
    from versions
    where
        previous_from is not null
        and responsible_manager_id is distinct from previous_responsible_id
    union all
    select
        interaction_id,
        known_from,
        'deadline',
        cast(previous_deadline_at as {{ dbt.type_string() }}),
        cast(effective_deadline_at as {{ dbt.type_string() }}),
        source_updated_at
    from versions
    where previous_from is not null and effective_deadline_at is distinct from previous_deadline_at
    union all
    select
        interaction_id,
        known_from,
        'planned_start',
        cast(previous_planned_start_at as {{ dbt.type_string() }}),
        cast(planned_start_at as {{ dbt.type_string() }}),
        source_updated_at
    from versions
    where previous_from is not null and planned_start_at is distinct from previous_planned_start_at
),

recorded as (
    select distinct
        interaction_id,
        field
    from supplied
),

final as (
    select {{ canonical_columns(model.columns) }}
    from supplied
    where is_latest
    union all
    -- What the CRM recorded is seen between its loads once more.
    select
        changes.interaction_id,
        changes.known_from as changed_at,
        changes.field,
        changes.old_value,
        changes.new_value,
        cast(null as {{ dbt.type_string() }}) as changed_by_id,
        changes.source_updated_at,
        changes.known_from as loaded_at,
        false as is_deleted,
        cast(null as timestamp) as deleted_at
    from changes
    left join recorded
        on changes.interaction_id = recorded.interaction_id and changes.field = recorded.field
    where recorded.interaction_id is null
)

select * from final
