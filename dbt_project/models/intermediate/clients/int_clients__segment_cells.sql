-- grain: finest cell (clients with the same values throughout), characteristic and value
with segment_values as (
    select * from {{ ref('int_clients__segment_values') }}
),

clients as (
    select
        boundary,
        client_id,
        md5({{ sorted_list("characteristic || '=' || value", '|') }}) as cell_id
    from segment_values
    group by boundary, client_id
),

cells as (
    select
        cell_id,
        count(case when boundary = 'end' then 1 end) as client_count,
        count(case when boundary = 'start' then 1 end) as previous_client_count
    from clients
    group by cell_id
)

select distinct
    cells.cell_id,
    segment_values.characteristic,
    segment_values.value,
    cells.client_count,
    cells.previous_client_count
from cells
inner join clients on cells.cell_id = clients.cell_id
inner join segment_values
    on clients.boundary = segment_values.boundary and clients.client_id = segment_values.client_id
