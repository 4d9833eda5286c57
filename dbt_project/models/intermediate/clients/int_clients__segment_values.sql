-- grain: boundary of the month, client in the base then, configured characteristic and value
with clients as (
    select * from {{ ref('int_clients__at_boundaries') }}
),

own_values as (
    -- Characteristics that the contract has as columns.
    {%- set own = ['client_kind', 'client_class', 'region', 'city', 'industry', 'source_channel'] %}
    {%- for characteristic in var('segment_characteristics') if characteristic in own %}
        select
            boundary,
            client_id,
            '{{ characteristic }}' as characteristic,
            {{ characteristic }} as value
        from clients
        union
    {%- endfor %}
    select distinct
        clients.boundary,
        clients.client_id,
        further.characteristic,
        further.value
    from clients
    inner join {{ ref('client_characteristics') }} as further
        on
            clients.client_id = further.client_id
            and not further.is_deleted
            and {{ valid_before('further', 'clients.boundary_at') }}
),

characteristics as (
    {%- for characteristic in var('segment_characteristics') %}
        select '{{ characteristic }}' as characteristic
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
)

select
    clients.boundary,
    clients.client_id,
    characteristics.characteristic,
    coalesce(own_values.value, 'unknown') as value
from clients
cross join characteristics
left join own_values
    on
        clients.boundary = own_values.boundary
        and clients.client_id = own_values.client_id
        and characteristics.characteristic = own_values.characteristic
