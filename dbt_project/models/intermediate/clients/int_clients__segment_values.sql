-- grain: client in the base at the month's end, configured characteristic and value
with clients as (
    select * from {{ ref('int_clients__at_month_end') }}
),

period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

own_values as (
    -- Characteristics that the contract has as columns.
    {%- set own = ['client_kind', 'client_class', 'region', 'city', 'industry', 'source_channel'] %}
    {%- for characteristic in var('segment_characteristics') if characteristic in own %}
        select
            client_id,
            '{{ characteristic }}' as characteristic,
            {{ characteristic }} as value
        from clients
        union
    {%- endfor %}
    select distinct
        clients.client_id,
        further.characteristic,
        further.value
    from clients
    cross join period
    inner join {{ ref('client_characteristics') }} as further
        on
            clients.client_id = further.client_id
            and not further.is_deleted
            and {{ valid_before('further', 'period.end_at') }}
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
    clients.client_id,
    characteristics.characteristic,
    coalesce(own_values.value, 'unknown') as value
from clients
cross join characteristics
left join own_values
    on
        clients.client_id = own_values.client_id
        and characteristics.characteristic = own_values.characteristic
