-- grain: interaction and start of the time in which responsible, deadline and plan stayed the same
with interactions as (
    select
        interaction_id,
        responsible_manager_id,
        {{ effective_deadline('deadline_at', 'deadline_is_date') }} as deadline_at,
        planned_start_at,
        coalesce(completed_at, cancelled_at) as closed_at
    from {{ ref('interactions') }}
    where {{ is_written() }}
),

changes as (
    select
        *,
        row_number() over (partition by interaction_id, field order by changed_at) as place
    from {{ ref('interaction_changes') }}
    where
        field in ('responsible', 'deadline', 'planned_start')
        and not is_deleted
        and {{ is_written() }}
),

known_values as (
    -- At the start the value that the first change replaced, then the one that each change brought.
    select
        interaction_id,
        cast(null as timestamp) as valid_from,
        field,
        old_value as field_value
    from changes
    where place = 1
    union all
    select
        interaction_id,
        changed_at,
        field,
        new_value
    from changes
),

moments as (
    select
        interaction_id,
        valid_from,
        {%- for field in ['responsible', 'deadline', 'planned_start'] %}
            max(case when field = '{{ field }}' then field_value end) as {{ field }},
            sum(max(case when field = '{{ field }}' then 1 else 0 end)) over (
                partition by interaction_id order by valid_from nulls first
                rows between unbounded preceding and current row
            ) as {{ field }}_run,
        {%- endfor %}
        lead(valid_from) over (
            partition by interaction_id order by valid_from nulls first
        ) as valid_to
    from known_values
    group by interaction_id, valid_from
),

carried as (
    -- A value holds until the next change of its field.
    select
        interaction_id,
        valid_from,
        {%- for field in ['responsible', 'deadline', 'planned_start'] %}
            max({{ field }}) over (partition by interaction_id, {{ field }}_run) as {{ field }},
            {{ field }}_run < max({{ field }}_run) over (partition by interaction_id)
                as is_{{ field }}_replaced,
        {%- endfor %}
        valid_to
    from moments
),

final as (
    -- The last value is the present one, also where nothing ever changed.
    select
        interactions.interaction_id,
        carried.valid_from,
        carried.valid_to,
        managers.manager_id,
        case
            when carried.is_deadline_replaced then cast(carried.deadline as timestamp)
            else interactions.deadline_at
        end as deadline_at,
        case
            when carried.is_planned_start_replaced then cast(carried.planned_start as timestamp)
            else interactions.planned_start_at
        end as planned_start_at,
        interactions.closed_at
    from interactions
    left join carried on interactions.interaction_id = carried.interaction_id
    left join {{ ref('managers') }} as managers
        on managers.manager_id = case
            when carried.is_responsible_replaced then carried.responsible
            else interactions.responsible_manager_id
        end
)

select * from final
