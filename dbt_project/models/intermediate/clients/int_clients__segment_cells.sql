-- grain: finest cell (clients with the same values throughout), characteristic and value
with segment_values as (
    select * from {{ ref('int_clients__segment_values') }}
),

clients as (
    select
        client_id,
        md5({{ sorted_list("characteristic || '=' || value", '|') }}) as cell_id
    from segment_values
    group by client_id
),

cells as (
    select
        cell_id,
        count(*) as client_count
    from clients
    group by cell_id
)

select distinct
    cells.cell_id,
    segment_values.characteristic,
    segment_values.value,
    cells.client_count
from cells
inner join clients on cells.cell_id = clients.cell_id
inner join segment_values on clients.client_id = segment_values.client_id
