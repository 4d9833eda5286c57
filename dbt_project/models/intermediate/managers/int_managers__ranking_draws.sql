-- grain: month, manager and draw (0: the manager's clients as they are)
{%- set counts = ranking_parts().values() | sum(start=[]) %}
with candidates as (
    select * from {{ ref('int_managers__ranking_candidates') }}
),

draws as (
    {{ number_series(1, var('ranking_draws')) }}
),

clients as (
    select
        clients.*,
        row_number() over (
            partition by clients.manager_id
            order by case when clients.client_id = 'no client' then 2 else 1 end, clients.client_id
        ) as place,
        count(*) over (partition by clients.manager_id) as client_count
    from {{ ref('int_managers__ranking_clients') }} as clients
    inner join {{ ref('int_months') }} as months
        on clients.period_start = months.period_start and months.is_closing
    inner join candidates
        on
            clients.period_start = candidates.period_start
            and clients.manager_id = candidates.manager_id
            and candidates.not_ranked_reason is null
),

drawn as (
    -- As many clients as the manager has, each draw by its own numbers.
    {%- set text = dbt.type_string() %}
    {%- set number -%}
        '{{ var('ranking_seed') }}|' || clients.manager_id || '|'
        || cast(draws.number as {{ text }}) || '|' || cast(clients.place as {{ text }})
    {%- endset %}
    select
        clients.manager_id,
        draws.number as draw,
        {{ hash_number(number) }} % clients.client_count + 1 as place
    from clients
    cross join draws
),

final as (
    select
        period_start,
        manager_id,
        0 as draw,
        {%- for count in counts %}
            {{ count }},
        {%- endfor %}
        not_ranked_reason is null as is_ranked
    from candidates
    union all
    select
        clients.period_start,
        drawn.manager_id,
        drawn.draw,
        {%- for count in counts %}
            cast(sum(clients.{{ count }}) as bigint),
        {%- endfor %}
        true
    from drawn
    inner join clients on drawn.manager_id = clients.manager_id and drawn.place = clients.place
    group by clients.period_start, drawn.manager_id, drawn.draw
)

select * from final
