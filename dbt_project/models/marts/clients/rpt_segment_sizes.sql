-- grain: month and combination of up to three characteristics with their values
with run_period as (
    select close_month from {{ ref('run_period') }}
),

cells as (
    select * from {{ ref('int_clients__segment_cells') }}
),

base as (
    select
        count(case when boundary = 'end' then 1 end) as base_client_count,
        count(case when boundary = 'start' then 1 end) as previous_client_count
    from {{ ref('int_clients__at_boundaries') }}
),

combinations as (
    select
        cast(null as {{ dbt.type_string() }}) as characteristic_1,
        cast(null as {{ dbt.type_string() }}) as value_1,
        cast(null as {{ dbt.type_string() }}) as characteristic_2,
        cast(null as {{ dbt.type_string() }}) as value_2,
        cast(null as {{ dbt.type_string() }}) as characteristic_3,
        cast(null as {{ dbt.type_string() }}) as value_3,
        base_client_count as client_count,
        previous_client_count
    from base
    union all
    select
        characteristic,
        value,
        null,
        null,
        null,
        null,
        sum(client_count),
        sum(previous_client_count)
    from cells
    group by characteristic, value
    union all
    select
        first_cells.characteristic as characteristic_1,
        first_cells.value as value_1,
        second_cells.characteristic as characteristic_2,
        second_cells.value as value_2,
        null,
        null,
        sum(first_cells.client_count),
        sum(first_cells.previous_client_count)
    from cells as first_cells
    inner join cells as second_cells
        on
            first_cells.cell_id = second_cells.cell_id
            and first_cells.characteristic < second_cells.characteristic
    group by
        first_cells.characteristic, first_cells.value,
        second_cells.characteristic, second_cells.value
    union all
    select
        first_cells.characteristic as characteristic_1,
        first_cells.value as value_1,
        second_cells.characteristic as characteristic_2,
        second_cells.value as value_2,
        third_cells.characteristic as characteristic_3,
        third_cells.value as value_3,
        sum(first_cells.client_count),
        sum(first_cells.previous_client_count)
    from cells as first_cells
    inner join cells as second_cells
        on
            first_cells.cell_id = second_cells.cell_id
            and first_cells.characteristic < second_cells.characteristic
    inner join cells as third_cells
        on
            second_cells.cell_id = third_cells.cell_id
            and second_cells.characteristic < third_cells.characteristic
    group by
        first_cells.characteristic, first_cells.value,
        second_cells.characteristic, second_cells.value,
        third_cells.characteristic, third_cells.value
),

final as (
    select
        'month' as period_kind,
        run_period.close_month as period_start,
        run_period.close_month,
        coalesce(nullif(concat_ws(
            ' + ',
            combinations.characteristic_1, combinations.characteristic_2,
            combinations.characteristic_3
        ), ''), 'all') as combination,
        combinations.characteristic_1,
        combinations.value_1,
        combinations.characteristic_2,
        combinations.value_2,
        combinations.characteristic_3,
        combinations.value_3,
        cast(combinations.client_count as bigint) as client_count,
        base.base_client_count,
        {{ ratio('combinations.client_count', 'base.base_client_count') }} as client_share,
        cast(combinations.previous_client_count as bigint) as previous_client_count,
        cast(combinations.client_count - combinations.previous_client_count as bigint)
            as change_client_count
    from combinations
    cross join run_period
    cross join base
)

select * from final
