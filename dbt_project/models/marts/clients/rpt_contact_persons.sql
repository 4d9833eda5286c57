-- grain: month, client characteristic, its value, position and role (all with `all`)
with run_period as (
    select close_month from {{ ref('run_period') }}
),

clients as (
    select * from {{ ref('int_clients__at_boundaries') }}
    where boundary = 'end'
),

client_values as (
    select
        client_id,
        'all' as characteristic,
        'all' as value
    from clients
    {%- for characteristic in var('contact_person_characteristics') %}
        union all
        select
            client_id,
            '{{ characteristic }}',
            coalesce({{ characteristic }}, 'unknown')
        from clients
    {%- endfor %}
),

persons as (
    -- Clients without a person stay, for the totals.
    select
        client_values.characteristic,
        client_values.value,
        client_values.client_id,
        persons.person_id,
        coalesce(persons.position, 'no person') as position,
        coalesce(persons.role, 'no person') as role,
        persons.is_decision_maker
    from client_values
    left join {{ ref('int_clients__contact_persons') }} as persons
        on client_values.client_id = persons.client_id
),

counts as (
    select
        characteristic,
        value,
        coalesce(position, 'all') as position,
        coalesce(role, 'all') as role,
        count(distinct client_id || '|' || person_id) as pair_count,
        count(distinct person_id) as person_count,
        count(distinct case when person_id is not null then client_id end) as client_count,
        count(distinct case when is_decision_maker then client_id end)
            as client_with_decision_maker_count,
        count(distinct client_id) as base_client_count
    from persons
    group by characteristic, value, rollup(position), rollup(role)
),

final as (
    select
        'month' as period_kind,
        run_period.close_month as period_start,
        run_period.close_month,
        counts.characteristic,
        counts.value,
        counts.position,
        counts.role,
        counts.pair_count,
        counts.person_count,
        counts.client_count,
        case when counts.position = 'all' and counts.role = 'all' then counts.base_client_count end
            as base_client_count,
        case
            when counts.position = 'all' and counts.role = 'all'
                then counts.base_client_count - counts.client_count
        end as client_without_person_count,
        case
            when counts.position = 'all' and counts.role = 'all'
                then counts.base_client_count - counts.client_with_decision_maker_count
        end as client_without_decision_maker_count
    from counts
    cross join run_period
    where counts.position <> 'no person' and counts.role <> 'no person'
)

select * from final
