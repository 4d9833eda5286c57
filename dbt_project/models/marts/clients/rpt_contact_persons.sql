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
    select * from {{ ref('int_clients__contact_persons') }}
),

-- A client has one value of each characteristic: what is counted of it is added up. Persons are
-- too, but for the few that belong to several clients.
shared_persons as (
    select person_id from persons
    group by person_id
    having min(client_id) < max(client_id)
),

-- Null where all positions or roles are meant.
pairs as (
    select
        client_id,
        person_id,
        position,
        role,
        max(case when is_decision_maker then 1 else 0 end) as decision_maker_count
    from persons
    group by client_id, person_id, rollup(position), rollup(role)
),

clients_persons as (
    select
        pairs.client_id,
        pairs.position,
        pairs.role,
        count(*) as pair_count,
        count(case when shared_persons.person_id is null then 1 end) as own_person_count,
        max(pairs.decision_maker_count) as client_with_decision_maker_count
    from pairs
    left join shared_persons on pairs.person_id = shared_persons.person_id
    group by pairs.client_id, pairs.position, pairs.role
),

counts as (
    select
        client_values.characteristic,
        client_values.value,
        clients_persons.position,
        clients_persons.role,
        sum(clients_persons.pair_count) as pair_count,
        sum(clients_persons.own_person_count) as own_person_count,
        count(*) as client_count,
        sum(clients_persons.client_with_decision_maker_count) as client_with_decision_maker_count
    from client_values
    inner join clients_persons on client_values.client_id = clients_persons.client_id
    group by
        client_values.characteristic, client_values.value,
        clients_persons.position, clients_persons.role
),

shared_counts as (
    select
        client_values.characteristic,
        client_values.value,
        pairs.position,
        pairs.role,
        count(distinct pairs.person_id) as person_count
    from client_values
    inner join pairs on client_values.client_id = pairs.client_id
    inner join shared_persons on pairs.person_id = shared_persons.person_id
    group by client_values.characteristic, client_values.value, pairs.position, pairs.role
),

bases as (
    select
        characteristic,
        value,
        count(*) as base_client_count
    from client_values
    group by characteristic, value
),

-- The totals tell of clients without a person too.
cells as (
    select
        bases.characteristic,
        bases.value,
        counts.position,
        counts.role,
        coalesce(counts.pair_count, 0) as pair_count,
        coalesce(counts.own_person_count, 0) as own_person_count,
        coalesce(counts.client_count, 0) as client_count,
        coalesce(counts.client_with_decision_maker_count, 0) as client_with_decision_maker_count,
        case when counts.position is null and counts.role is null then bases.base_client_count end
            as base_client_count
    from bases
    left join counts
        on bases.characteristic = counts.characteristic and bases.value = counts.value
),

final as (
    select
        'month' as period_kind,
        run_period.close_month as period_start,
        run_period.close_month,
        cells.characteristic,
        cells.value,
        coalesce(cells.position, 'all') as position,
        coalesce(cells.role, 'all') as role,
        cast(cells.pair_count as bigint) as pair_count,
        cast(cells.own_person_count + coalesce(shared_counts.person_count, 0) as bigint)
            as person_count,
        cells.client_count,
        cells.base_client_count,
        cells.base_client_count - cells.client_count as client_without_person_count,
        cast(cells.base_client_count - cells.client_with_decision_maker_count as bigint)
            as client_without_decision_maker_count
    from cells
    cross join run_period
    left join shared_counts
        on
            cells.characteristic = shared_counts.characteristic
            and cells.value = shared_counts.value
            and cells.position is not distinct from shared_counts.position
            and cells.role is not distinct from shared_counts.role
)

select * from final
